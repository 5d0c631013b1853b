// One advisory lock per connection. Ingest takes it shared for the length of a page's transaction; whatever changes
// where activities go (mapping, agents' sites) takes it exclusively, so no page sees two answers.
import { sql } from 'kysely';
import type { Tenant } from './tenant.js';

/** The lock's name, whose hash is its key. */
export const routingLock = (accountId: string, connectionId: string): string => `routing/${accountId}/${connectionId}`;

export async function lockRouting(tenant: Tenant, connectionId: string, mode: 'shared' | 'exclusive'): Promise<void> {
  const key = sql`hashtextextended(${routingLock(tenant.accountId, connectionId)}, 0)`;
  await (
    mode === 'shared' ? sql`select pg_advisory_xact_lock_shared(${key})` : sql`select pg_advisory_xact_lock(${key})`
  ).execute(tenant.db);
}
