// Monthly partitions of events and discards, made ahead by maintenance, and before a page's transaction whenever it
// needs a month that is missing. `CREATE TABLE … LIKE` and `ATTACH PARTITION` let open ingest transactions go on;
// `PARTITION OF` would wait for them all.
import { type Kysely, sql } from 'kysely';
import { monthsAhead } from '../../domain/collecting/retention.js';
import type { Database } from '../database.js';
import type { Schema } from '../schema/schema.js';

const PARTITIONED = ['events', 'discards'] as const;
/** Any constant of our own: one maker at a time in the whole database. */
const PARTITION_LOCK = 7_311_001;

const knownMonths = new WeakMap<Database, Set<string>>();

/**
 * Makes the partitions of these months, given as `2026-01`. Cheap when they are known to exist. Returns how many it
 * made.
 */
export async function ensurePartitions(database: Database, months: ReadonlySet<string>): Promise<number> {
  const known = knownMonths.get(database) ?? new Set<string>();
  knownMonths.set(database, known);
  const missing = [...months].filter((month) => !known.has(month)).sort();
  if (missing.length === 0) return 0;
  const made = await database.kysely.transaction().execute(async (db) => {
    await sql`select pg_advisory_xact_lock(${PARTITION_LOCK})`.execute(db);
    let count = 0;
    for (const month of missing) {
      for (const table of PARTITIONED) if (await attachMonth(db, table, month)) count += 1;
    }
    return count;
  });
  for (const month of missing) known.add(month);
  return made;
}

/**
 * Of this month, for a database that is new, and of two more, so that maintenance may fail for weeks before a page
 * notices.
 */
const MONTHS_AHEAD = 2;

export async function ensurePartitionsAhead(database: Database): Promise<number> {
  const { rows } = await sql<{ now: string }>`select now()`.execute(database.kysely);
  const months = rows.flatMap(({ now }) => monthsAhead(Date.parse(now), MONTHS_AHEAD));
  forgetPartitions(database); // what somebody dropped by hand is known to nobody here
  return ensurePartitions(database, new Set(months));
}

/** For when a month turned out to be gone: retention drops partitions while other processes believe in them. */
export const forgetPartitions = (database: Database): void => void knownMonths.delete(database);

async function attachMonth(db: Kysely<Schema>, table: string, month: string): Promise<boolean> {
  const partition = `${table}_${month.replace('-', '_')}`;
  const { rows } = await sql<{ exists: boolean }>`
    select exists (select from pg_inherits where inhrelid = to_regclass(${partition})) as exists`.execute(db);
  if (rows[0]?.exists === true) return false;
  await sql`create table ${sql.table(partition)} (like ${sql.table(table)} including all)`.execute(db);
  const from = sql.lit(`${month}-01T00:00:00Z`);
  const to = sql.lit(`${nextMonth(month)}-01T00:00:00Z`);
  await sql`
    alter table ${sql.table(table)} attach partition ${sql.table(partition)} for values from (${from}) to (${to})
  `.execute(db);
  return true;
}

/** The month of an instant: `2026-01` of `2026-01-15T09:00:00.123456Z`. */
export const monthOf = (instant: string) => instant.slice(0, 7);

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}
