// Owns the parts of a stack: starts them one after the other, stops them in reverse order, on a signal, when one of
// them dies by itself, or when the work is done. After it has returned no part is left. (A SIGKILL of this process: see
// the reaper.)
import { describeExit, type Part, readTail } from './part.js';

/** What the start-up code gets. */
export interface Stack {
  /**
   * Awaits a part that is starting and takes it over; throws when the stack is stopping, and then the part is stopped.
   */
  readonly own: <P extends Part>(starting: Promise<P>) => Promise<P>;
  /** Aborted when the stack stops; for everything in the start-up that waits. */
  readonly signal: AbortSignal;
}

export interface SupervisorOptions {
  /**
   * Brings the stack up. Returns nothing for a stack that runs until it is told to stop, or an exit code when its work
   * is done. Whatever it throws stops the stack with exit code 1.
   */
  readonly start: (stack: Stack) => Promise<number | undefined>;
  /** One line for the person who started it. */
  readonly log: (line: string) => void;
}

// SIGHUP comes when the terminal is closed.
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Returns the exit code when every part has ended: 0 after a requested stop, the work's own, or 1 when something went
 * wrong.
 */
export async function supervise({ start, log }: SupervisorOptions): Promise<number> {
  const parts: Part[] = [];
  const stopping = new AbortController();
  const verdict = Promise.withResolvers<number>();
  let stoppingSinceMs: number | undefined;

  const finish = (exitCode: number, line?: string) => {
    if (stoppingSinceMs !== undefined) return;
    stoppingSinceMs = Date.now();
    for (const each of line?.split('\n') ?? []) log(each);
    verdict.resolve(exitCode);
    stopping.abort(new Error('the stack is stopping'));
  };
  const forced = Promise.withResolvers<void>();
  let isForced = false;
  const onSignal = (signal: NodeJS.Signals) => {
    const request = stopRequest(stoppingSinceMs, Date.now());
    if (request === 'stop') finish(0, `${signal}: stopping`);
    if (request !== 'force') return;
    log(`${signal} again: killing what is left`);
    isForced = true;
    for (const part of parts) part.kill();
    forced.resolve();
  };
  const own = async <P extends Part>(starting: Promise<P>): Promise<P> => {
    const part = await starting;
    parts.push(part);
    void part.exited.then(async (exit) => {
      if (part.stopRequested) return;
      const lastLines = part.logFile === undefined ? '' : `\n${await readTail(part.logFile)}`;
      finish(1, `${part.name} ended by itself (${describeExit(exit)}): stopping everything${lastLines}`);
    });
    stopping.signal.throwIfAborted(); // it is on the list and is stopped with the others
    return part;
  };

  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  try {
    const started = runStart(() => start({ own, signal: stopping.signal }), finish);
    const exitCode = await verdict.promise;
    await Promise.race([started, forced.promise]);
    await stopInReverse(parts, log);
    return isForced ? 1 : exitCode;
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  }
}

/** Errors that come after the stop are its consequences and are not told. */
async function runStart(start: () => Promise<number | undefined>, finish: (exitCode: number, line?: string) => void) {
  try {
    const exitCode = await start();
    if (exitCode !== undefined) finish(exitCode);
  } catch (error) {
    finish(1, withCauses(error));
  }
}

function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${withCauses(error.cause)}`;
}

/** The last started depends on the earlier ones, so it goes first. */
async function stopInReverse(parts: readonly Part[], log: (line: string) => void): Promise<void> {
  for (const part of [...parts].reverse()) {
    const startedAtMs = Date.now();
    await part.stop();
    log(`${part.name} stopped after ${Date.now() - startedAtMs} ms`);
  }
}

/**
 * What a person's Ctrl-C means. One press can arrive several times, since npm and tsx pass on what the terminal has
 * sent already; a second press some time later is somebody who will not wait.
 */
export type StopRequest = 'stop' | 'repeated' | 'force';

/** Further signals within this time after the first are the same press. */
export const SAME_PRESS_MS = 2_000;

/** `stoppingSinceMs` is when stopping began, undefined when it has not. */
export function stopRequest(stoppingSinceMs: number | undefined, nowMs: number): StopRequest {
  if (stoppingSinceMs === undefined) return 'stop';
  return nowMs - stoppingSinceMs < SAME_PRESS_MS ? 'repeated' : 'force';
}
