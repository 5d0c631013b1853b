// Aggregates: functions of all rows of a group. Null is skipped, and of a list every value counts.
import { literalValue } from '../plan/expression.js';
import { comparator, keyOf } from '../values/compare.js';
import { addLongs, type Long } from '../values/long.js';
import { elements, listOf, type Scalar, type Value } from '../values/value.js';
import type { Accumulator, AggregateFunction, AggregateShape } from './definition.js';
import { any, gives, keepType, numeric, string, whole } from './parameters.js';

/** One argument, value by value. */
function eachValue(add: (value: Scalar) => void, result: () => Value): Accumulator {
  return {
    add: ([value = null]) => {
      for (const each of elements(value)) add(each);
    },
    result,
  };
}

function extreme({ args: [field] }: AggregateShape, sign: 1 | -1): Accumulator {
  const compare = comparator(field?.type ?? 'null');
  let found: Scalar | null = null;
  return eachValue(
    (value) => {
      if (found === null || sign * compare(value, found) > 0) found = value;
    },
    () => found,
  );
}

/** Kahan's: what is lost of each summand is carried to the next. */
function doubleSum() {
  let [sum, lost] = [0, 0];
  return {
    add: (value: number) => {
      const corrected = value - lost;
      const next = sum + corrected;
      // Once a sum is not finite, nothing can be lost of it.
      lost = Number.isFinite(next) ? next - sum - corrected : 0;
      sum = next;
    },
    get: () => sum,
  };
}

function sum({ type }: AggregateShape): Accumulator {
  let count = 0;
  let longs: Long = 0;
  const doubles = doubleSum();
  return eachValue(
    (value) => {
      count += 1;
      if (type === 'double') doubles.add(Number(value));
      else longs = addLongs(longs, value as Long, 'long');
    },
    () => (count === 0 ? null : type === 'double' ? doubles.get() : longs),
  );
}

function average(): Accumulator {
  let count = 0;
  const total = doubleSum();
  return eachValue(
    (value) => {
      count += 1;
      total.add(Number(value));
    },
    () => (count === 0 ? null : total.get() / count),
  );
}

/** Between two values of the order, in proportion. */
function percentile(rank: number): Accumulator {
  const values: number[] = [];
  return eachValue(
    (value) => values.push(Number(value)),
    () => {
      if (values.length === 0) return null;
      values.sort((a, b) => a - b);
      const place = (Math.min(100, Math.max(0, rank)) / 100) * (values.length - 1);
      const below = values[Math.floor(place)] ?? 0;
      const above = values[Math.ceil(place)] ?? below;
      return below + (above - below) * (place - Math.floor(place));
    },
  );
}

function distinctValues(): Accumulator & { readonly size: () => number } {
  const seen = new Map<string, Scalar>();
  const accumulator = eachValue(
    (value) => {
      const key = keyOf(value);
      if (!seen.has(key)) seen.set(key, value);
    },
    () => listOf([...seen.values()]),
  );
  return { ...accumulator, size: () => seen.size };
}

const TOP_MOST = 10_000;

function top({ args: [field, limit, order] }: AggregateShape): Accumulator {
  const compare = comparator(field?.type ?? 'null');
  const sign = String(literalValue(order) ?? 'asc').toLowerCase() === 'desc' ? -1 : 1;
  const count = Number(literalValue(limit));
  const values: Scalar[] = [];
  const cut = () => {
    values.sort((a, b) => sign * compare(a, b));
    values.length = Math.min(values.length, count);
  };
  return eachValue(
    (value) => {
      values.push(value);
      // Sorting once for as many values as are kept costs no more than finding the place of each.
      if (values.length >= 2 * count + 64) cut();
    },
    () => {
      cut();
      return listOf(values);
    },
  );
}

const aggregate = (
  name: string,
  part: Pick<AggregateFunction, 'parameters' | 'returns' | 'check'> & { readonly summary: string },
  accumulate: AggregateFunction['accumulate'],
): AggregateFunction => ({ kind: 'aggregate', name, ...part, accumulate });

export const AGGREGATES: readonly AggregateFunction[] = [
  aggregate(
    'count',
    {
      parameters: [any('field', { optional: true })],
      returns: gives('long'),
      summary: 'COUNT(*), COUNT(value): how many rows, or values.',
    },
    ({ args }) => {
      let count = 0;
      return {
        add: ([value = null]) => {
          count += args.length === 0 ? 1 : elements(value).length;
        },
        result: () => count,
      };
    },
  ),
  aggregate(
    'count_distinct',
    {
      parameters: [any('field'), whole('precision', { optional: true, constant: true })],
      returns: gives('long'),
      summary: 'COUNT_DISTINCT(value): how many different values, exactly.',
    },
    () => {
      const seen = distinctValues();
      return { add: seen.add, result: seen.size };
    },
  ),
  aggregate(
    'sum',
    {
      parameters: [numeric('number')],
      returns: ([type = 'null']) => (type === 'double' ? 'double' : 'long'),
      summary: 'SUM(number): the sum.',
    },
    sum,
  ),
  aggregate(
    'avg',
    { parameters: [numeric('number')], returns: gives('double'), summary: 'AVG(number): the mean.' },
    average,
  ),
  aggregate('min', { parameters: [any('field')], returns: keepType, summary: 'MIN(value): the least.' }, (call) =>
    extreme(call, -1),
  ),
  aggregate('max', { parameters: [any('field')], returns: keepType, summary: 'MAX(value): the greatest.' }, (call) =>
    extreme(call, 1),
  ),
  aggregate(
    'values',
    { parameters: [any('field')], returns: keepType, summary: 'VALUES(value): each value once, as a list.' },
    distinctValues,
  ),
  aggregate(
    'percentile',
    {
      parameters: [numeric('number'), numeric('percentile', { constant: true })],
      returns: gives('double'),
      summary: 'PERCENTILE(number, rank): the value that so many per cent are below.',
    },
    ({ args: [, rank] }) => percentile(Number(literalValue(rank))),
  ),
  aggregate(
    'median',
    { parameters: [numeric('number')], returns: gives('double'), summary: 'MEDIAN(number): the value in the middle.' },
    () => percentile(50),
  ),
  aggregate(
    'top',
    {
      parameters: [
        any('field'),
        whole('limit', { constant: true }),
        string('order', { optional: true, constant: true }),
      ],
      returns: keepType,
      summary: 'TOP(value, n, "asc"|"desc"): the first n values in order, as a list.',
      check: ([, limit, order]) => {
        const count = literalValue(limit);
        if (typeof count === 'number' && (count < 1 || count > TOP_MOST))
          return `Limit must be between 1 and ${TOP_MOST}, found [${count}]`;
        const direction = literalValue(order);
        return typeof direction === 'string' && !/^(?:asc|desc)$/i.test(direction)
          ? `Invalid order value [${direction}], expected one of [ASC, DESC]`
          : null;
      },
    },
    top,
  ),
];
