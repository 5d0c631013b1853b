// A pool for what must not hang with its database: a statement that takes too long is ended by PostgreSQL, and a
// connection on which nothing comes back is cut, which leaves the pool with one connection less to trip over.
import type { Socket } from 'node:net';
import type pg from 'pg';
import { type Database, type DatabaseOptions, openDatabase } from './database.js';
import { STATEMENT_MS } from './roles/api-session.js';

/** Whoever waits hears of a hanging database within six seconds. */
const SILENT_MS = 4_500;

export function openImpatientDatabase(options: Omit<DatabaseOptions, 'statementMs'>): Database {
  const database = openDatabase({ ...options, statementMs: STATEMENT_MS });
  database.pool.on('connect', (client) => cutWhenSilent(client, SILENT_MS));
  lendInTime(database.pool, SILENT_MS);
  return database;
}

/**
 * What the driver keeps to itself; its own `query_timeout` gives up the query and hands on the connection that still
 * waits.
 */
interface DriverParts {
  readonly connection: { readonly stream: Socket };
  _getActiveQuery(): unknown;
}

/**
 * The time runs from the last byte either way; without a query under way a connection may be silent for as long as it
 * likes.
 */
function cutWhenSilent(client: pg.PoolClient, silentMs: number): void {
  const parts = client as unknown as DriverParts;
  const { stream } = parts.connection;
  // Not as an argument of `setTimeout`, which tells of one time-out alone: the first one of a connection at rest.
  stream.setTimeout(silentMs);
  stream.on('timeout', () => {
    if (parts._getActiveQuery() != null) stream.destroy();
  });
}

/** What pg says of a wait for a connection that took too long, and `pg-errors.ts` reads. */
const WAITED_TOO_LONG = 'timeout exceeded when trying to connect';

type Lend = (error: Error | undefined, client: pg.PoolClient | undefined, release: pg.PoolClient['release']) => void;

/**
 * Bounds the whole wait for a connection. The pool's own limit begins anew for whoever waited for a place and then for
 * a new connection in it.
 */
function lendInTime(pool: pg.Pool, withinMs: number): void {
  const connect = pool.connect.bind(pool);
  async function lent(): Promise<pg.PoolClient> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new Error(WAITED_TOO_LONG));
    }, withinMs);
    const lending = connect();
    // Nobody waits for one that comes too late, and why another did not come has been said by the time-out.
    lending.then(
      (client) => isLate && client.release(),
      () => undefined,
    );
    try {
      return await Promise.race([lending, late]);
    } finally {
      clearTimeout(timer);
    }
  }
  // `pool.query` asks with a callback, everybody else for a promise.
  const bounded = (callback?: Lend): Promise<pg.PoolClient> | undefined => {
    const lending = lent();
    if (callback === undefined) return lending;
    lending.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error: Error) => callback(error, undefined, () => undefined),
    );
    return undefined;
  };
  pool.connect = bounded as typeof pool.connect;
}
