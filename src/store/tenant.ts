// The only way to a tenant's rows. `withTenant` opens a transaction, names the tenant in it for row-level security, and
// hands out the handle that every repository takes: whoever holds one is inside a transaction and knows its account.
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { CommitDriver } from './commit.js';
import { camelCase, type Database } from './database.js';
import type { Schema } from './schema/schema.js';

export interface Tenant {
  readonly accountId: string;
  readonly db: Transaction<Schema>;
  /** The transaction's own connection, for COPY. */
  readonly client: pg.PoolClient;
}

export type OrganizationScope = readonly string[] | 'all';

/** Runs `fn` in one transaction as this tenant; commits when it returns, rolls back when it throws. */
export async function withTenant<T>(
  database: Database,
  accountId: string,
  organizationIds: OrganizationScope,
  fn: (tenant: Tenant) => Promise<T>,
): Promise<T> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => (broken = error);
  client.on('error', onError); // a connection that breaks between two queries says so here and nowhere else
  try {
    return await onClient(client, settingsOf(accountId, organizationIds))
      .transaction()
      .execute((db) => fn({ accountId, db, client }));
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/**
 * Rows of one statement as this tenant, in one round trip: for a look that every page takes. PostgreSQL runs the two
 * statements of one message in a transaction of their own. The statement has no parameters: its values stand in it, as
 * literals.
 */
export async function readAsTenant<Row extends pg.QueryResultRow>(
  database: Database,
  accountId: string,
  statement: string,
): Promise<Row[]> {
  return lastRows(database.pool, `${settingsOf(accountId, 'all')}; ${statement}`);
}

/** Rows of the last of several statements in one message. */
export async function lastRows<Row extends pg.QueryResultRow>(
  client: Pick<pg.Pool | pg.PoolClient, 'query'>,
  statements: string,
): Promise<Row[]> {
  const results: unknown = await client.query(statements);
  return (results as readonly pg.QueryResult<Row>[]).at(-1)?.rows ?? [];
}

function settingsOf(accountId: string, organizationIds: OrganizationScope): string {
  // With a comma in front a list is never the word `all`, whatever it holds.
  const organizations = organizationIds === 'all' ? 'all' : `,${organizationIds.join(',')}`;
  return `select set_config('app.account_id', ${pg.escapeLiteral(accountId)}, true),
                 set_config('app.organization_ids', ${pg.escapeLiteral(organizations)}, true)`;
}

/** Begins and names the tenant in one round trip: no statement can come between. */
class TenantDriver extends CommitDriver {
  constructor(
    config: PostgresDialectConfig,
    private readonly settings: string,
  ) {
    super(config);
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`begin; ${this.settings}`));
  }
}

/** Kysely over one connection that stays ours until the transaction has ended. */
function onClient(client: pg.PoolClient, settings: string): Kysely<Schema> {
  const lent = { query: client.query.bind(client), release: () => undefined };
  const pool = { connect: () => Promise.resolve(lent), end: () => Promise.resolve() };
  const dialect = new PostgresDialect({ pool: pool as never });
  dialect.createDriver = () => new TenantDriver({ pool: pool as never }, settings);
  return new Kysely<Schema>({ dialect, plugins: [camelCase()] });
}
