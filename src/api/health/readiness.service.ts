// Whether this process can do its work: PostgreSQL answers with the schema this build expects, and Temporal answers and
// has what connections need. Each thing that is missing is said in a sentence with its remedy and without an address:
// anybody may ask.
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import type { Database } from '../../store/database.js';
import { migrationNames } from '../../store/migrate.js';
import { sqlState } from '../../store/pg-errors.js';
import { namespaceSentence, troubleOfNamespace } from '../../temporal/namespace-state.js';

const TIMEOUT_MS = 2_000;
const UNDEFINED_TABLE = '42P01';

const DATABASE_AWAY = 'PostgreSQL does not answer';
const NOT_MIGRATED = 'a migration of this build is missing: run migrate';

export interface Readiness {
  /** A sentence for each thing that is missing; none when the process is ready. */
  missing(): Promise<readonly string[]>;
}

export function createReadiness(deps: { readonly database: Database; readonly temporal: Client }): Readiness {
  return {
    async missing() {
      const found = await Promise.all([missingOfDatabase(deps.database), missingOfTemporal(deps.temporal)]);
      return found.filter((sentence) => sentence !== null);
    },
  };
}

async function missingOfDatabase(database: Database): Promise<string | null> {
  try {
    return (await withTimeout(hasCurrentSchema(database))) ? null : NOT_MIGRATED;
  } catch (error) {
    return sqlState(error) === UNDEFINED_TABLE ? NOT_MIGRATED : DATABASE_AWAY;
  }
}

async function hasCurrentSchema(database: Database): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database.kysely);
  const applied = new Set(rows.map((row) => row.name));
  return (await migrationNames()).every((name) => applied.has(name));
}

async function missingOfTemporal(temporal: Client): Promise<string | null> {
  const trouble = await troubleOfNamespace(temporal);
  // By the variable's name: in Temporal's cloud a namespace is called after who rents it, and anybody may read this.
  return trouble === null ? null : namespaceSentence(trouble, '$TEMPORAL_NAMESPACE');
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timed out')), TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
