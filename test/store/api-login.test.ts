// The login role that migrate makes for the api: what it is made to be, from whatever it was, and what is refused.
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { withLogin } from '../../src/embedded/postgres/with-login.js';
import { openApiDatabase } from '../../src/store/api-database.js';
import { makeApiLogin } from '../../src/store/roles/api-login.js';
import { isBound } from '../../src/store/roles/is-bound.js';
import { createTestDatabase } from '../support/database.js';
import { superuser } from './support/sessions.js';

async function aDatabase() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return { ...database, role: new URL(database.apiUrl).username };
}

async function rowOf(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows[0];
  } finally {
    await client.end();
  }
}

test('is bound by row-level security, can become nobody, and has its settings without asking for them', async () => {
  const { apiUrl, url, role } = await aDatabase();
  const database = openApiDatabase({ url: apiUrl, maxConnections: 1 });
  onTestFinished(() => database.close());
  expect(await isBound(database)).toBe(true);
  expect(
    await rowOf(url, `select rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname = '${role}'`),
  ).toEqual({ rolsuper: false, rolcreaterole: false, rolbypassrls: false });
  await expect(rowOf(apiUrl, 'set role postgres')).rejects.toMatchObject({ code: '42501' });
  await expect(rowOf(apiUrl, 'set role sentinelone_api')).rejects.toMatchObject({ code: '42501' });
  const settings = ['timezone', 'datestyle', 'statement_timeout', 'idle_in_transaction_session_timeout'];
  const columns = settings.map((name) => `current_setting('${name}') as ${name}`).join(', ');
  expect(await rowOf(apiUrl, `select ${columns}`)).toEqual({
    timezone: 'UTC',
    datestyle: 'ISO, MDY',
    statement_timeout: '4s',
    idle_in_transaction_session_timeout: '1min',
  });
});

test('is brought back to what it must be, with the password of today', async () => {
  const { url, apiUrl, role } = await aDatabase();
  await superuser(url, async (client) => {
    await client.query(`alter role ${role} nologin`);
    await client.query(`revoke sentinelone_api from ${role}`);
    await client.query(`alter role ${role} in database ${new URL(url).pathname.slice(1)} reset all`);
  });
  const changed = withLogin(url, `${role}:another`);
  await makeApiLogin(url, changed);
  await makeApiLogin(url, changed);
  expect(await rowOf(changed, `select current_user as who, current_setting('timezone') as zone`)).toEqual({
    who: role,
    zone: 'UTC',
  });
  await expect(rowOf(apiUrl, 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('is made by twenty at once', async () => {
  const { url, role } = await aDatabase();
  const again = withLogin(url, `${role}_again:secret`);
  await Promise.all(Array.from({ length: 20 }, () => makeApiLogin(url, again)));
  expect(await rowOf(again, 'select 1 as answer')).toEqual({ answer: 1 });
  await superuser(url, async (client) => {
    await client.query(`drop owned by ${role}_again`);
    await client.query(`drop role ${role}_again`);
  });
});

test('is never a role that row-level security does not bind, and such a role is left as it is', async () => {
  const { url, role } = await aDatabase();
  await expect(makeApiLogin(url, url)).rejects.toThrow(/is a superuser/);
  await superuser(url, (client) => client.query(`grant postgres to ${role}`));
  await expect(makeApiLogin(url, withLogin(url, `${role}:changed`))).rejects.toThrow(/belongs to their owner/);
  expect(await rowOf(withLogin(url, `${role}:secret`), 'select 1 as answer')).toEqual({ answer: 1 });
});

test('needs a role in its address', async () => {
  await expect(makeApiLogin('postgres://x/y', 'postgres://host/database')).rejects.toThrow(/names no role/);
});
