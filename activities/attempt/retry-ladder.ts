// How a failed poll or backfill ends, and when it is tried again: at once after a lost race, soon while our own store is away, not
// by itself when a person or the workflow has to act, and else by the count of failures in a row. A workflow cannot see its
// activity's failing attempts, so whoever fails writes down what people should know about it.
import { FAILURES } from '../../src/domain/failures/failures.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { applicationFailure, isCancellation } from './failure.js';
import type { UpstreamFailure } from './with-session.js';

/** A checkpoint that moved on or a race that was lost: the next attempt reads it again, at once. */
const AT_ONCE_MS = 100;
/** Our own store is restarting, or is gone: nobody is spared by waiting longer. */
const STORE_AWAY_DELAY_MS = 2_000;

export interface FailedAttempt {
  /** For the log. */
  readonly what: 'poll' | 'backfill';
  /** Counts the failure, writes it down, and returns in how many milliseconds the next attempt begins. */
  readonly write: () => Promise<number>;
}

/** What the attempt throws to Temporal. */
export async function retryLadder(
  deps: Deps,
  ref: ConnectionRef,
  { code, rejection }: UpstreamFailure,
  { what, write }: FailedAttempt,
): Promise<Error> {
  if (code === 'checkpoint.conflict' || code === 'store.conflict') {
    return applicationFailure(code, { nextRetryDelayMs: AT_ONCE_MS });
  }
  if (code === 'store.unavailable') return applicationFailure(code, { nextRetryDelayMs: STORE_AWAY_DELAY_MS });
  if (code !== 'internal' && !FAILURES[code].retryable) return applicationFailure(code, { rejection });
  try {
    return applicationFailure(code, { rejection, nextRetryDelayMs: await write() });
  } catch (storeError) {
    if (isCancellation(storeError)) return storeError;
    deps.log.warn({ ...ref, code }, `a failed ${what} could not be written down, because the store is away too`);
    return applicationFailure(code, { rejection, nextRetryDelayMs: STORE_AWAY_DELAY_MS });
  }
}
