// How long a poll waits after a failure. Counted from consecutive failures, which the store keeps: Temporal's own attempt
// number also counts idle polls and would make a first failure wait as if it were the tenth.

const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 5 * 60_000;

/** 5 s doubling to 5 min; `consecutiveFailures` counts this one, so it starts at 1. What SentinelOne asks for is obeyed as it is. */
export function backoffMs(consecutiveFailures: number, retryAfterMs: number | null = null): number {
  const doublings = Math.min(Math.max(consecutiveFailures, 1) - 1, 10);
  const ownMs = Math.min(FIRST_DELAY_MS * 2 ** doublings, MAX_DELAY_MS);
  return retryAfterMs ?? ownMs;
}

/** A connection is shown as degraded from this many failures in a row. */
export const DEGRADED_AFTER_FAILURES = 3;
