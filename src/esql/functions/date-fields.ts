// The parts of a date that DATE_EXTRACT knows, by Java's names (ChronoField), in UTC.
import { utc } from '../values/instant.js';

type DateField = (date: Date) => number;

const DAY_MS = 86_400_000;
/** From 1. */
export const dayOfYear: DateField = (date) =>
  Math.floor((date.getTime() - utc(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
/** Monday is 1. */
export const dayOfWeek: DateField = (date) => ((date.getUTCDay() + 6) % 7) + 1;
const hour12: DateField = (date) => date.getUTCHours() % 12;
const secondOfDay: DateField = (date) => (date.getUTCHours() * 60 + date.getUTCMinutes()) * 60 + date.getUTCSeconds();
const millisecondOfDay: DateField = (date) => secondOfDay(date) * 1000 + date.getUTCMilliseconds();

const FIELDS: ReadonlyMap<string, DateField> = new Map<string, DateField>([
  ['year', (date) => date.getUTCFullYear()],
  ['year_of_era', (date) => (date.getUTCFullYear() > 0 ? date.getUTCFullYear() : 1 - date.getUTCFullYear())],
  ['era', (date) => (date.getUTCFullYear() > 0 ? 1 : 0)],
  ['proleptic_month', (date) => date.getUTCFullYear() * 12 + date.getUTCMonth()],
  ['month_of_year', (date) => date.getUTCMonth() + 1],
  ['aligned_week_of_month', (date) => Math.floor((date.getUTCDate() - 1) / 7) + 1],
  ['aligned_week_of_year', (date) => Math.floor((dayOfYear(date) - 1) / 7) + 1],
  ['aligned_day_of_week_in_month', (date) => ((date.getUTCDate() - 1) % 7) + 1],
  ['aligned_day_of_week_in_year', (date) => ((dayOfYear(date) - 1) % 7) + 1],
  ['day_of_month', (date) => date.getUTCDate()],
  ['day_of_week', dayOfWeek],
  ['day_of_year', dayOfYear],
  ['epoch_day', (date) => Math.floor(date.getTime() / DAY_MS)],
  ['ampm_of_day', (date) => Math.floor(date.getUTCHours() / 12)],
  ['hour_of_day', (date) => date.getUTCHours()],
  ['clock_hour_of_day', (date) => date.getUTCHours() || 24],
  ['hour_of_ampm', hour12],
  ['clock_hour_of_ampm', (date) => hour12(date) || 12],
  ['minute_of_day', (date) => date.getUTCHours() * 60 + date.getUTCMinutes()],
  ['minute_of_hour', (date) => date.getUTCMinutes()],
  ['second_of_day', secondOfDay],
  ['second_of_minute', (date) => date.getUTCSeconds()],
  ['instant_seconds', (date) => Math.floor(date.getTime() / 1000)],
  ['milli_of_day', millisecondOfDay],
  ['milli_of_second', (date) => date.getUTCMilliseconds()],
  ['micro_of_day', (date) => millisecondOfDay(date) * 1000],
  ['micro_of_second', (date) => date.getUTCMilliseconds() * 1000],
  ['nano_of_day', (date) => millisecondOfDay(date) * 1_000_000],
  ['nano_of_second', (date) => date.getUTCMilliseconds() * 1_000_000],
  ['offset_seconds', () => 0],
]);

export const DATE_FIELD_NAMES: readonly string[] = [...FIELDS.keys()];

export const dateField = (name: string): DateField | null => FIELDS.get(name.toLowerCase()) ?? null;
