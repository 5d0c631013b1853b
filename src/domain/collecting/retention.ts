// How long events and discards are kept. Whole months are dropped, each once the last instant of it is too old; a row
// that is already too old when it arrives is not stored, so that no dropped month comes back. Pure.
import { MICROS_PER_HOUR, toInstant } from '../instant.js';

export interface Retention {
  readonly eventDays: number;
  readonly discardDays: number;
}

/** What is older is not kept. Instants are written alike, so they compare as text. */
export interface KeptFrom {
  readonly events: string;
  readonly discards: string;
}

const MICROS_PER_DAY = 24 * MICROS_PER_HOUR;

const daysAgo = (days: number, nowMicros: number): number => nowMicros - days * MICROS_PER_DAY;

/** `nowMicros` by the clock that dated the rows: the console's. */
export const keptFrom = ({ eventDays, discardDays }: Retention, nowMicros: number): KeptFrom => ({
  events: toInstant(daysAgo(eventDays, nowMicros)),
  discards: toInstant(daysAgo(discardDays, nowMicros)),
});

/**
 * Where collecting begins when it is told to begin earlier: nothing before this is kept, as an event or as a discard.
 */
export const collectableFromMicros = ({ eventDays, discardDays }: Retention, nowMicros: number): number =>
  daysAgo(Math.max(eventDays, discardDays), nowMicros);

/**
 * Where a comparison with the console's own count begins: from here on both events and discards are held. A full hour,
 * and one more, so that what is compared does not become too old while it is read again.
 */
export const comparableFromMicros = ({ eventDays, discardDays }: Retention, nowMicros: number): number =>
  Math.ceil(daysAgo(Math.min(eventDays, discardDays), nowMicros) / MICROS_PER_HOUR + 1) * MICROS_PER_HOUR;

/** The month of an instant and the next ones, as `2026-01`. */
export function monthsAhead(nowMs: number, ahead: number): string[] {
  const now = new Date(nowMs);
  return Array.from({ length: ahead + 1 }, (_, n) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, 1)).toISOString().slice(0, 7),
  );
}
