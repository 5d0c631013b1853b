// A database of its own for each test file: a clone of one that was migrated once per run, which takes a tenth of the
// time of migrating again. The server is the one that postgres.setup.ts started.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { withLogin } from '../../src/embedded/postgres/with-login.js';
import { migrateToLatest } from '../../src/store/migrate.js';
import { makeApiLogin } from '../../src/store/roles/api-login.js';

export interface TestDatabase {
  readonly url: string;
  /** As a login role of its own for the api: roles belong to the server, which other test files use meanwhile. */
  readonly apiUrl: string;
  /** Drops it, with whatever sessions it still has. */
  drop(): Promise<void>;
}

const TEMPLATE = 'test_template';
// Any number that nothing else locks on this server.
const TEMPLATE_LOCK = 7_316_402;

export async function createTestDatabase(): Promise<TestDatabase> {
  const database = testDatabase();
  await asSuperuser(async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]); // ends with the session
    if (!(await isTemplateReady(client))) await makeTemplate(client);
    await client.query(`create database ${database.name} template ${TEMPLATE}`);
  });
  await makeApiLogin(database.url, database.apiUrl);
  return database;
}

/** An empty database, for tests of the migrations themselves; nobody has made the role of `apiUrl`. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const database = testDatabase();
  await asSuperuser((client) => client.query(`create database ${database.name}`));
  return database;
}

function testDatabase(): TestDatabase & { readonly name: string } {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = urlOf(name);
  return {
    name,
    url,
    apiUrl: withLogin(url, `${name}_api:secret`),
    drop: () =>
      asSuperuser(async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
        await client.query(`drop role if exists ${name}_api`);
      }),
  };
}

async function isTemplateReady(client: pg.Client): Promise<boolean> {
  const found = await client.query('select 1 from pg_database where datname = $1 and datistemplate', [TEMPLATE]);
  return found.rowCount === 1;
}

/** Marked as a template only when migrated: one that was left half-made is made again. */
async function makeTemplate(client: pg.Client): Promise<void> {
  await client.query(`drop database if exists ${TEMPLATE} with (force)`);
  await client.query(`create database ${TEMPLATE}`);
  await migrateToLatest(urlOf(TEMPLATE));
  // No session may ever be open on it, or cloning fails.
  await client.query(`alter database ${TEMPLATE} with is_template true allow_connections false`);
}

async function asSuperuser(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: inject('databaseUrl') });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${database}`;
  return url.href;
}
