// How a failed poll or backfill ends. What follows is decided in src/domain/collecting/backoff.ts; here it is written
// down, because a workflow cannot see its activity's failing attempts, and turned into what Temporal is thrown.
import { STORE_AWAY_DELAY_MS, uncountedRetry } from '../../src/domain/collecting/backoff.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { applicationFailure, isCancellation } from './failure.js';
import type { UpstreamFailure } from './with-session.js';

export interface FailedAttempt {
  /** For the log. */
  readonly what: 'poll' | 'backfill';
  /** Counts the failure and writes it down. */
  readonly write: () => Promise<WrittenFailure>;
}

export interface WrittenFailure {
  /** Until the next attempt begins. */
  readonly nextTryInMs: number;
  /** Shown with the failure: a pending activity's last one is what the Temporal UI has of an outage. */
  readonly note?: string;
}

/** What the attempt throws to Temporal. */
export async function retryLadder(
  deps: Deps,
  ref: ConnectionRef,
  { code, rejection, overdue }: UpstreamFailure,
  { what, write }: FailedAttempt,
): Promise<Error> {
  const uncounted = overdue === true ? null : uncountedRetry(code);
  if (uncounted !== null) return applicationFailure(code, { rejection, ...uncounted });
  try {
    const { nextTryInMs, note } = await write();
    return applicationFailure(code, { rejection, nextRetryDelayMs: nextTryInMs, note });
  } catch (storeError) {
    if (isCancellation(storeError)) return storeError;
    deps.log.warn({ ...ref, code }, `a failed ${what} could not be written down, because the store is away too`);
    return applicationFailure(code, { rejection, nextRetryDelayMs: STORE_AWAY_DELAY_MS });
  }
}
