// The console's clock as seen from here. SentinelOne filters by its own time, so every time sent to it is console
// time. `Date` headers have whole seconds, cut off: on average the instant is half a second later, and it was stamped
// about when half of the round trip had passed. The latest reply wins; its error is at most half a second plus half
// the round trip, which the two minutes of overlap swallow many times over.
//
// A reply that is far off is doubted: a balancer or one node of a console with a wrong clock must not move what goes
// by it. Only when several replies in a row, over a minute, say the same is the new time believed. Our side of the
// comparison is a clock that nobody sets, so that setting ours looks like no jump of the console's.
import { CLOCK_STEP_MS } from '../../domain/collecting/console-time.js';
import { MICROS_PER_MS } from '../../domain/instant.js';
import { parseHttpDateMs } from './retry-after.js';

const HALF_SECOND_MS = 500;

/** In a row, and from the first to the last, before a jump is believed. */
export interface ClockPatience {
  readonly replies: number;
  readonly spanMs: number;
}

const PATIENCE: ClockPatience = { replies: 5, spanMs: 60_000 };

/** What is on record: how far the console is ahead of our wall clock, and when (ours) that was learned. */
export interface KnownClock {
  readonly aheadMs: number;
  readonly atMs: number;
}

export interface ConsoleClock {
  /** Takes note of a reply. A reply without a readable `Date` changes nothing. */
  observe(reply: { readonly date: string | null; readonly sentAtMs: number; readonly receivedAtMs: number }): void;
  /** Takes over what is on record, when no reply has been read here for a minute before it. */
  recall(known: KnownClock): void;
  /** Console time in microseconds since 1970; our own time until a reply has been seen. */
  nowMicros(): number;
  isMeasured(): boolean;
  /** How far the latest replies are off, in milliseconds; null while they agree. */
  doubtMs(): number | null;
  /** Console time, by the clock of now, of the last reply before the latest jump that was believed; null: none was. */
  sureMicros(): number | null;
}

interface Suspicion {
  readonly offsetMs: number;
  readonly sinceMs: number;
  readonly replies: number;
}

interface Clocks {
  /** Milliseconds since 1970 that go on evenly, whoever sets the machine's clock. */
  readonly steadyMs?: () => number;
  readonly wallMs?: () => number;
  readonly patience?: ClockPatience | undefined;
}

const steady = () => performance.timeOrigin + performance.now();

export function createConsoleClock({
  steadyMs = steady,
  wallMs = Date.now,
  patience = PATIENCE,
}: Clocks = {}): ConsoleClock {
  let offsetMs: number | null = null;
  let suspicion: Suspicion | null = null;
  let agreedAtMs: number | null = null;
  let sureAtMs: number | null = null;

  const agree = (newOffsetMs: number, atMs: number) => {
    offsetMs = newOffsetMs;
    suspicion = null;
    agreedAtMs = atMs;
  };
  const doubt = (newOffsetMs: number, atMs: number) => {
    const isSame = suspicion !== null && isNear(suspicion.offsetMs, newOffsetMs);
    const before = isSame && suspicion !== null ? suspicion : { sinceMs: atMs, replies: 0 };
    suspicion = { offsetMs: newOffsetMs, sinceMs: before.sinceMs, replies: before.replies + 1 };
    if (suspicion.replies < patience.replies || atMs - suspicion.sinceMs < patience.spanMs) return;
    sureAtMs = agreedAtMs;
    agree(newOffsetMs, atMs);
  };

  return {
    observe({ date, sentAtMs, receivedAtMs }) {
      const dateMs = parseHttpDateMs(date ?? '');
      if (dateMs === null) return;
      const atMs = steadyMs();
      const stampedAtMs = atMs - (wallMs() - receivedAtMs) - (receivedAtMs - sentAtMs) / 2;
      const seenMs = dateMs + HALF_SECOND_MS - stampedAtMs;
      if (offsetMs === null || isNear(offsetMs, seenMs)) agree(seenMs, atMs);
      else doubt(seenMs, atMs);
    },
    recall({ aheadMs, atMs }) {
      const learnedAtMs = atMs + steadyMs() - wallMs();
      if (agreedAtMs === null || agreedAtMs < learnedAtMs - RECENT_MS)
        agree(aheadMs + wallMs() - steadyMs(), learnedAtMs);
    },
    nowMicros: () => Math.round((steadyMs() + (offsetMs ?? 0)) * MICROS_PER_MS),
    isMeasured: () => offsetMs !== null,
    doubtMs: () => (suspicion === null || offsetMs === null ? null : Math.round(suspicion.offsetMs - offsetMs)),
    sureMicros: () => (sureAtMs === null ? null : Math.round((sureAtMs + (offsetMs ?? 0)) * MICROS_PER_MS)),
  };
}

/** A process that polls has read replies later than this before each record. */
const RECENT_MS = 60_000;

const isNear = (a: number, b: number) => Math.abs(a - b) <= CLOCK_STEP_MS;
