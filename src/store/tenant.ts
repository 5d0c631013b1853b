// The only way to a tenant's rows. `withTenant` opens a transaction, names the tenant in it for row-level security, and
// hands out the handle that every repository takes: whoever holds one is inside a transaction and knows its account.
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type pg from 'pg';
import { camelCase, type Database } from './database.js';
import type { Schema } from './schema.js';

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
    return await onClient(client)
      .transaction()
      .execute(async (db) => {
        // With a comma in front a list is never the word `all`, whatever it holds.
        const organizations = organizationIds === 'all' ? 'all' : `,${organizationIds.join(',')}`;
        await sql`
          select set_config('app.account_id', ${accountId}, true),
                 set_config('app.organization_ids', ${organizations}, true)`.execute(db);
        return fn({ accountId, db, client });
      });
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Kysely over one connection that stays ours until the transaction has ended. */
function onClient(client: pg.PoolClient): Kysely<Schema> {
  const lent = { query: client.query.bind(client), release: () => undefined };
  const pool = { connect: () => Promise.resolve(lent), end: () => Promise.resolve() };
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: pool as never }), plugins: [camelCase()] });
}
