// What this product keeps in Temporal beside its workflows, the search attributes and the schedules, is looked at once
// a minute by every worker, from a timer of its own: it lies in a database that may be lost, and a schedule cannot
// bring itself back. The namespace is the operator's to make.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '../log.js';
import { namespaceSentence, troubleOfNamespace } from '../temporal/namespace-state.js';
import { ensureSchedules } from './schedules.js';
import { ensureSearchAttributes } from './search-attributes.js';

const EVERY_MS = 60_000;

export interface UpkeepOptions {
  readonly temporal: Client;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly everyMs?: number;
}

/** Looks at once and then every minute until stopped. Nothing that goes wrong ends it. */
export function startUpkeep({ temporal, log, everyMs = EVERY_MS }: UpkeepOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const { signal } = stopped;
  const ended = keepUp(temporal, { log, everyMs, signal });
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}

interface Round {
  readonly log: UpkeepOptions['log'];
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

async function keepUp(temporal: Client, { log, everyMs, signal }: Round): Promise<void> {
  let told: string | null = null;
  while (!signal.aborted) {
    const problem = await temporal.connection.withAbortSignal(signal, () => lookOnce(temporal, log));
    // Once for each change: a line a minute would bury what else is said.
    if (problem !== told && !signal.aborted) {
      if (problem !== null) log.warn({}, problem);
      else log.info({}, 'search attributes and schedules are in order again');
    }
    told = problem;
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** A sentence when something could not be put right. */
async function lookOnce(temporal: Client, log: UpkeepOptions['log']): Promise<string | null> {
  try {
    const added = await ensureSearchAttributes(temporal);
    if (added.length > 0) log.info({ added }, 'search attributes were added to the namespace');
    const { made, updated } = await ensureSchedules(temporal);
    if (made.length > 0 || updated.length > 0) log.info({ made, updated }, 'schedules were made or updated');
    return null;
  } catch (error) {
    const trouble = await troubleOfNamespace(temporal);
    if (trouble !== null) return namespaceSentence(trouble, temporal.options.namespace);
    const name = error instanceof Error ? error.name : typeof error;
    return `the search attributes and schedules could not be looked at (${name}); it is tried again every minute`;
  }
}
