// Instants as the console reads and writes them, in whole microseconds since 1970. The simulator keeps its own reading
// of the format instead of the product's, so that a mistake there cannot hide behind the same mistake here.
import { threeDigits, twoDigits } from './digits.js';

const SHAPE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)?$/;

/** Microseconds of an ISO 8601 instant, or null when the text is none. Without a zone the console takes UTC. */
export function readInstant(text: string): number | null {
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const [, date = '', time = '', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : ms * 1000 + Number(fraction.padEnd(6, '0'));
}

const DAY_MS = 86_400_000;
let lastDay = NaN;
let lastDate = '';

/** `2026-01-15T09:00:00.123456Z`: always six fraction digits. The date is kept, because rows come day by day. */
export function writeInstant(micros: number): string {
  const ms = Math.floor(micros / 1000);
  const day = Math.floor(ms / DAY_MS);
  if (day !== lastDay) {
    lastDay = day;
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 11);
  }
  const inDay = ms - day * DAY_MS;
  const seconds = Math.floor(inDay / 1000);
  const minutes = Math.floor(seconds / 60);
  const time = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
  return `${lastDate}${time}.${threeDigits(inDay % 1000)}${threeDigits(micros - ms * 1000)}Z`;
}

/** `2026-07-01T00:00:00Z`: the form of `expiresAt`, which has no fraction. */
export const writeSeconds = (micros: number): string => `${writeInstant(micros).slice(0, 19)}Z`;
