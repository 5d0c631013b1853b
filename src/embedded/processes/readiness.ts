// Waiting for a started server to answer, with an end: a server that died, and one that never answers, both say why.
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type Part } from './part.js';

export interface ReadinessCheck {
  readonly part: Part;
  /** Rejects while the server does not answer yet. */
  readonly check: () => Promise<void>;
  readonly timeoutMs: number;
  /** Ends the wait early; the caller looks at it again and stops the part. */
  readonly signal?: AbortSignal | undefined;
}

const CHECK_INTERVAL_MS = 50;

/** Undefined once the check has passed, else the reason why it never will. */
export async function whyNotReady({ part, check, timeoutMs, signal }: ReadinessCheck): Promise<string | undefined> {
  let ended: string | undefined;
  void part.exited.then((exit) => (ended = describeExit(exit)));
  let lastError: unknown;
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && signal?.aborted !== true) {
    if (ended !== undefined) return `it ended with ${ended}`;
    try {
      await check();
      return undefined;
    } catch (error) {
      lastError = error;
      await delay(CHECK_INTERVAL_MS);
    }
  }
  return `it did not answer within ${timeoutMs} ms: ${String(lastError)}`;
}
