// Whether this process can do its work: PostgreSQL answers with the schema this build expects and binds this process by
// row-level security, and Temporal answers and has what connections need. Each thing that is missing is said in a
// sentence with its remedy and without an address: anybody may ask.
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import type { Database } from '../../store/database.js';
import { migrationNames } from '../../store/migrate.js';
import { sqlState } from '../../store/pg-errors.js';
import { isBound } from '../../store/roles/is-bound.js';
import { namespaceSentence, troubleOfNamespace } from '../../temporal/namespace-state.js';

const TIMEOUT_MS = 2_000;
const UNDEFINED_TABLE = '42P01';
const INSUFFICIENT_PRIVILEGE = '42501';
/** invalid_authorization_specification, invalid_password: no such role, or not with this password. */
const NOT_LET_IN = ['28000', '28P01'];

const DATABASE_AWAY = 'PostgreSQL does not answer';
const NOT_MIGRATED = 'a migration of this build is missing: run migrate';
const NO_LOGIN = 'PostgreSQL does not let the api in: run migrate with the same API_DATABASE_URL';
const UNBOUND =
  'row-level security does not bind the api: API_DATABASE_URL, or a pooler, signs it in as another role than migrate makes';

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
    return await withTimeout(firstMissing(database));
  } catch (error) {
    const code = sqlState(error) ?? '';
    if (code === UNDEFINED_TABLE) return NOT_MIGRATED;
    if (code === INSUFFICIENT_PRIVILEGE) return UNBOUND;
    return NOT_LET_IN.includes(code) ? NO_LOGIN : DATABASE_AWAY;
  }
}

async function firstMissing(database: Database): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database.kysely);
  const applied = new Set(rows.map((row) => row.name));
  if (!(await migrationNames()).every((name) => applied.has(name))) return NOT_MIGRATED;
  return (await isBound(database)) ? null : UNBOUND;
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
