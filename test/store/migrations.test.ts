import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrateToLatest, migrationNames } from '../../src/store/migrate.js';
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
