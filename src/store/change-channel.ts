// Changes from whoever makes them to every api process, by PostgreSQL's NOTIFY: not kept, not repeated, so whoever
// listens again after a break has to assume that it missed something. The database tells everybody who listens, of
// every tenant; who of them may hear what is decided where it is received.
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Changes } from '../domain/changes.js';
import type { Database } from './database.js';

const CHANNEL = 'sentinelone_changes';
/** PostgreSQL takes less than 8000 bytes. */
const MAX_BYTES = 7_500;

/** Tells every api process. Outside any other transaction: NOTIFY inside one holds a lock that all commits wait for. */
export async function announceChanges(database: Database, changes: Changes): Promise<void> {
  const whole = JSON.stringify(changes);
  const { accountId } = changes;
  const payload = Buffer.byteLength(whole) <= MAX_BYTES ? whole : JSON.stringify({ accountId, everything: true });
  await database.pool.query('select pg_notify($1, $2)', [CHANNEL, payload]);
}

export interface ChangeListener {
  onChanges(changes: Changes): void;
  /** Listening from now on, for the first time or again: what happened until now is not known. */
  onListening(): void;
  onLost(error: unknown): void;
}

const RETRY_MS = { first: 250, most: 10_000 };
/** A connection whose other side vanished without a word is found dead by asking. */
const PROBE_EVERY_MS = 20_000;

/** Listens on one connection of the pool until stopped, opening another whenever it breaks. */
export function listenForChanges(database: Database, listener: ChangeListener): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const ended = listenForEver(database, listener, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}

async function listenForEver(database: Database, listener: ChangeListener, signal: AbortSignal): Promise<void> {
  let waitMs = RETRY_MS.first;
  while (!signal.aborted) {
    try {
      await listenOnce(database, listener, signal, () => {
        waitMs = RETRY_MS.first;
        listener.onListening();
      });
    } catch (error) {
      if (signal.aborted) return;
      listener.onLost(error);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, RETRY_MS.most);
    }
  }
}

/** Settles when told to stop; throws when the connection breaks. */
async function listenOnce(
  database: Database,
  listener: ChangeListener,
  signal: AbortSignal,
  onListening: () => void,
): Promise<void> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    const ending = endOf(client, signal);
    client.on('notification', ({ payload }) => receive(listener, payload));
    await client.query(`listen ${CHANNEL}`);
    onListening();
    await ending;
  } catch (error) {
    broken = error instanceof Error ? error : new Error('the listening connection broke', { cause: error });
    throw error;
  } finally {
    client.release(broken ?? true); // never back into the pool: it would go on listening
  }
}

function endOf(client: PoolClient, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const probe = setInterval(() => void client.query('select 1').catch(reject), PROBE_EVERY_MS);
  client.once('error', reject);
  client.once('end', () => reject(new Error('the listening connection ended')));
  signal.addEventListener('abort', () => resolve(), { once: true });
  promise
    .catch(() => undefined)
    .finally(() => clearInterval(probe))
    .catch(() => undefined);
  if (signal.aborted) resolve();
  return promise;
}

function receive(listener: ChangeListener, payload: string | undefined): void {
  const changes = parse(payload);
  if (changes !== null) listener.onChanges(changes);
}

/** The channel is the database's, so anything may be said on it. */
function parse(payload: string | undefined): Changes | null {
  try {
    const changes = JSON.parse(payload ?? '') as Changes | null;
    return typeof changes?.accountId === 'string' ? changes : null;
  } catch {
    return null;
  }
}
