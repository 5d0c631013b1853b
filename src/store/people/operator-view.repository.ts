// What whoever operates the product looks up before the tenant is known: the accounts, and whose a connection is. It
// looks at all accounts, so it takes the owner's database; nothing here is reachable over HTTP.
import { sql } from 'kysely';
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import { GONE, NEVER_ACCEPTED } from '../../domain/connection/connection-state.js';
import type { Database } from '../database.js';

export interface AccountOverview {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly billingBasis: BillingBasis;
  readonly createdAt: string;
  readonly organizations: number;
  /** Accepted once and not disconnected. */
  readonly connections: number;
}

/** By name. */
export async function listAccounts({ kysely }: Database): Promise<AccountOverview[]> {
  const { rows } = await sql<AccountOverview>`
    select id, name, time_zone, billing_basis, created_at,
           (select count(*) from organizations o where o.account_id = accounts.id and o.deleted_at is null) as organizations,
           (select count(*) from connections c where c.account_id = accounts.id
               and c.state not in (${sql.join([...NEVER_ACCEPTED, ...GONE])})) as connections
      from accounts order by name, id`.execute(kysely);
  return rows;
}

export interface ConnectionOwner {
  readonly accountId: string;
  readonly accountName: string;
  readonly connectionId: string;
}

/** Whose connections have an id that begins so, ten at most. `beginning` holds hexadecimal digits and dashes only. */
export async function findConnectionsBeginning({ kysely }: Database, beginning: string): Promise<ConnectionOwner[]> {
  return kysely
    .selectFrom('connections')
    .innerJoin('accounts', 'accounts.id', 'connections.accountId')
    .select(['connections.accountId', 'accounts.name as accountName', 'connections.id as connectionId'])
    .where(sql<boolean>`connections.id::text like ${`${beginning.toLowerCase()}%`}`)
    .orderBy('connections.id')
    .limit(10)
    .execute();
}
