// Whether collecting went on whenever it could. Pure. A connection may rest while a fault disturbs it, until whatever
// was killed is up, and while it is shown as paused; all other time without a poll that reached its end is a stall,
// however many faults interrupt it.

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * After four failures in a row a poll has waited 75 s (5, 10, 20, 40), and Temporal takes up to 45 s to see that an
 * attempt went with its worker and to hand it out again. What is taken from Temporal is a disturbance until it is there
 * again, and has a bound of its own.
 */
export const LONGEST_STALL_MS = 120_000;

/** The most time without an advance between two of them, or an end of `during`, that nothing excuses. */
export function longestStallMs(of: {
  readonly during: Span;
  /** In order. */
  readonly advances: readonly number[];
  readonly excused: readonly Span[];
}): number {
  const { during, advances, excused } = of;
  const spans = united(excused);
  const ends = [...advances.filter((each) => each > during.fromMs && each < during.toMs), during.toMs];
  let fromMs = during.fromMs;
  let longest = 0;
  for (const toMs of ends) {
    const excusedMs = spans.reduce((sum, each) => sum + overlapMs(each, { fromMs, toMs }), 0);
    longest = Math.max(longest, toMs - fromMs - excusedMs);
    fromMs = toMs;
  }
  return longest;
}

const overlapMs = (one: Span, other: Span): number =>
  Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));

/** The same time, none of it twice. */
function united(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const { fromMs, toMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (last === undefined || fromMs > last.toMs) result.push({ fromMs, toMs });
    else result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, toMs) };
  }
  return result;
}
