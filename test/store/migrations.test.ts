import { Kysely, PostgresDialect, sql } from 'kysely';
import { type MigrationResultSet, Migrator } from 'kysely/migration';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrateToLatest, migrationNames, readMigrations } from '../../src/store/migrate.js';
import type { Migrations } from '../../src/store/migrating/apply-missing.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { superuser } from './support/sessions.js';

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

const createTable = (name: string, ...more: string[]) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table ${sql.table(name)} (id uuid)`.execute(db);
    for (const statement of more) await sql.raw(statement).execute(db);
  },
});

/** PostgreSQL refuses this in a transaction, and it waits for every statement that is running. */
const ALONE: Migrations = {
  '20990101T0000-alone': {
    transaction: false,
    up: async (db) => void (await sql`create index concurrently alone on accounts (id)`.execute(db)),
  },
};

function aGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}

/** What migrating was: Kysely's migrator, with all that is missing in one transaction under its own lock. */
async function olderBuild(url: string, migrations: Migrations): Promise<MigrationResultSet> {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }),
  });
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  try {
    return await new Migrator({ db, provider }).migrateToLatest();
  } finally {
    await db.destroy();
  }
}

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
    const migrations = { ...(await readMigrations()), ...ALONE };
    try {
      const applied = await Promise.all(
        Array.from({ length: 20 }, () => migrateToLatest(contended.url, { migrations })),
      );
      expect(applied.flat().sort()).toEqual(Object.keys(migrations));
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

describe('one migration after the other', () => {
  let database: TestDatabase;
  beforeEach(async () => void (database = await createEmptyDatabase()));
  afterEach(() => database.drop());

  const tables = () =>
    superuser(database.url, async (client) => {
      const { rows } = await client.query<{ name: string }>(`
        select relname as name from pg_class
         where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'kysely%' order by 1`);
      return rows.map(({ name }) => name);
    });

  test('what was applied before a failure stays, and once it is mended the next run goes on from there', async () => {
    const first = { '20260101T0000-first': createTable('first') };
    const broken = createTable('second', 'select no_such_column from second');
    const last = { '20260103T0000-last': createTable('last') };
    const failing = migrateToLatest(database.url, {
      migrations: { ...first, '20260102T0000-second': broken, ...last },
    });
    await expect(failing).rejects.toMatchObject({
      message: 'migration 20260102T0000-second failed: column "no_such_column" does not exist',
      migration: '20260102T0000-second',
      code: '42703',
    });
    expect(await tables()).toEqual(['first']);

    const migrations = { ...first, '20260102T0000-second': createTable('second'), ...last };
    expect(await migrateToLatest(database.url, { migrations })).toEqual(['20260102T0000-second', '20260103T0000-last']);
    expect(await tables()).toEqual(['first', 'last', 'second']);
  });

  test('a database that is ahead of this build is left alone', async () => {
    const migrations = { '20260101T0000-first': createTable('first'), '20260102T0000-second': createTable('second') };
    await migrateToLatest(database.url, { migrations });
    const behind = { '20260101T0000-first': migrations['20260101T0000-first'] };
    await expect(migrateToLatest(database.url, { migrations: behind })).rejects.toThrow('20260102T0000-second');
  });

  test('builds from before the lock of a whole run, at the same moment, apply nothing twice', async () => {
    const known = await readMigrations();
    const migrations = { ...known, ...ALONE };
    const [applied, older] = await Promise.all([
      Promise.all(Array.from({ length: 5 }, () => migrateToLatest(database.url, { migrations }))),
      Promise.all(Array.from({ length: 5 }, () => olderBuild(database.url, known))),
    ]);
    const byOlder = older.flatMap(({ results = [] }) => results.map(({ migrationName }) => migrationName));
    expect([...applied.flat(), ...byOlder].sort()).toEqual(Object.keys(migrations));
    const errors = older.flatMap(({ error }) => (error === undefined ? [] : [(error as Error).message]));
    for (const message of errors) expect(message).toContain('20990101T0000-alone is missing'); // it came too late
  });

  test('while an index is built concurrently such a build finds nothing to do, and neither waits for the other', async () => {
    const first = { '20260101T0000-first': createTable('accounts') };
    const [begun, opened] = [aGate(), aGate()];
    const alone = {
      transaction: false,
      async up(db: Kysely<unknown>) {
        begun.open();
        await opened.passed;
        await sql`create index concurrently alone on accounts (id)`.execute(db);
      },
    };
    const migrating = migrateToLatest(database.url, { migrations: { ...first, '20990101T0000-alone': alone } });
    await begun.passed;
    expect(await olderBuild(database.url, first)).toEqual({ results: [] });
    opened.open();
    expect(await migrating).toEqual(['20260101T0000-first', '20990101T0000-alone']);
  });
});
