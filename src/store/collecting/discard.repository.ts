// The discard ledger: which activities were dropped, never what they said.
import { sql } from 'kysely';
import type { Tenant } from '../tenant.js';

/** Ids of discards of these sites that named only an agent, oldest first. */
export async function ledgerOfAgents(
  tenant: Tenant,
  connectionId: string,
  siteIds: readonly string[],
): Promise<string[]> {
  const rows = await tenant.db
    .selectFrom('discards')
    .select('activityId')
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('siteId', '=', sql<string>`any (${[...siteIds]})`)
    .where('siteFrom', '=', 'agent')
    .orderBy('occurredAt')
    .orderBy('activityId')
    .execute();
  return rows.map((row) => row.activityId);
}

/** How many discards of these sites lie in `[fromAt, toAt)`. */
export async function countLedger(
  tenant: Tenant,
  of: {
    readonly connectionId: string;
    readonly siteIds: readonly string[];
    readonly fromAt: string;
    readonly toAt: string;
  },
): Promise<number> {
  const row = await tenant.db
    .selectFrom('discards')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', of.connectionId)
    .where('siteId', '=', sql<string>`any (${[...of.siteIds]})`)
    .where('occurredAt', '>=', of.fromAt)
    .where('occurredAt', '<', of.toAt)
    .executeTakeFirstOrThrow();
  return row.count;
}
