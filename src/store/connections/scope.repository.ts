// What a connection's token sees of its SentinelOne account, as it was last seen. Live position and comparisons are set
// back in the transaction that finds the scope lost: from then on nothing claims more than is sure.
import { sql } from 'kysely';
import { pullBack } from '../collecting/pull-back.repository.js';
import type { Tenant } from '../tenant.js';

/**
 * The token sees the whole account, and did when it was asked. Instants: our clock and the console's, just before it
 * was asked.
 */
export async function confirmScope(
  tenant: Tenant,
  connectionId: string,
  seen: { readonly at: string; readonly consoleAt: string },
): Promise<void> {
  await update(tenant, connectionId)
    .set({ scopeConfirmedAt: seen.at, scopeConfirmedThrough: seen.consoleAt, scopeLostAt: null })
    .execute();
}

/**
 * The token has another scope. Returns whether that is news; only then is anything set back: to the last moment at
 * which it saw everything, or, where nobody ever looked, to where collecting began.
 */
export async function loseScope(tenant: Tenant, connectionId: string): Promise<boolean> {
  const row = await update(tenant, connectionId)
    .set({ scopeLostAt: sql`now()` })
    .where('scopeLostAt', 'is', null)
    .returning(['scopeConfirmedAt', 'scopeConfirmedThrough', 'collectFrom', 'createdAt'])
    .executeTakeFirst();
  if (row === undefined) return false;
  const through = row.scopeConfirmedThrough ?? row.collectFrom;
  const comparedSince = row.scopeConfirmedAt ?? row.createdAt;
  if (through !== null) await pullBack(tenant, connectionId, { through, comparedSince });
  return true;
}

/** SentinelOne lists no site at all, since now or since before; or it lists some. */
export async function noteEmptySites(tenant: Tenant, connectionId: string, isEmpty: boolean): Promise<void> {
  await update(tenant, connectionId)
    .set({ sitesEmptiedAt: isEmpty ? sql`coalesce(sites_emptied_at, now())` : null })
    .where((where) => (isEmpty ? where.lit(true) : where('sitesEmptiedAt', 'is not', null)))
    .execute();
}

function update(tenant: Tenant, connectionId: string) {
  return tenant.db.updateTable('connections').where('accountId', '=', tenant.accountId).where('id', '=', connectionId);
}
