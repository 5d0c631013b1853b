// Which rows of a page are in the database already, by id and time as they stand in it: what is held need not be parsed.
// Asked before the page's transaction and without a lock. That is safe, because what is held stays held (a row leaves the
// discards only by becoming an event, in one transaction), and the rest is looked up again inside the transaction. Nor need the
// answer be complete: a row of which it says nothing is parsed for nothing.
import type { ActivityKey } from '../../domain/activity.js';
import { parseTimestamptz } from '../database.js';
import type { Tenant } from '../tenant.js';
import { IN_RANGE, keyRange, rangeValues } from './key-range.js';
import { activityKey } from './sort-activities.js';

/**
 * One text for all rows: each row of a result costs us 3 µs, four times what finding it costs PostgreSQL. Limited, because a
 * page that is filtered by site covers a stretch that may hold millions of other rows.
 */
const HELD = `
  select coalesce(string_agg(activity_id || ' ' || occurred_at, ','), '') as held from (
    (select activity_id, occurred_at from events where ${IN_RANGE} limit $7)
    union all
    (select activity_id, occurred_at from discards where ${IN_RANGE} and not $8 limit $7)
  ) as rows`;

export interface HeldQuestion {
  readonly s1AccountId: string;
  readonly keys: readonly ActivityKey[];
  /** Whoever collects from the discard ledger has to read what is in it. */
  readonly fromLedger: boolean;
}

/** Keys (`activityKey`) of rows that are held, whether they are among those asked about or not. */
export async function heldRows(tenant: Tenant, { s1AccountId, keys, fromLedger }: HeldQuestion): Promise<Set<string>> {
  const range = keyRange(keys);
  if (range === null) return new Set();
  const values = [tenant.accountId, s1AccountId, ...rangeValues(range), 2 * keys.length, fromLedger];
  const { rows } = await tenant.client.query<{ readonly held: string }>(HELD, values);
  return new Set((rows[0]?.held ?? '').split(',').filter(Boolean).map(keyOf));
}

function keyOf(held: string): string {
  const at = held.indexOf(' ');
  return activityKey(held.slice(0, at), parseTimestamptz(held.slice(at + 1)));
}
