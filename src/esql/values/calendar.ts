// Sums and roundings of dates, in UTC.
import { Failure } from './failure.js';
import { isInstant, utc } from './instant.js';
import { type Interval, isPeriod } from './interval.js';

const DAY_MS = 86_400_000;

/** Months first, where a day that the month does not have becomes its last one; then days; then the clock. */
export function addInterval(ms: number, { months, days, ms: clock }: Interval): number {
  const result = (months === 0 ? ms : addMonths(ms, months)) + days * DAY_MS + clock;
  if (!isInstant(result)) throw new Failure('java.lang.ArithmeticException', 'long overflow');
  return result;
}

function addMonths(ms: number, months: number): number {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const lastDay = new Date(utc(year, month + 1, 0)).getUTCDate();
  return utc(year, month, Math.min(date.getUTCDate(), lastDay)) + modulo(ms, DAY_MS);
}

const modulo = (value: number, by: number) => ((value % by) + by) % by;
const floorTo = (value: number, by: number) => Math.floor(value / by) * by;

/** The epoch was a Thursday; weeks begin on Mondays. */
const FIRST_MONDAY = 4 * DAY_MS;

/**
 * The beginning of the span that the date is in. Spans of months and years are counted from the year 1, of several days
 * and of less from 1970, and a week begins on Monday: as Elasticsearch does it.
 */
export function truncate(ms: number, span: Interval): number {
  if (!isPeriod(span)) return floorTo(ms, span.ms);
  if (span.months === 0) {
    return span.days === 7 ? floorTo(ms - FIRST_MONDAY, 7 * DAY_MS) + FIRST_MONDAY : floorTo(ms, span.days * DAY_MS);
  }
  const date = new Date(ms);
  const month = floorTo((date.getUTCFullYear() - 1) * 12 + date.getUTCMonth(), span.months);
  return utc(1, month, 1);
}

/** Whether dates can be cut by the span: it is of one kind, and more than nothing. */
export function isRounding({ months, days, ms }: Interval): boolean {
  return [months, days, ms].filter((part) => part !== 0).length === 1 && months + days + ms > 0;
}

/** Whole months between two dates, as the calendar counts them; negative backwards. */
export function monthsBetween(start: number, end: number): number {
  const [from, to] = [new Date(start), new Date(end)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  const rest = (date: Date) => (date.getUTCDate() - 1) * DAY_MS + modulo(date.getTime(), DAY_MS);
  if (months > 0 && rest(to) < rest(from)) return months - 1;
  return months < 0 && rest(to) > rest(from) ? months + 1 : months;
}
