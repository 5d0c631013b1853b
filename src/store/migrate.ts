// Brings the schema up to date. Twice in a row is harmless, and so are twenty at once: one of them migrates, the others
// wait for it and find nothing left to do.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Kysely } from 'kysely';
import pg from 'pg';
import { ABANDONED_SESSIONS_END } from './database.js';
import { applyMissing, type Migrations, type Run } from './migrating/apply-missing.js';
import { LockedElsewhereDialect, takeMigrationLock } from './migrating/migration-lock.js';

const FOLDER = new URL('../../migrations/', import.meta.url);

/** As long as a page may be kept waiting by a migration that itself waits for a table in use. */
const LOCK_TIMEOUT_MS = 3_000;
/** Longer than the wait, so that pages are served more often than not. */
const PAUSE_MS = 5_000;
/** A report or a backup may hold a table for minutes; a transaction that somebody forgot is for a person to end. */
const GIVE_UP_AFTER_MS = 5 * 60_000;

export interface MigrateOptions extends Pick<Run, 'onApplied' | 'onWaiting'> {
  /** By default those of the folder. */
  readonly migrations?: Migrations;
  readonly lockTimeoutMs?: number;
  /** Between an attempt that waited in vain and the next. */
  readonly pauseMs?: number;
  /** For each migration, counted in attempts that waited in vain and their pauses. */
  readonly giveUpAfterMs?: number;
}

/**
 * Applies every migration that is missing, each in a transaction of its own. Returns the names of those applied; throws
 * `MigrationFailed` for the first that cannot be, and those before it stay.
 */
export async function migrateToLatest(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const lockTimeoutMs = options.lockTimeoutMs ?? LOCK_TIMEOUT_MS;
  const migrations = options.migrations ?? (await readMigrations());
  const lock = await takeMigrationLock(databaseUrl);
  const db = openForMigrating(databaseUrl, lockTimeoutMs);
  try {
    return await applyMissing({
      db,
      lock,
      migrations,
      lockTimeoutMs,
      pauseMs: options.pauseMs ?? PAUSE_MS,
      giveUpAfterMs: options.giveUpAfterMs ?? GIVE_UP_AFTER_MS,
      onApplied: options.onApplied,
      onWaiting: options.onWaiting,
    });
  } finally {
    await db.destroy();
    await lock.release();
  }
}

function openForMigrating(databaseUrl: string, lockTimeoutMs: number): Kysely<unknown> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    application_name: 'sentinelone-migrate',
    keepAlive: true,
    idleTimeoutMillis: 0,
    options: ['-c timezone=UTC', `-c lock_timeout=${lockTimeoutMs}`, ...ABANDONED_SESSIONS_END].join(' '),
  });
  pool.on('error', () => undefined); // the next query says so as well
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Kysely<unknown>({ dialect: new LockedElsewhereDialect({ pool }) });
}

/** The names of every migration this build knows, oldest first. */
export async function migrationNames(): Promise<string[]> {
  return (await migrationFiles()).map(nameOf);
}

/** `.ts` under development, `.js` in the build. */
async function migrationFiles(): Promise<string[]> {
  return (await readdir(fileURLToPath(FOLDER))).filter((file) => /(?<!\.d)\.(ts|js)$/.test(file)).sort();
}

const nameOf = (file: string) => file.replace(/\.(ts|js)$/, '');

/** Every migration this build knows, by name. */
export async function readMigrations(): Promise<Migrations> {
  const files = await migrationFiles();
  const entries = await Promise.all(
    files.map(
      async (file) => [nameOf(file), (await import(new URL(file, FOLDER).href)) as Migrations[string]] as const,
    ),
  );
  return Object.fromEntries(entries);
}
