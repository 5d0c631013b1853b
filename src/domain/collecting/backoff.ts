// What follows from a failed attempt to collect, be it the live poll or a backfill: whether the failure counts, how
// long to wait, and when the connection is shown as degraded. Consecutive failures are counted by the store: Temporal's
// own attempt number also counts idle polls and would make a first failure wait as if it were the tenth.
import { type FailureCode, FAILURES } from '../failures/failures.js';

/** `internal` is a bug of ours: it is tried again, because a fixed build may succeed. */
type Code = FailureCode | 'internal';

/** A checkpoint that moved on or a race that was lost: the next attempt reads it again, at once. */
const AT_ONCE_MS = 100;
/** Our own store is restarting, or is gone: nobody is spared by waiting longer. */
export const STORE_AWAY_DELAY_MS = 2_000;

/**
 * Null: the failure counts, ask `afterFailures`. Otherwise it does not; without a delay it is not tried again either.
 */
export function uncountedRetry(code: Code): { readonly nextRetryDelayMs?: number } | null {
  if (code === 'checkpoint.conflict' || code === 'store.conflict') return { nextRetryDelayMs: AT_ONCE_MS };
  if (code === 'store.unavailable') return { nextRetryDelayMs: STORE_AWAY_DELAY_MS };
  return code === 'internal' || FAILURES[code].retryable ? null : {};
}

const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 5 * 60_000;

/** A connection is shown as degraded from this many failures in a row. */
const DEGRADED_AFTER_FAILURES = 3;

/** The console answers, but what it says is no use: that hardly goes away by itself, and is shown at once. */
const NONSENSE: readonly Code[] = ['s1.bad_request', 's1.bad_response'];

/** `failures` in a row of the same poll or backfill, this one among them. */
export function afterFailures(failed: {
  readonly code: Code;
  readonly failures: number;
  /** What SentinelOne asks for. */
  readonly retryAfterMs: number | null;
}): { readonly nextTryInMs: number; readonly degraded: boolean } {
  const { code, failures, retryAfterMs } = failed;
  return {
    nextTryInMs: code === 's1.bad_request' ? MAX_DELAY_MS : backoffMs(failures, retryAfterMs),
    degraded: failures >= DEGRADED_AFTER_FAILURES || NONSENSE.includes(code),
  };
}

/** 5 s doubling to 5 min, from the first failure on; what SentinelOne asks for is obeyed as it is. */
export function backoffMs(failures: number, retryAfterMs: number | null = null): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, 10);
  return retryAfterMs ?? Math.min(FIRST_DELAY_MS * 2 ** doublings, MAX_DELAY_MS);
}
