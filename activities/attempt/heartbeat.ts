// Heartbeats by a timer, for activities whose single steps may take longer than the heartbeat time-out: a page that
// SentinelOne sends slowly, a database that waits for a lock. Every step has a time-out of its own, so a timer hides no
// hang.
import { Context } from '@temporalio/activity';

const EVERY_MS = 3_000;

/**
 * Runs `work` with the activity's cancellation signal while heartbeats go out. The start counts as the first one, so
 * most polls, which take milliseconds, send none: each is a write for Temporal. `details` are what the Temporal UI
 * shows of an attempt that takes longer.
 */
export async function withHeartbeat<T>(
  work: (signal: AbortSignal) => Promise<T>,
  details: () => object | undefined = () => undefined,
): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details()), EVERY_MS);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
