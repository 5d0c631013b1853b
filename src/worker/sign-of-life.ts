// A worker process says that it is alive, by a timer of its own and a database connection of its own: neither
// Temporal's state nor pages that have every other connection in use keep it from doing so; a process that stands still
// does. The api tells of connections that are behind, and by this knows whether any worker is there at all.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.js';
import type { Database } from '../store/database.js';
import { recordSignOfLife, removeSignOfLife } from '../store/upkeep/worker.repository.js';

/** Four in the minute after which a worker counts as away. */
const EVERY_MS = 15_000;

export interface SignOfLife {
  /** Takes the worker's row away. Throws nothing: a row that stays is old within a minute. */
  stop(): Promise<void>;
}

export function startSignOfLife(options: {
  /** Not the pool that pages use. */
  readonly database: Database;
  readonly log: Pick<Logger, 'warn'>;
  readonly everyMs?: number;
}): SignOfLife {
  const { database, log, everyMs = EVERY_MS } = options;
  // Not only process and host: after a restart of a container both are the same again.
  const identity = `${process.pid}@${hostname()}/${randomUUID()}`;
  const stopped = new AbortController();
  const ended = signForEver({ database, log, everyMs, identity }, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await ended;
      await removeSignOfLife(database, identity).catch(() => undefined);
    },
  };
}

interface Signing {
  readonly database: Database;
  readonly log: Pick<Logger, 'warn'>;
  readonly everyMs: number;
  readonly identity: string;
}

async function signForEver({ database, log, everyMs, identity }: Signing, signal: AbortSignal): Promise<void> {
  let hasFailed = false;
  while (!signal.aborted) {
    try {
      await recordSignOfLife(database, identity);
      hasFailed = false;
    } catch {
      if (!hasFailed) log.warn({}, 'the worker could not write its sign of life; it tries again every few seconds');
      hasFailed = true;
    }
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
