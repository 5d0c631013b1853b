// What is believed of the console's clock, and what cannot be: a position later than the console's own time.
import { MICROS_PER_MINUTE, MICROS_PER_MS, toMicros } from '../instant.js';

/** Further than any drift or slow reply, and far within the overlap of two minutes. */
export const CLOCK_STEP_MS = 30_000;

export interface Position {
  readonly watermark: string | null;
  readonly collectedThrough: string | null;
}

/**
 * Whether a position lies ahead of the console's time. A row may be dated up to a minute ahead, and of such a row is
 * the watermark.
 */
export function aheadOfConsole({ watermark, collectedThrough }: Position, nowMicros: number): boolean {
  const latestMicros = nowMicros + CLOCK_STEP_MS * MICROS_PER_MS;
  const isLater = (instant: string | null, thanMicros: number) => instant !== null && toMicros(instant) > thanMicros;
  return isLater(collectedThrough, latestMicros) || isLater(watermark, latestMicros + MICROS_PER_MINUTE);
}
