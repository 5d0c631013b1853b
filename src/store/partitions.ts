// Monthly partitions of events and discards, made before a page's transaction whenever it needs a month that is missing.
// `CREATE TABLE … LIKE` and `ATTACH PARTITION` let open ingest transactions go on; `PARTITION OF` would wait for them all.
import { sql, type Kysely } from 'kysely';
import type { Database } from './database.js';
import type { Schema } from './schema.js';

const PARTITIONED = ['events', 'discards'] as const;
/** Any constant of our own: one maker at a time in the whole database. */
const PARTITION_LOCK = 7_311_001;

const knownMonths = new WeakMap<Database, Set<string>>();

/** Makes the partitions of these months, given as `2026-01`. Cheap when they are known to exist. */
export async function ensurePartitions(database: Database, months: ReadonlySet<string>): Promise<void> {
  const known = knownMonths.get(database) ?? new Set<string>();
  knownMonths.set(database, known);
  const missing = [...months].filter((month) => !known.has(month)).sort();
  if (missing.length === 0) return;
  await database.kysely.transaction().execute(async (db) => {
    await sql`select pg_advisory_xact_lock(${PARTITION_LOCK})`.execute(db);
    for (const month of missing) for (const table of PARTITIONED) await attachMonth(db, table, month);
  });
  for (const month of missing) known.add(month);
}

/** For when a month turned out to be gone: retention drops partitions while other processes believe in them. */
export const forgetPartitions = (database: Database): void => void knownMonths.delete(database);

async function attachMonth(db: Kysely<Schema>, table: string, month: string): Promise<void> {
  const partition = `${table}_${month.replace('-', '_')}`;
  const { rows } = await sql<{ exists: boolean }>`
    select exists (select from pg_inherits where inhrelid = to_regclass(${partition})) as exists`.execute(db);
  if (rows[0]?.exists === true) return;
  await sql`create table ${sql.table(partition)} (like ${sql.table(table)} including all)`.execute(db);
  const from = sql.lit(`${month}-01T00:00:00Z`);
  const to = sql.lit(`${nextMonth(month)}-01T00:00:00Z`);
  await sql`
    alter table ${sql.table(table)} attach partition ${sql.table(partition)} for values from (${from}) to (${to})
  `.execute(db);
}

/** The month of an instant: `2026-01` of `2026-01-15T09:00:00.123456Z`. */
export const monthOf = (instant: string) => instant.slice(0, 7);

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}
