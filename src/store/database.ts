// The connection pool and Kysely over it. Instants come back as text with all six digits, counts as numbers.
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { CommitDriver } from './commit.js';
import type { Schema } from './schema/schema.js';

export interface DatabaseOptions {
  readonly url: string;
  /** The role that the owner steps down to after connecting: the command line's services do, not the api. */
  readonly role?: string;
  /** Nothing is asked for at connection start: what holds in a session is attached to its role. */
  readonly isSetByRole?: boolean;
  /** After which PostgreSQL ends a statement; by default it may take as long as it takes. */
  readonly statementMs?: number;
  readonly maxConnections?: number;
  readonly applicationName?: string;
  /** Told of connections that broke while nobody used them. */
  readonly onIdleError?: (error: Error) => void;
}

export interface Database {
  readonly pool: pg.Pool;
  readonly kysely: Kysely<Schema>;
  close(): Promise<void>;
}

/** Has what the api is granted, and row-level security binds it. Nobody signs in as it. */
export const API_ROLE = 'sentinelone_api';

export const camelCase = () => new CamelCasePlugin({ maintainNestedObjectKeys: true });

/** Kysely's, over whatever lends connections; a lost COMMIT is told apart. */
export function postgresDialect(pool: Pick<pg.Pool, 'connect' | 'end'>): PostgresDialect {
  const config = { pool: pool as pg.Pool };
  const dialect = new PostgresDialect(config);
  dialect.createDriver = () => new CommitDriver(config);
  return dialect;
}

/** Opens a pool; nothing is connected before the first query. Close it last, after everything that uses it. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    application_name: options.applicationName ?? 'sentinelone-log-source',
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(options.isSetByRole === true ? {} : { options: sessionOptions(options) }),
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  });
  pool.on('error', (error) => options.onIdleError?.(error));
  // A connection that breaks says so as an event besides failing its query; unheard, that event ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const kysely = new Kysely<Schema>({ dialect: postgresDialect(pool), plugins: [camelCase()] });
  // Not `kysely.destroy()`, which leaves a pool open that Kysely itself never used: the process then lingers for 30 s.
  const close = async () => (pool.ending ? undefined : pool.end());
  return { pool, kysely, close };
}

/**
 * A process that vanishes in the middle of a page (power cord, cut network) leaves its transaction behind, and with it
 * the locks that every later page needs. PostgreSQL's own defaults let go of them after two hours.
 */
export const ABANDONED_SESSIONS_END = [
  '-c idle_in_transaction_session_timeout=60s',
  '-c tcp_keepalives_idle=30',
  '-c tcp_keepalives_interval=10',
  '-c tcp_keepalives_count=3',
];

/** Set at connection start, so that no query ever runs under another role or zone. */
function sessionOptions({ role, statementMs }: DatabaseOptions): string {
  const settings = ['-c timezone=UTC', '-c datestyle=ISO', ...ABANDONED_SESSIONS_END];
  if (statementMs !== undefined) settings.push(`-c statement_timeout=${statementMs}`);
  if (role !== undefined) settings.push(`-c role=${role}`);
  return settings.join(' ');
}

const { builtins } = pg.types;

function typeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (format !== 'binary') {
    if (oid === builtins.TIMESTAMPTZ) return parseTimestamptz;
    if (oid === builtins.INT8) return parseCount;
    if (oid === builtins.DATE) return (text: string) => text;
  }
  return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
}

const SECONDS_END = '2026-01-15 09:00:00'.length;
const UTC = '+00';

/**
 * How PostgreSQL writes an instant: `2026-01-15 09:00:00.1234+00` → `2026-01-15T09:00:00.123400Z`. Infinity and years
 * that ISO 8601 has no four digits for throw.
 */
export function parseTimestamptz(text: string): string {
  if (text[10] !== ' ' || !text.endsWith(UTC)) throw new RangeError(`not an instant in UTC: ${text}`);
  const fraction = text.slice(SECONDS_END + 1, -UTC.length);
  return `${text.slice(0, 10)}T${text.slice(11, SECONDS_END)}.${fraction.padEnd(6, '0')}Z`;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count)) throw new RangeError(`count beyond 2^53: ${text}`);
  return count;
}
