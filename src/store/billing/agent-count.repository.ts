// SentinelOne's own count of installed agents beside the sum of its license counts, once a day of the account's
// calendar.
import { sql } from 'kysely';
import type { Tenant } from '../tenant.js';

export interface AgentCount {
  readonly day: string;
  readonly agents: number;
  readonly licenses: number;
}

export async function isCountedToday({ db, accountId }: Tenant, connectionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('agentCounts')
    .select('day')
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .where('day', '=', sql<string>`billing_day(account_id, now())`)
    .executeTakeFirst();
  return row !== undefined;
}

/** The first of a day stays. */
export async function recordAgentCount(
  { db, accountId }: Tenant,
  connectionId: string,
  { agents, licenses }: { readonly agents: number; readonly licenses: number },
): Promise<void> {
  await db
    .insertInto('agentCounts')
    .values({ accountId, connectionId, day: sql<string>`billing_day(${accountId}, now())`, agents, licenses })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export function latestAgentCount({ db, accountId }: Tenant, connectionId: string): Promise<AgentCount | undefined> {
  return db
    .selectFrom('agentCounts')
    .select(['day', 'agents', 'licenses'])
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst();
}
