// Functions of dates, all in UTC. NOW is no function here: the resolver puts the instant of the query in its place.
import { literalInterval, literalValue } from '../plan/expression.js';
import { isRounding, monthsBetween, truncate } from '../values/calendar.js';
import { illegalArgument } from '../values/failure.js';
import { formatInstant } from '../values/instant.js';
import { INTEGER_MAX } from '../values/long.js';
import { DATE_FIELD_NAMES, dateField } from './date-fields.js';
import { type DateFormat, parseDateFormat } from './date-format.js';
import { type FunctionDefinition, strict } from './definition.js';
import { date, gives, interval, string } from './parameters.js';

/** How long a unit of DATE_DIFF is: in milliseconds, or in months. */
const DIFFERENCES = new Map<string, { ms: number } | { months: number }>(
  [
    ['year years yy yyyy', { months: 12 }] as const,
    ['quarter quarters qq q', { months: 3 }] as const,
    ['month months mm m', { months: 1 }] as const,
    ['week weeks wk ww', { ms: 604_800_000 }] as const,
    ['dayofyear dy y day days dd d weekday weekdays dw', { ms: 86_400_000 }] as const,
    ['hour hours hh', { ms: 3_600_000 }] as const,
    ['minute minutes mi n', { ms: 60_000 }] as const,
    ['second seconds ss s', { ms: 1000 }] as const,
    ['millisecond milliseconds ms', { ms: 1 }] as const,
    ['microsecond microseconds mcs', { ms: 1e-3 }] as const,
    ['nanosecond nanoseconds ns', { ms: 1e-6 }] as const,
  ].flatMap(([names, unit]) => names.split(' ').map((name) => [name, unit])),
);

const UNIT_NAMES = 'year, quarter, month, week, day, hour, minute, second, millisecond, microsecond, nanosecond';
const unknownUnit = (unit: string) => `A value of [${UNIT_NAMES}] or their aliases is required; received [${unit}]`;

/** Whole units, cut towards zero. */
function difference(unit: string, start: number, end: number): number {
  const length = DIFFERENCES.get(unit.toLowerCase());
  if (length === undefined) throw illegalArgument(unknownUnit(unit));
  const exact = 'ms' in length ? (end - start) / length.ms : monthsBetween(start, end) / length.months;
  const result = Math.trunc(exact) + 0;
  if (Math.abs(result) > INTEGER_MAX) throw illegalArgument(`[${result}] out of [integer] range`);
  return result;
}

const unknownField = (name: string) => `A value of [${DATE_FIELD_NAMES.join(', ')}] is required; received [${name}]`;

function extract(part: string, ms: number): number {
  const read = dateField(part);
  if (read === null) throw illegalArgument(unknownField(part));
  return read(new Date(ms));
}

const formatting = (pattern: string): DateFormat | string => parseDateFormat(pattern);

export const DATES: readonly FunctionDefinition[] = [
  {
    kind: 'scalar',
    name: 'date_trunc',
    parameters: [interval('interval'), date('date')],
    summary: 'DATE_TRUNC(span, date): the beginning of the span of time that the date is in.',
    returns: gives('date'),
    check: ([span]) => {
      const value = literalInterval(span);
      return value !== undefined && !isRounding(value) ? 'Zero or negative time interval is not supported' : null;
    },
    prepare: ({ args: [span] }) => {
      const value = literalInterval(span);
      return strict((_: unknown, ms: number) => (value === undefined ? null : truncate(ms, value)));
    },
  },
  {
    kind: 'scalar',
    name: 'date_diff',
    parameters: [string('unit'), date('startTimestamp'), date('endTimestamp')],
    summary: 'DATE_DIFF(unit, start, end): how many whole units lie between.',
    returns: gives('integer'),
    check: ([unit]) => {
      const name = literalValue(unit);
      return typeof name === 'string' && !DIFFERENCES.has(name.toLowerCase()) ? unknownUnit(name) : null;
    },
    prepare: () => strict(difference),
  },
  {
    kind: 'scalar',
    name: 'date_extract',
    parameters: [string('datePart'), date('date')],
    summary: 'DATE_EXTRACT(part, date): its "hour_of_day", "day_of_week", …',
    returns: gives('long'),
    check: ([part]) => {
      const name = literalValue(part);
      return typeof name === 'string' && dateField(name) === null ? unknownField(name) : null;
    },
    prepare: () => strict(extract),
  },
  {
    kind: 'scalar',
    name: 'date_format',
    // With one argument that is the date; the resolver sorts it out.
    parameters: [string('dateFormat'), date('date')],
    summary: 'DATE_FORMAT(pattern, date): as text, "yyyy-MM-dd HH:mm".',
    returns: gives('keyword'),
    check: ([pattern]) => {
      const text = literalValue(pattern);
      const format = typeof text === 'string' ? formatting(text) : null;
      return typeof format === 'string' ? format : null;
    },
    prepare: ({ args: [pattern] }) => {
      const text = literalValue(pattern);
      const constant = typeof text === 'string' ? formatting(text) : null;
      return strict((each: string, ms: number) => {
        const format = constant ?? formatting(each);
        if (typeof format === 'string') throw illegalArgument(format);
        return format(new Date(ms));
      });
    },
  },
  {
    kind: 'scalar',
    name: 'date_to_text',
    parameters: [date('date')],
    returns: gives('keyword'),
    prepare: () => strict(formatInstant),
  },
];
