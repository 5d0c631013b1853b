// BUCKET (or BIN): the size of the buckets is settled when the query is read, so that only a rounding is left of it.
import { type BoundExpression, type Literal, literalInterval, literalValue } from '../plan/expression.js';
import type { Span } from '../text/span.js';
import { isRounding, monthsBetween, truncate } from '../values/calendar.js';
import { isInterval, isNumeric } from '../values/data-type.js';
import { type Interval, interval, isPeriod } from '../values/interval.js';
import { mustBe, ordinal } from './arguments.js';
import type { Context } from './context.js';
import { asOneOf, type Placed } from './literals.js';

/** From coarse to fine. */
const ROUNDINGS: readonly Interval[] = (
  [
    [1, 'year'],
    [1, 'month'],
    [1, 'week'],
    [1, 'day'],
    [12, 'hour'],
    [3, 'hour'],
    [1, 'hour'],
    [30, 'minute'],
    [10, 'minute'],
    [5, 'minute'],
    [1, 'minute'],
    [30, 'second'],
    [10, 'second'],
    [5, 'second'],
    [1, 'second'],
    [100, 'ms'],
    [50, 'ms'],
    [10, 'ms'],
    [1, 'ms'],
  ] as const
).map(([amount, unit]) => interval(amount, unit));

const DAY_MS = 86_400_000;

/** The function that rounds, and how far. */
export interface Rounding {
  readonly fn: 'date_trunc' | 'bucket_of_number';
  readonly args: readonly BoundExpression[];
}

export function bucketRounding(call: Span, args: readonly Placed[], context: Context): Rounding | null {
  const [field] = args;
  if (field === undefined || (args.length !== 2 && args.length !== 4)) {
    return context.problem(call, 'error building [bucket]: expects two or four arguments');
  }
  const constants = args.slice(1).map((arg, index) => constant(arg, index + 1, call, context));
  if (constants.includes(null)) return null;
  const given = constants.filter((each) => each !== null);
  if (field.expression.type === 'date') return ofDates(call, field.expression, given, context);
  if (isNumeric(field.expression.type)) return ofNumbers(call, field.expression, given, context);
  return mustBe(context, call, 0, 4, 'datetime or numeric', field);
}

function constant(arg: Placed, index: number, call: Span, context: Context): Placed | null {
  if (arg.expression.kind === 'literal') return arg;
  return context.problem(
    arg.span,
    `${ordinal(index)} argument of [${context.quote(call)}] must be a constant, received [${context.quote(arg.span)}]`,
  );
}

function ofDates(call: Span, field: BoundExpression, [size, from, to]: readonly Placed[], context: Context) {
  if (size === undefined) return null;
  if (from === undefined || to === undefined) {
    const span = asOneOf(size, ['date_period', 'time_duration'], context);
    const value = literalInterval(span ?? undefined);
    if (span === null || value === undefined) {
      return mustBe(context, call, 1, 4, 'integral, date_period or time_duration', size);
    }
    if (!isRounding(value)) return context.problem(size.span, 'Zero or negative time interval is not supported');
    return dateTruncation(field, value);
  }
  const count = literalValue(size.expression);
  if (size.expression.type !== 'integer' || typeof count !== 'number' || count < 1) {
    return mustBe(context, call, 1, 4, 'integral, date_period or time_duration', size);
  }
  const [first, last] = [from, to].map((end) => literalValue(asOneOf(end, ['date'], context) ?? undefined));
  if (typeof first !== 'number' || typeof last !== 'number') {
    // A string that is no date has had its problem.
    const wrong = [from, to].find(({ expression }) => expression.type !== 'date' && expression.type !== 'keyword');
    return wrong === undefined ? null : mustBe(context, call, wrong === from ? 2 : 3, 4, 'datetime or string', wrong);
  }
  return dateTruncation(field, finest(count, first, last));
}

function dateTruncation(field: BoundExpression, value: Interval): Rounding {
  const span: Literal = { kind: 'literal', type: isPeriod(value) ? 'date_period' : 'time_duration', value };
  return { fn: 'date_trunc', args: [span, field] };
}

/** The finest rounding that makes at most so many buckets of the range; a year if none does. */
function finest(most: number, from: number, to: number): Interval {
  let found = ROUNDINGS[0] ?? interval(1, 'year');
  for (const rounding of ROUNDINGS) {
    if (buckets(rounding, from, to) > most) break;
    found = rounding;
  }
  return found;
}

/** How many buckets reach from the one to the other. */
function buckets(rounding: Interval, from: number, to: number): number {
  const first = truncate(from, rounding);
  if (rounding.months === 0) return Math.max(1, Math.ceil((to - first) / (rounding.days * DAY_MS + rounding.ms)));
  const isMonthBegun = truncate(to, interval(1, 'month')) !== to;
  return Math.max(1, Math.ceil((monthsBetween(first, to) + (isMonthBegun ? 1 : 0)) / rounding.months));
}

function ofNumbers(call: Span, field: BoundExpression, given: readonly Placed[], context: Context): Rounding | null {
  const wrong = given.find(({ expression }) => !isNumeric(expression.type));
  if (wrong !== undefined) {
    const expects = isInterval(wrong.expression.type) ? 'integral' : 'numeric';
    return mustBe(context, call, given.indexOf(wrong) + 1, 4, expects, wrong);
  }
  const [size = 0, from, to] = given.map(({ expression }) => Number(literalValue(expression)));
  const value = from === undefined || to === undefined ? size : roundSize(to - from, size);
  if (!(value > 0) || !Number.isFinite(value)) {
    return context.problem(call, `the size of a bucket must be above 0, found [${value}]`);
  }
  return { fn: 'bucket_of_number', args: [field, { kind: 'literal', type: 'double', value }] };
}

/** A power of ten or half of one. */
function roundSize(range: number, count: number): number {
  const exact = range / count;
  const power = 10 ** Math.ceil(Math.log10(exact));
  return exact < power / 2 ? power / 2 : power;
}
