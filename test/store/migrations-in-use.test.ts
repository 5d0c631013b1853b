// Migrations of tables that are in use: who waits for whom, and for how long.
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { type MigrateOptions, migrateToLatest, migrationNames, readMigrations } from '../../src/store/migrate.js';
import type { Migrations } from '../../src/store/migrating/apply-missing.js';
import { aConnection, anActivity, aPage, type ConnectionRef } from '../support/builders.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import * as indexConcurrently from './support/index-concurrently.js';
import { hold } from './support/sessions.js';

let database: TestDatabase;
let worker: Database;
beforeEach(async () => {
  database = await createTestDatabase();
  worker = openDatabase({ url: database.url });
});
afterEach(async () => {
  await worker.close();
  await database.drop();
});

const LOCK_TIMEOUT_MS = 400;
const PAUSE_MS = 100;

/** Applies these, which this build does not have, to the database as this build makes it. */
async function migrate(added: Migrations, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = { ...(await readMigrations()), ...added };
  return migrateToLatest(database.url, { lockTimeoutMs: LOCK_TIMEOUT_MS, pauseMs: PAUSE_MS, ...options, migrations });
}

const addColumn = (column: string): Migrations[string] => ({
  up: async (db) => void (await sql`alter table events add column ${sql.ref(column)} text`.execute(db)),
});

const rowsOf = async <Row extends object>(statement: string) => (await worker.pool.query<Row>(statement)).rows;

let nextActivity = 0;
/** A page with one activity in each of these months; all of it has to be stored. */
async function storeMonths(connection: ConnectionRef, months: readonly string[]): Promise<void> {
  const rows = months.map((month) => anActivity(nextActivity++, { createdAt: `${month}-05T00:00:00Z` }));
  expect(await ingestPage(worker, await aPage(worker, connection, { activities: rows }))).toMatchObject({
    stored: months.length,
  });
}

const MONTHS = ['2026-01', '2026-02', '2026-03'];

describe('a migration that needs a table for itself, while somebody reads it', () => {
  test('keeps pages waiting no longer than one attempt takes, and is applied when the reader is done', async () => {
    const connection = await aConnection(worker);
    await storeMonths(connection, MONTHS);
    const reader = await hold(database.url, 'select 1 from events');
    let [waitedMs, settled] = [0, false];
    const migrating = migrate(
      { '20990101T0000-note': addColumn('note') },
      { onWaiting: (waits) => (waitedMs = waits.waitedMs) },
    ).finally(() => (settled = true));
    let slowestMs = 0;
    while (waitedMs < 4 * (LOCK_TIMEOUT_MS + PAUSE_MS) && !settled) {
      const startedAt = performance.now();
      await storeMonths(connection, MONTHS);
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
    expect(settled).toBe(false);
    expect(slowestMs).toBeLessThan(10 * LOCK_TIMEOUT_MS); // a busy machine adds its own; the reader never lets go
    await reader.release();
    expect(await migrating).toEqual(['20990101T0000-note']);
  });

  test('gives up with a sentence that names it and the reader; what was applied before it stays', async () => {
    const reader = await hold(database.url, 'select 1 from events');
    const quick: Migrations[string] = { up: async (db) => void (await sql`create table quick ()`.execute(db)) };
    const migrating = migrate(
      { '20990101T0000-quick': quick, '20990101T0001-note': addColumn('note') },
      { giveUpAfterMs: 2 * (LOCK_TIMEOUT_MS + PAUSE_MS) },
    );
    await expect(migrating).rejects.toMatchObject({
      code: '55P03',
      migration: '20990101T0001-note',
      message: expect.stringMatching(
        /^migration 20990101T0001-note waited 1 s for a lock and was given up; it is held by holder \(process \d+, idle in transaction for \d+ s\)$/,
      ) as string,
    });
    await reader.release();
    expect(await rowsOf(`select name from kysely_migration order by 1`)).toEqual(
      [...(await migrationNames()), '20990101T0000-quick'].map((name) => ({ name })),
    );
  });
});

describe('an index on events that is built concurrently', () => {
  const NAME = '20990101T0000-events-of-user';
  const ADDED = { [NAME]: indexConcurrently };

  /** The process that builds, once it waits for whoever writes to the month. */
  async function builder(): Promise<number> {
    const building = () =>
      rowsOf<{ pid: number }>(`
        select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
           and query like 'create index concurrently%'`);
    await expect.poll(building, { timeout: 20_000, interval: 20 }).toHaveLength(1);
    return (await building())[0]?.pid ?? 0;
  }

  async function expectWhole(): Promise<void> {
    const months = await rowsOf<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass order by 1`,
    );
    const indexed = await rowsOf<{ name: string; valid: boolean }>(`
      select indrelid::regclass::text as name, indisvalid as valid
        from pg_partition_tree('events_of_user') join pg_index on indexrelid = relid order by 1`);
    expect(indexed).toEqual(['events', ...months.map(({ name }) => name)].map((name) => ({ name, valid: true })));
    expect(await rowsOf('select 1 from pg_index where not indisvalid')).toEqual([]);
  }

  test('lets every page be stored meanwhile, and months made meanwhile have it as well', async () => {
    const connections = await Promise.all([1, 2, 3].map(() => aConnection(worker)));
    for (const connection of connections) await storeMonths(connection, MONTHS);
    const writer = await hold(database.url, 'lock table events_2026_02 in row exclusive mode');
    let settled = false;
    const migrating = migrate(ADDED).finally(() => (settled = true));
    const storing = connections.map(async (connection) => {
      while (!settled) await storeMonths(connection, MONTHS);
    });
    await builder();
    const late = await aConnection(worker);
    await storeMonths(late, ['2026-01', '2026-02', '2026-03', '2026-04', '2025-12']);
    await writer.release();
    expect(await migrating).toEqual([NAME]);
    await Promise.all(storing);
    await storeMonths(late, ['2026-05']);
    await expectWhole();
    expect(await migrate(ADDED)).toEqual([]);
  });

  test('is finished by the next run when the first was interrupted', async () => {
    await storeMonths(await aConnection(worker), MONTHS);
    const writer = await hold(database.url, 'lock table events_2026_02 in row exclusive mode');
    const migrating = migrate(ADDED);
    const interrupted = expect(migrating).rejects.toMatchObject({ name: 'MigrationFailed', migration: NAME });
    await worker.pool.query('select pg_terminate_backend($1)', [await builder()]);
    await interrupted;
    await writer.release();
    const left = 'select indexrelid::regclass::text as name from pg_index where not indisvalid order by 1';
    expect(await rowsOf(left)).toEqual([{ name: 'events_2026_02_of_user' }, { name: 'events_of_user' }]);
    expect(await rowsOf(`select 1 from kysely_migration where name = '${NAME}'`)).toEqual([]);

    expect(await migrate(ADDED)).toEqual([NAME]);
    await expectWhole();
  });
});
