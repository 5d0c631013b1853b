// A pool for what must not hang with its database: a statement that takes too long is ended by PostgreSQL, and a
// connection on which nothing comes back is cut, which leaves the pool with one connection less to trip over.
import type { Socket } from 'node:net';
import type pg from 'pg';
import { type Database, type DatabaseOptions, openDatabase } from './database.js';
import { STATEMENT_MS } from './roles/api-session.js';

/** Whoever waits hears of a hanging database within six seconds. */
const SILENT_MS = 5_000;

export function openImpatientDatabase(options: Omit<DatabaseOptions, 'statementMs'>): Database {
  const database = openDatabase({ ...options, statementMs: STATEMENT_MS });
  database.pool.on('connect', (client) => cutWhenSilent(client, SILENT_MS));
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
  stream.setTimeout(silentMs, () => {
    if (parts._getActiveQuery() != null) stream.destroy();
  });
}
