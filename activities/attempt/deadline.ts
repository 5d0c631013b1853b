// An attempt's own deadline, earlier than Temporal's: an attempt that Temporal times out is given up without a word,
// and what it would have counted and told is lost. When the time is over, requests under way are ended first, which
// says that the console is what was waited for; what has still not ended soon after waits for our own store.
import type { FailureCode } from '../../src/domain/failures/failures.js';

/** For what was ended to say so. */
const GRACE_MS = 2_000;

/** Counts as a failure whatever its code: an attempt that hung is none that was refused at once. */
export class Overdue extends Error {
  override readonly name = 'Overdue';
  constructor(readonly code: Extract<FailureCode, 's1.unavailable' | 'store.unavailable'>) {
    super(code);
  }
}

/**
 * Runs `work` with a signal that is the given one and the deadline's in one. Throws `Overdue` when it takes too long;
 * work that hears no signal goes on unobserved, as it would after Temporal's time-out, and its checkpoint ends it.
 */
export async function withDeadline<T>(
  { signal, deadlineMs, graceMs = GRACE_MS }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const hung = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    grace = setTimeout(() => hung.reject(new Overdue('store.unavailable')), graceMs);
    deadline.abort(new Overdue('s1.unavailable'));
  }, deadlineMs);
  try {
    return await Promise.race([work(AbortSignal.any([signal, deadline.signal])), hung.promise]);
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
  }
}

export interface Limits {
  /** Somebody's wish to cancel the attempt. */
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  readonly graceMs?: number;
}

/** Of a step that waits for our own store. Throws `Overdue` when it takes longer; the step goes on unobserved. */
export async function within<T>(ms: number, step: Promise<T>): Promise<T> {
  const hung = Promise.withResolvers<never>();
  const timer = setTimeout(() => hung.reject(new Overdue('store.unavailable')), ms);
  try {
    return await Promise.race([step, hung.promise]);
  } finally {
    clearTimeout(timer);
  }
}
