// Dates as they are written: ISO 8601, of which everything behind the year may be missing (Elasticsearch's
// strict_date_optional_time). Without a zone it is UTC; what is finer than a millisecond is cut off.

const WRITTEN =
  /^([+-]?\d{4,6})(?:-(\d{2})(?:-(\d{2})(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?)?$/;

/** Milliseconds since 1970; null for what is no date. */
export function parseInstant(text: string): number | null {
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] =
    WRITTEN.exec(text) ?? [];
  if (year === undefined) return null;
  const ms = utc(Number(year), Number(month) - 1, Number(day));
  const date = new Date(ms);
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const time = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000;
  const result = ms + time + Number(fraction.padEnd(3, '0').slice(0, 3)) - zoneOffset(zone);
  return isInstant(result) ? result : null;
}

function zoneOffset(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Whether a calendar reaches so far. */
export const isInstant = (ms: number): boolean => Math.abs(ms) <= 8.64e15;

/** Midnight; months from 0, and those above 11 go on into the next years. `Date.UTC` takes the year 99 for 1999. */
export function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}

export const formatInstant = (ms: number): string => new Date(ms).toISOString();
