import { rm } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { startPostgres } from '../../src/embedded/postgres/postgres.js';
import { chooseFreePorts } from '../../src/embedded/processes/free-port.js';
import { API_ROLE, openDatabase } from '../../src/store/database.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { migrateToLatest, migrationNames } from '../../src/store/migrate.js';
import { listOrganizations } from '../../src/store/people/organization.repository.js';
import { aConnection, activities, anAccount, aPage, asTenant } from '../support/builders.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

async function superuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const shapeOf = (url: string) =>
  superuser(url, async (client) => {
    const columns = `
      select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
       where table_schema = 'public' order by 1, ordinal_position`;
    const policies = `select tablename, policyname, qual, with_check from pg_policies order by 1, 2`;
    return [(await client.query(columns)).rows, (await client.query(policies)).rows];
  });

/** Who somebody is comes before whose rows they see: a person is looked up when no account is known yet. */
const SIGN_IN_TABLES = ['auth_users', 'auth_sessions', 'auth_accounts', 'auth_verifications', 'auth_rate_limits'];

describe('migrating', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createEmptyDatabase()));
  afterAll(() => database.drop());

  test('an empty database applies everything, and again applies nothing', async () => {
    expect(await migrateToLatest(database.url)).toEqual(await migrationNames());
    const shape = await shapeOf(database.url);
    expect(await migrateToLatest(database.url)).toEqual([]);
    expect(await shapeOf(database.url)).toEqual(shape);
  });

  test('from twenty connections at once applies everything once', async () => {
    const contended = await createEmptyDatabase();
    try {
      const applied = await Promise.all(Array.from({ length: 20 }, () => migrateToLatest(contended.url)));
      expect(applied.flat().sort()).toEqual(await migrationNames());
      expect(await shapeOf(contended.url)).toEqual(await shapeOf(database.url));
    } finally {
      await contended.drop();
    }
  });

  test('puts every tenant table under row-level security with a policy for the api', async () => {
    const { rows } = await superuser(database.url, (client) =>
      client.query<{ unguarded: string }>(
        `
        select relname as unguarded from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname not like 'kysely%'
           and relname not in (select unnest($1::text[]))
           and not (relrowsecurity and exists (select from pg_policy where polrelid = pg_class.oid))`,
        [SIGN_IN_TABLES],
      ),
    );
    expect(rows).toEqual([]);
  });

  test('gives every foreign key between tenant tables the tenant as its first column', async () => {
    const { rows } = await superuser(database.url, (client) =>
      client.query<{ conname: string }>(`
        select conname from pg_constraint
         where contype = 'f' and connamespace = 'public'::regnamespace and confrelid <> 'accounts'::regclass
           and exists (select from pg_attribute where attrelid = confrelid and attname = 'account_id')
           and (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) <> 'account_id'`),
    );
    expect(rows).toEqual([]);
  });

  test('says what is wrong when the database is not there', async () => {
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    await expect(migrateToLatest(url.href)).rejects.toMatchObject({ code: '3D000' });
  });
});

describe('an owner who is no superuser', () => {
  // A server of its own: roles belong to the whole server, and here the api's must not be there yet.
  let dataDir: string;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;

  beforeAll(async () => {
    dataDir = await temporaryDataDir();
    postgres = await startPostgres({ dataDir, durable: false, preferredPort: (await chooseFreePorts(1))[0] ?? 0 });
    await superuser(postgres.url, async (client) => {
      await client.query(`create role maker login createrole password 'secret'`);
      await client.query(`create role plain login password 'secret'`);
      for (const owner of ['maker', 'plain']) await client.query(`create database ${owner} owner ${owner}`);
    });
  });
  afterAll(async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const urlOf = (owner: string) => {
    const url = new URL(postgres.url);
    url.username = owner;
    url.password = 'secret';
    url.pathname = `/${owner}`;
    return url.href;
  };

  async function expectUsable(url: string): Promise<void> {
    expect(await migrateToLatest(url)).toEqual(await migrationNames());
    const worker = openDatabase({ url });
    const api = openDatabase({ url, role: API_ROLE });
    try {
      const connection = await aConnection(worker);
      const page = await aPage(worker, connection, { activities: activities(0, 3) });
      expect(await ingestPage(worker, page)).toMatchObject({ stored: 3 });
      const stranger = await anAccount(worker);
      const seenBy = (accountId: string) =>
        asTenant(
          api,
          accountId,
          async ({ db }) => (await db.selectFrom('events').select('activityId').execute()).length,
        );
      expect([await seenBy(connection.accountId), await seenBy(stranger.accountId)]).toEqual([3, 0]);
      expect(await asTenant(api, connection.accountId, listOrganizations)).toHaveLength(1);
    } finally {
      await worker.close();
      await api.close();
    }
  }

  test('and may make roles makes the api role, collects, and steps down to it', () => expectUsable(urlOf('maker')));

  test('and may not make roles needs the api role made and granted', async () => {
    await expect(migrateToLatest(urlOf('plain'))).rejects.toMatchObject({ code: '42501' });
    await superuser(postgres.url, (client) => client.query(`grant ${API_ROLE} to plain with inherit false, set true`));
    await expectUsable(urlOf('plain'));
  });
});
