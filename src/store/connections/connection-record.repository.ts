// What is on record of a connection for people to look through, a page at a time: its timeline and its completeness
// checks.
import type { Selectable } from 'kysely';
import type { CompletenessChecksTable } from '../schema/collecting.js';
import type { ConnectionTimelineTable } from '../schema/connections.js';
import type { Tenant } from '../tenant.js';

interface Page {
  /** The key of the last row of the page before. */
  readonly before: string | null;
  readonly limit: number;
}

/** Newest first. */
export function listTimeline(
  { accountId, db }: Tenant,
  connectionId: string,
  { before, limit }: Page,
): Promise<Selectable<ConnectionTimelineTable>[]> {
  let query = db
    .selectFrom('connectionTimeline')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId);
  if (before !== null) query = query.where('id', '<', Number(before));
  return query.orderBy('id', 'desc').limit(limit).execute();
}

/** Newest window first. */
export function listChecks(
  { accountId, db }: Tenant,
  connectionId: string,
  { before, limit }: Page,
): Promise<Selectable<CompletenessChecksTable>[]> {
  let query = db
    .selectFrom('completenessChecks')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId);
  if (before !== null) query = query.where('fromAt', '<', before);
  return query.orderBy('fromAt', 'desc').limit(limit).execute();
}
