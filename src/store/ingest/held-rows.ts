// Which rows of a page are in the database already, by id and time as they stand in it: what is held need not be parsed.
// Asked before the page's transaction and without a lock. That is safe, because what is held stays held (a row leaves the
// discards only by becoming an event, in one transaction), and the rest is looked up again inside the transaction. Nor need the
// answer be complete: a row of which it says nothing is parsed for nothing.
import { parseTimestamptz } from '../database.js';
import type { Tenant } from '../tenant.js';
import { IN_RANGE, rangeValues, type KeyRange } from './key-range.js';
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
  /** The stretch that the page's keys cover. */
  readonly range: KeyRange;
  readonly keyCount: number;
  /** Whoever collects from the discard ledger has to read what is in it. */
  readonly fromLedger: boolean;
}

/** What is held in the stretch, whether it was asked about or not, as one text for `keysOfHeld`. */
export async function heldRows(tenant: Tenant, question: HeldQuestion): Promise<string> {
  const { s1AccountId, range, keyCount, fromLedger } = question;
  const values = [tenant.accountId, s1AccountId, ...rangeValues(range), 2 * keyCount, fromLedger];
  const { rows } = await tenant.client.query<{ readonly held: string }>(HELD, values);
  return rows[0]?.held ?? '';
}

/** Keys (`activityKey`) of the rows in an answer of `heldRows`; of an empty one none. */
export const keysOfHeld = (held: string): Set<string> => new Set(held.split(',').filter(Boolean).map(keyOf));

function keyOf(held: string): string {
  const at = held.indexOf(' ');
  return activityKey(held.slice(0, at), parseTimestamptz(held.slice(at + 1)));
}
