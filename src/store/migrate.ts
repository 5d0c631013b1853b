// Brings the schema up to date. Twice in a row is harmless, and so are twenty at once: Kysely takes an advisory lock.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Kysely, PostgresDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';

const FOLDER = new URL('../../migrations/', import.meta.url);

/**
 * Applies every migration that is missing, in one transaction. Returns the names of those applied; throws the first
 * error.
 */
export async function migrateToLatest(databaseUrl: string): Promise<string[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, options: '-c timezone=UTC' });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations } });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed', { cause: error });
    return results.map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
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

async function getMigrations(): Promise<Record<string, Migration>> {
  const files = await migrationFiles();
  const entries = await Promise.all(
    files.map(async (file) => [nameOf(file), (await import(new URL(file, FOLDER).href)) as Migration] as const),
  );
  return Object.fromEntries(entries);
}
