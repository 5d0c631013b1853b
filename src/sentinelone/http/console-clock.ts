// The console's clock as seen from here. SentinelOne filters by its own time, so every time sent to it is console
// time. `Date` headers have whole seconds, cut off: on average the instant is half a second later, and it was stamped
// about when half of the round trip had passed. The latest reply wins; its error is at most half a second plus half
// the round trip, which the two minutes of overlap swallow many times over.
import { MICROS_PER_MS } from '../../domain/instant.js';
import { parseHttpDateMs } from './retry-after.js';

const HALF_SECOND_MS = 500;

export interface ConsoleClock {
  /** Takes note of a reply. A reply without a readable `Date` changes nothing. */
  observe(reply: { readonly date: string | null; readonly sentAtMs: number; readonly receivedAtMs: number }): void;
  /** Console time in microseconds since 1970; our own time until a reply has been seen. */
  nowMicros(): number;
  isMeasured(): boolean;
}

export function createConsoleClock(nowMs: () => number = Date.now): ConsoleClock {
  let offsetMs: number | null = null;
  return {
    observe({ date, sentAtMs, receivedAtMs }) {
      const dateMs = parseHttpDateMs(date ?? '');
      if (dateMs !== null) offsetMs = dateMs + HALF_SECOND_MS - (sentAtMs + receivedAtMs) / 2;
    },
    nowMicros: () => Math.round((nowMs() + (offsetMs ?? 0)) * MICROS_PER_MS),
    isMeasured: () => offsetMs !== null,
  };
}
