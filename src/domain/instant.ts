// Instants as SentinelOne writes them: ISO 8601 in UTC with six fraction digits, `2026-01-15T09:00:00.123456Z`.
// A `Date` holds milliseconds and would lose the last three digits, so arithmetic is done on whole microseconds since
// 1970, which a number holds exactly until the year 2255.

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/;

export const MICROS_PER_MS = 1000;
export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
export const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE;

/** Microseconds since 1970 of an ISO 8601 instant with zero to nine fraction digits, or null when it is none. */
export function parseInstant(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${normaliseZone(zone)}`);
  if (Number.isNaN(ms) || Number(day) > daysInMonth(Number(year), Number(month))) return null;
  return ms * MICROS_PER_MS + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** Microseconds since 1970 of an instant that is known to be well formed. Throws a RangeError when it is not. */
export function toMicros(text: string): number {
  const micros = parseInstant(text);
  if (micros === null) throw new RangeError(`not an ISO 8601 instant: ${text.slice(0, 40)}`);
  return micros;
}

/** The instant with six fraction digits, as SentinelOne and this product write it everywhere. */
export function toInstant(micros: number): string {
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const fraction = String(micros - seconds * MICROS_PER_SECOND).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

const normaliseZone = (zone: string) => (zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`);

const daysInMonth = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate();
