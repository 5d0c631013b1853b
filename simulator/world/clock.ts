// The console's clock. It may be wrong on purpose: the Date header and every new row follow it, never the machine's.

import { mix } from './random.js';

export interface ConsoleClock {
  /** How far the console's clock is ahead of the machine's; negative when it is behind. */
  skewMs: number;
  nowMs(): number;
  /** Microseconds since 1970. Within one millisecond each call gives a later one, so that a burst keeps its order. */
  nowMicros(): number;
}

export function createClock(machineNowMs: () => number, skewMs: number): ConsoleClock {
  let lastMs = 0;
  let withinMs = 0;
  const clock: ConsoleClock = {
    skewMs,
    nowMs: () => machineNowMs() + clock.skewMs,
    nowMicros: () => {
      const ms = clock.nowMs();
      withinMs = ms === lastMs ? Math.min(withinMs + 1, 999) : mix(0, ms) % 500;
      lastMs = ms;
      return ms * 1000 + withinMs;
    },
  };
  return clock;
}
