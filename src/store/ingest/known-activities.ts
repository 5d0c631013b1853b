// Which activities of a page are in the database already, whichever way their times are written: one indexed read over
// both tables, after a look whether there is anything at all where the page belongs. New history finds nothing there,
// and that look costs a tenth.
import { ActivityMap, MICROS_OF_ONE_ACTIVITY } from '../../domain/collecting/same-activity.js';
import { toInstant, toMicros } from '../../domain/instant.js';
import { lastRows, type Tenant } from '../tenant.js';
import { type KeyRange, keyRange, selectInStretch } from './key-range.js';
import type { PageToStore } from './page.js';
import type { PreparedActivity } from './prepare-activity.js';
import type { CollectedRow, Known, LedgerRow } from './sort-activities.js';

/** Exported for the test that explains its plan. */
export const LOOK_UP = `
  select 'event' as kind, activity_id, occurred_at, null as connection_id, null as site_id from events
   where account_id = $1 and s1_account_id = $2 and activity_id = any ($3) and occurred_at between $4 and $5
  union all
  select 'discard', activity_id, occurred_at, connection_id, site_id from discards
   where account_id = $1 and s1_account_id = $2 and activity_id = any ($3) and occurred_at between $4 and $5`;

type KnownRow = { readonly activity_id: string; readonly occurred_at: string } & (
  | { readonly kind: 'event' }
  | { readonly kind: 'discard'; readonly connection_id: string; readonly site_id: string | null }
);

/** Another collector was faster; the look-up of the next attempt will know. */
export class LedgerMoved extends Error {
  override readonly name = 'LedgerMoved';
}

export async function lookUpKnown(tenant: Tenant, page: PageToStore): Promise<Known> {
  const known = { events: new ActivityMap<true>(), discards: new ActivityMap<LedgerRow>() };
  const bounds = timeBounds(page.activities);
  if (bounds === null || !(await mayBeKnown(tenant, page))) return known;
  const values = [tenant.accountId, page.s1AccountId, idArray(page.activities), bounds.first, bounds.last];
  const { rows } = await tenant.client.query<KnownRow>(LOOK_UP, values);
  for (const row of rows) {
    const { activity_id: id, occurred_at: occurredAt } = row;
    const activity = { id, createdAtMicros: toMicros(occurredAt) };
    if (row.kind === 'event') known.events.set(activity, true);
    else known.discards.set(activity, { connectionId: row.connection_id, siteId: row.site_id, occurredAt });
  }
  return known;
}

async function mayBeKnown(tenant: Tenant, { s1AccountId, activities }: PageToStore): Promise<boolean> {
  const range = keyRange(activities);
  if (range === null) return true;
  const { accountId, client } = tenant;
  const statement = selectInStretch(
    { accountId, s1AccountId, range: widened(range) },
    (inStretch) =>
      `exists (select from events where ${inStretch}) or exists (select from discards where ${inStretch}) as known`,
  );
  const [row] = await lastRows<{ readonly known: boolean }>(client, statement);
  return row?.known !== false;
}

/** As the text of an array: an id holds no character that would need quotes, and none is the word `null`. */
const idArray = (rows: readonly { readonly id: string }[]): string => `{${rows.map(({ id }) => id).join(',')}}`;

const REMOVE = `
  delete from discards using unnest($3::text[], $4::timestamptz[]) as collected (activity_id, occurred_at)
   where discards.account_id = $1 and discards.s1_account_id = $2
     and discards.activity_id = collected.activity_id and discards.occurred_at = collected.occurred_at`;

/** Takes rows out of the discard ledger, in the transaction that stores them. */
export async function removeFromLedger(
  tenant: Tenant,
  page: PageToStore,
  rows: readonly CollectedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.activity.id);
  const times = rows.map((row) => row.occurredAt);
  const { rowCount } = await tenant.client.query(REMOVE, [tenant.accountId, page.s1AccountId, ids, times]);
  if (rowCount !== rows.length) throw new LedgerMoved(`discard ledger held ${String(rowCount)} of ${rows.length} rows`);
}

/** What the rows may be known by: their times, written in any way. */
const widened = <Range extends Pick<KeyRange, 'first' | 'last'>>(range: Range): Range => ({
  ...range,
  first: toInstant(toMicros(range.first) - MICROS_OF_ONE_ACTIVITY + 1),
  last: toInstant(toMicros(range.last) + MICROS_OF_ONE_ACTIVITY - 1),
});

/** Pages come sorted, but nothing here relies on it. Instants are written alike, so they compare as text. */
function timeBounds(activities: readonly PreparedActivity[]): { first: string; last: string } | null {
  const [start] = activities;
  if (start === undefined) return null;
  let first = start.createdAt;
  let last = start.createdAt;
  for (const { createdAt } of activities) {
    if (createdAt < first) first = createdAt;
    if (createdAt > last) last = createdAt;
  }
  return widened({ first, last });
}
