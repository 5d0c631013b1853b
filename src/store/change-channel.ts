// Changes from whoever makes them to every api process, by PostgreSQL's NOTIFY: not kept, not repeated, so whoever
// listens again after a break has to assume that it missed something. The database tells everybody who listens, of
// every tenant; who of them may hear what is decided where it is received.
import { randomUUID } from 'node:crypto';
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
/** A connection whose other side vanished without a word is found by asking, a deaf one by a word to itself. */
const PROBE_EVERY_MS = 20_000;
/** PostgreSQL delivers within milliseconds of the commit. */
const DEAF_AFTER_MS = 5_000;

/**
 * The connection listens and hears nothing, not even what is said to it. A pooler that works by transaction does that:
 * it has given the session that listens to somebody else.
 */
export class DeafToChanges extends Error {
  override readonly name = 'DeafToChanges';
}

export interface Ears {
  /** Where it listens: sessions of PostgreSQL itself. */
  readonly listenOn: Database;
  /** Where it speaks to itself, from another session; by default the same pool. */
  readonly speakOn?: Database;
  /** How long it waits to hear itself. */
  readonly deafAfterMs?: number;
}

/** Listens on one connection of the pool until stopped, opening another whenever it breaks. */
export function listenForChanges(ears: Ears, listener: ChangeListener): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const ended = listenForEver(ears, listener, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}

async function listenForEver(ears: Ears, listener: ChangeListener, signal: AbortSignal): Promise<void> {
  let waitMs = RETRY_MS.first;
  while (!signal.aborted) {
    try {
      await listenOnce(ears, listener, signal, () => {
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
  { listenOn, speakOn = listenOn, deafAfterMs = DEAF_AFTER_MS }: Ears,
  listener: ChangeListener,
  signal: AbortSignal,
  onListening: () => void,
): Promise<void> {
  const client = await listenOn.pool.connect();
  const echo = echoOn({ client, speakOn, deafAfterMs });
  let broken: Error | undefined;
  try {
    const ending = endOf(client, { signal, probe: () => echo.heard() });
    client.on('notification', ({ payload }) => receive(listener, payload));
    await client.query(`listen ${CHANNEL}`);
    await Promise.race([echo.heard(), ending]);
    if (signal.aborted) return;
    onListening();
    await ending;
  } catch (error) {
    broken = error instanceof Error ? error : new Error('the listening connection broke', { cause: error });
    throw error;
  } finally {
    client.release(broken ?? true); // never back into the pool: it would go on listening
  }
}

/** Says something only this listener knows, from another session, and waits until it is heard here. */
function echoOn(of: { readonly client: PoolClient; readonly speakOn: Database; readonly deafAfterMs: number }) {
  const { client, speakOn, deafAfterMs } = of;
  return {
    async heard(): Promise<void> {
      const word = JSON.stringify({ probe: randomUUID() });
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onWord = ({ payload }: { payload?: string | undefined }) => payload === word && resolve();
      client.on('notification', onWord);
      let timer: NodeJS.Timeout | undefined;
      try {
        await speakOn.pool.query('select pg_notify($1, $2)', [CHANNEL, word]);
        timer = setTimeout(() => reject(new DeafToChanges('listening, and nothing is heard')), deafAfterMs);
        await promise;
      } finally {
        clearTimeout(timer);
        client.off('notification', onWord);
      }
    },
  };
}

function endOf(
  client: PoolClient,
  { signal, probe }: { readonly signal: AbortSignal; readonly probe: () => Promise<void> },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = async () => {
    await client.query('select 1');
    await probe().catch((error: unknown) => {
      // That it could not be said, for want of a connection say, is no sign of deafness.
      if (error instanceof DeafToChanges) throw error;
    });
  };
  const probing = setInterval(() => void look().catch(reject), PROBE_EVERY_MS);
  client.once('error', reject);
  client.once('end', () => reject(new Error('the listening connection ended')));
  signal.addEventListener('abort', () => resolve(), { once: true });
  promise
    .catch(() => undefined)
    .finally(() => clearInterval(probing))
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
