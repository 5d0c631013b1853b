// Runs the workers of a process for as long as it is wanted. Temporal away or without the namespace, at the start or
// later, is waited out: said once in a sentence, tried again with growing pauses, and the workers begin anew when it is
// over. So nobody has to restart anything, also where the end of one process would stop everything else.
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from '../log.js';
import { namespaceSentence, type NamespaceTrouble, troubleOfNamespace } from '../temporal/namespace-state.js';
import { startUpkeep } from './temporal-upkeep.js';

export interface RunWorkersOptions {
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly namespace: string;
  readonly connect: () => Promise<NativeConnection>;
  /** Polling begins when they are run. */
  readonly createWorkers: (connection: NativeConnection) => Promise<readonly Worker[]>;
  /** Told each time that the workers begin to poll. */
  readonly onRunning: () => void;
  /** Aborted when the process is to stop. */
  readonly signal: AbortSignal;
}

export interface RunningWorkers {
  /** Whether all of them poll. */
  isHealthy(): boolean;
  /** Settles after the signal, when what was under way is done; rejects when the workers cannot be made. */
  readonly ended: Promise<void>;
}

export function runWorkers(options: RunWorkersOptions): RunningWorkers {
  let running: readonly Worker[] = [];
  const isHealthy = () => running.length > 0 && running.every((worker) => worker.getState() === 'RUNNING');
  const ended = runUntilStopped(options, (workers) => (running = workers));
  return { isHealthy, ended };
}

type OnWorkers = (workers: readonly Worker[]) => void;

const PAUSE_MS = { first: 500, most: 15_000 } as const;
/** Who ran for so long has not failed for the same reason as before. */
const STABLE_MS = 60_000;

async function runUntilStopped(options: RunWorkersOptions, onWorkers: OnWorkers): Promise<void> {
  const { log, namespace, signal } = options;
  let pauseMs: number = PAUSE_MS.first;
  let told: string | null = null;
  while (!signal.aborted) {
    const beganAtMs = Date.now();
    const trouble = await runOnce(options, onWorkers);
    if (signal.aborted) return;
    const ranForMs = Date.now() - beganAtMs;
    if (ranForMs > STABLE_MS) [pauseMs, told] = [PAUSE_MS.first, null];
    const sentence = trouble === null ? 'the workers ended and begin anew' : namespaceSentence(trouble, namespace);
    if (sentence !== told) log.error({}, `${sentence}; this worker goes on trying`);
    told = sentence;
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most);
  }
}

/** Returns why it did not run, or what ended it: null when nothing is wrong with Temporal (any more). */
async function runOnce(options: RunWorkersOptions, onWorkers: OnWorkers): Promise<NamespaceTrouble | null> {
  const connection = await unlessAborted(options.connect(), options.signal).catch(() => null);
  if (connection === null) return { kind: 'unreachable' };
  const temporal = new Client({ connection, namespace: options.namespace });
  try {
    const trouble = await troubleOfNamespace(temporal);
    // Missing search attributes keep nobody from polling, and the upkeep adds them.
    if (trouble !== null && trouble.kind !== 'no_search_attributes') return trouble;
    await pollUntilTheEnd(options, { connection, temporal, onWorkers }).catch(async (error: unknown) => {
      // Temporal may have gone away meanwhile; whatever else is wrong is nothing to wait for.
      if (options.signal.aborted || (await troubleOfNamespace(temporal)) === null) throw error;
    });
    return options.signal.aborted ? null : await troubleOfNamespace(temporal);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

interface Connected {
  readonly connection: NativeConnection;
  readonly temporal: Client;
  readonly onWorkers: OnWorkers;
}

/** Returns when no worker polls any more; throws when they cannot be made, or could not be stopped in time. */
async function pollUntilTheEnd(options: RunWorkersOptions, connected: Connected): Promise<void> {
  const { log, signal, onRunning, createWorkers } = options;
  const { connection, temporal, onWorkers } = connected;
  const workers = await createWorkers(connection);
  if (signal.aborted) return;
  const stop = () => workers.filter((worker) => worker.getState() === 'RUNNING').forEach((worker) => worker.shutdown());
  signal.addEventListener('abort', stop, { once: true });
  // The end of one is the end of all: each kind of work needs its worker.
  const runs = workers.map((worker) => worker.run().finally(stop));
  onWorkers(workers);
  onRunning();
  const upkeep = startUpkeep({ temporal, log });
  const results = await Promise.allSettled(runs);
  onWorkers([]);
  signal.removeEventListener('abort', stop);
  await upkeep.stop();
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  if (signal.aborted) throw failed.reason;
  const { reason } = failed as { reason: unknown };
  log.error({ error: reason instanceof Error ? reason.name : typeof reason }, 'a worker ended by itself');
}

/** Rejects as soon as the process is to stop, whatever the work does: an address may swallow everything. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
