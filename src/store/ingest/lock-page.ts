// What a page locks before it looks its rows up. The unique key cannot stop two pages that bring one activity with its
// time written in two ways, so of two pages whose rows may be the same the later waits for the earlier, and then finds
// them known. A lock for each id would do as well, but PostgreSQL has room for some thousand locks in all, and six
// slices bring as many ids. So stretches of time are locked, which a row has in common with itself however its time is
// written: short ones where a page lies close together, longer ones by a page that is spread over hours. Pages of
// different slices hardly ever meet.
import { MICROS_OF_ONE_ACTIVITY } from '../../domain/collecting/same-activity.js';
import { MICROS_PER_SECOND } from '../../domain/instant.js';
import { routingLock } from '../connection-lock.js';
import type { Tenant } from '../tenant.js';
import type { PageToStore } from './page.js';

/** From long to short; a page of a busy account covers seconds, one of a quiet account's slice six hours. */
const STRETCH_SECONDS = [1024, 16];
/** A page that would need more of one length locks by the length before: all locks together have to stay few. */
const MAX_STRETCHES = 64;

export interface StretchLock {
  readonly name: string;
  readonly isExclusive: boolean;
}

/**
 * The locks of rows with these times, in the order in which everybody takes them. The shortest stretches are locked
 * exclusively, whatever holds them shared, so that a page which locks by longer ones meets those which do not.
 */
export function stretchLocks(times: readonly number[]): StretchLock[] {
  const levels = [['all']];
  for (const seconds of STRETCH_SECONDS) {
    const stretches = stretchesOf(times, seconds * MICROS_PER_SECOND);
    if (stretches.length > MAX_STRETCHES) break;
    levels.push(stretches.map((stretch) => `${seconds}/${stretch}`));
  }
  return levels.flatMap((names, level) => names.map((name) => ({ name, isExclusive: level === levels.length - 1 })));
}

/** With the stretch that begins right after a row, where the same row may lie by another way of writing its time. */
function stretchesOf(times: readonly number[], length: number): number[] {
  const stretches = new Set<number>();
  for (const time of times) {
    stretches.add(Math.floor(time / length));
    stretches.add(Math.floor((time + MICROS_OF_ONE_ACTIVITY - 1) / length));
  }
  return [...stretches].sort((a, b) => a - b);
}

/** One statement, because every page pays for it. The rows of an `unnest` come, and are locked, in their order. */
const LOCK = `
  select case when is_exclusive then pg_advisory_xact_lock(key) else pg_advisory_xact_lock_shared(key) end
    from (select hashtextextended(name, 0) as key, is_exclusive
            from unnest($1::text[], $2::boolean[]) as locks (name, is_exclusive)) as keys`;

/** The connection's routing lock, shared with other pages, and the stretches of time in which the page's rows lie. */
export async function lockPage(tenant: Tenant, { connectionId, s1AccountId, activities }: PageToStore): Promise<void> {
  const { accountId, client } = tenant;
  const stretches = stretchLocks(activities.map(({ createdAtMicros }) => createdAtMicros));
  const names = stretches.map(({ name }) => `activities/${accountId}/${s1AccountId}/${name}`);
  const values = [
    [routingLock(accountId, connectionId), ...names],
    [false, ...stretches.map(({ isExclusive }) => isExclusive)],
  ];
  await client.query({ name: 'lock_page', text: LOCK, values });
}
