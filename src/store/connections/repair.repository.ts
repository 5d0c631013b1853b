// What repairing a connection's workflow reads and writes. It works for the worker and, by functions that run with
// their owner's rights, for the api, which may write nothing else of a connection's state.
import { sql } from 'kysely';
import type { ConnectionState } from '../../domain/connection/connection-state.js';
import type { StoredConnection } from '../../domain/connection/stored-connection.js';
import type { Database } from '../database.js';
import { listAccountsAfter } from '../people/account.repository.js';
import type { CreatedKey } from '../schema/column-types.js';
import { type Tenant, withTenant } from '../tenant.js';
import { readStoredConnection } from './stored-connection.repository.js';

export interface RepairableConnection {
  readonly stored: StoredConnection;
  readonly consoleUrl: string;
  /** Since the row was made, by the database's clock. */
  readonly ageMs: number;
  /** It was found gone, and nobody has recorded a restart since. */
  readonly isMissing: boolean;
  /** The latest restart that is on record. */
  readonly restartedAt: string | null;
}

/** Undefined when the connection has no row. */
export async function readRepairable(tenant: Tenant, connectionId: string): Promise<RepairableConnection | undefined> {
  const row = await tenant.db
    .selectFrom('connections')
    .select(['consoleUrl', sql<number>`(extract(epoch from now() - created_at) * 1000)::bigint`.as('ageMs')])
    .select([isMissing.as('isMissing'), 'workflowRestartedAt as restartedAt'])
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', connectionId)
    .executeTakeFirst();
  const stored = await readStoredConnection(tenant, connectionId);
  return row === undefined || stored === undefined ? undefined : { ...row, stored };
}

const isMissing = sql<boolean>`workflow_missing_since is not null`;

/**
 * Before it is started again. Until it was, a connection that is behind says that its workflow is gone. Nothing is
 * written when another restart is on record by now than `restartedAt`: then somebody else has started it.
 */
export async function recordMissing(
  { db }: Tenant,
  connectionId: string,
  { restartedAt }: Pick<RepairableConnection, 'restartedAt'>,
): Promise<void> {
  await sql`select record_workflow_missing(${connectionId}::uuid, ${restartedAt}::timestamptz)`.execute(db);
}

/**
 * The timeline says it, and a notice for a day; nothing is written of a workflow that was not missing. `how` it was: a
 * `WorkflowEnd`, or `unknown`.
 */
export async function recordRestart({ db }: Tenant, connectionId: string, how: string): Promise<void> {
  await sql`select record_workflow_restart(${connectionId}::uuid, ${how})`.execute(db);
}

/**
 * Ends a creation whose workflow is gone, as `command_expired`, and destroys its token. False, and nothing is done,
 * when it is younger than a minute or not `validating` any more.
 */
export async function refuseLostCreation({ db }: Tenant, connectionId: string): Promise<boolean> {
  const { rows } = await sql<{ refused: boolean }>`
    select refuse_lost_creation(${connectionId}::uuid) as refused`.execute(db);
  return rows[0]?.refused === true;
}

export interface ConnectionInState {
  readonly accountId: string;
  readonly connectionId: string;
  readonly state: ConnectionState;
  /** Whether its workflow was found gone before, and no restart is recorded. */
  readonly isMissing: boolean;
}

const PAGE_ROWS = 1_000;

/** Every account's connections but those that were refused, a page at a time. Takes the owner's database. */
export async function* connectionsOfAll({ kysely }: Database): AsyncGenerator<readonly ConnectionInState[]> {
  let last: ConnectionInState | undefined;
  do {
    let query = kysely
      .selectFrom('connections')
      .select(['accountId', 'id as connectionId', 'state', isMissing.as('isMissing')])
      .where('state', '!=', 'refused');
    if (last !== undefined) {
      const { accountId, connectionId } = last;
      query = query.where(sql<boolean>`(account_id, id) > (${accountId}::uuid, ${connectionId}::uuid)`);
    }
    const page = await query.orderBy('accountId').orderBy('id').limit(PAGE_ROWS).execute();
    yield page;
    last = page.length < PAGE_ROWS ? undefined : page.at(-1);
  } while (last !== undefined);
}

const PAGE_ACCOUNTS = 200;

/** The same for the api, which sees one account at a time. */
export async function* connectionsByAccount(database: Database): AsyncGenerator<readonly ConnectionInState[]> {
  let after: CreatedKey | null = null;
  do {
    const accounts: readonly CreatedKey[] = await listAccountsAfter(database, { after, limit: PAGE_ACCOUNTS });
    for (const { id } of accounts) yield await withTenant(database, id, 'all', connectionsOfAccount);
    after = accounts.length < PAGE_ACCOUNTS ? null : (accounts.at(-1) ?? null);
  } while (after !== null);
}

const connectionsOfAccount = ({ db, accountId }: Tenant): Promise<ConnectionInState[]> =>
  db
    .selectFrom('connections')
    .select(['accountId', 'id as connectionId', 'state', isMissing.as('isMissing')])
    .where('accountId', '=', accountId)
    .where('state', '!=', 'refused')
    .execute();

/** Whose a connection is; null when nobody's. Outside of any tenant's transaction, for whoever operates the product. */
export async function accountOfConnection({ kysely }: Database, connectionId: string): Promise<string | null> {
  const { rows } = await sql<{ accountId: string | null }>`
    select account_of_connection(${connectionId}::uuid) as account_id`.execute(kysely);
  return rows[0]?.accountId ?? null;
}
