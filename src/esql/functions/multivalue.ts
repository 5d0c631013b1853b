// Functions of lists. A single value is a list of one.
import { comparator, keyOf } from '../values/compare.js';
import { illegalArgument } from '../values/failure.js';
import { addLongs, type Long } from '../values/long.js';
import { elements, isList, listOf, type Scalar, type Value } from '../values/value.js';
import { type FunctionDefinition, MULTIVALUE, type ScalarFunction, whole } from './definition.js';
import { best } from './numbers.js';
import { any, gives, keepType, numeric, string, whole as wholeNumber } from './parameters.js';

type Part = Pick<FunctionDefinition, 'parameters' | 'returns'> & { readonly summary: string };

const scalar = (name: string, part: Part, prepare: ScalarFunction['prepare']): FunctionDefinition => ({
  kind: 'scalar',
  name,
  ...part,
  prepare,
});

/** Of all elements one value. */
const reduced = (name: string, part: Part, of: (values: readonly Scalar[], type: ScalarArgs) => Value) =>
  scalar(name, part, ({ args: [field], type }) =>
    whole((value) => (value === null ? null : of(elements(value), { from: field?.type ?? 'null', into: type }))),
  );

interface ScalarArgs {
  readonly from: Parameters<typeof comparator>[0];
  readonly into: Parameters<typeof comparator>[0];
}

const keeps = (summary: string): Part => ({ parameters: [any('field')], returns: keepType, summary });

export function distinct(values: readonly Scalar[]): Scalar[] {
  const seen = new Map<string, Scalar>();
  for (const value of values) if (!seen.has(keyOf(value))) seen.set(keyOf(value), value);
  return [...seen.values()];
}

/** From 0; negative places count from the end; both ends belong to it. */
function slice(value: Value, start: Value, end: Value): Value {
  if (value === null || start === null || end === null) return null;
  if (typeof start !== 'number' || typeof end !== 'number') throw MULTIVALUE;
  if (start > end && start < 0 === end < 0) throw illegalArgument('Start offset is greater than end offset');
  const all = elements(value);
  const place = (index: number) => (index < 0 ? index + all.length : index);
  return listOf(all.slice(Math.max(0, place(start)), Math.max(0, place(end) + 1)));
}

const ORDERS = /^(?:asc|desc)$/i;

export const MULTIVALUES: readonly FunctionDefinition[] = [
  reduced(
    'mv_count',
    { parameters: [any('field')], returns: gives('integer'), summary: 'MV_COUNT(list): how many values.' },
    (values) => values.length,
  ),
  reduced('mv_first', keeps('MV_FIRST(list): the first value.'), (values) => values[0] ?? null),
  reduced('mv_last', keeps('MV_LAST(list): the last value.'), (values) => values.at(-1) ?? null),
  reduced('mv_max', keeps('MV_MAX(list): the greatest value.'), (values, { from }) => best(values, comparator(from))),
  reduced('mv_min', keeps('MV_MIN(list): the least value.'), (values, { from }) => {
    const compare = comparator(from);
    return best(values, (a, b) => compare(b, a));
  }),
  reduced('mv_dedupe', keeps('MV_DEDUPE(list): each value once.'), (values) => listOf(distinct(values))),
  reduced(
    'mv_sum',
    { parameters: [numeric('number')], returns: keepType, summary: 'MV_SUM(list): the sum.' },
    (values, { into }) =>
      into === 'double'
        ? values.reduce<number>((sum, value) => sum + Number(value), 0)
        : values.reduce<Long>((sum, value) => addLongs(sum, value as Long, into === 'integer' ? 'integer' : 'long'), 0),
  ),
  reduced(
    'mv_avg',
    { parameters: [numeric('number')], returns: gives('double'), summary: 'MV_AVG(list): the mean.' },
    (values) => values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length,
  ),
  scalar(
    'mv_concat',
    {
      parameters: [string('string'), string('delim')],
      returns: gives('keyword'),
      summary: 'MV_CONCAT(list, delimiter): one text.',
    },
    () =>
      whole((value, delimiter) => {
        if (value === null || delimiter === null) return null;
        if (isList(delimiter)) throw MULTIVALUE;
        return elements(value).join(String(delimiter));
      }),
  ),
  scalar(
    'mv_slice',
    {
      parameters: [any('field'), wholeNumber('start'), wholeNumber('end', { optional: true })],
      returns: keepType,
      summary: 'MV_SLICE(list, start, end): a part; places are counted from 0, negative ones from the end.',
    },
    ({ args }) =>
      whole((value, start = null, end = null) => slice(value ?? null, start, args.length < 3 ? start : end)),
  ),
  scalar(
    'mv_sort',
    {
      parameters: [any('field'), string('order', { optional: true, constant: true })],
      returns: keepType,
      summary: 'MV_SORT(list, "asc"|"desc"): in order.',
    },
    ({ args: [field] }) => {
      const compare = comparator(field?.type ?? 'null');
      return whole((value, order = 'asc') => {
        if (value === null || value === undefined) return null;
        if (!ORDERS.test(String(order)))
          throw illegalArgument(`Invalid order value in [${String(order)}], expected one of [ASC, DESC]`);
        const sign = String(order).toLowerCase() === 'desc' ? -1 : 1;
        return listOf([...elements(value)].sort((a, b) => sign * compare(a, b)));
      });
    },
  ),
  scalar(
    'mv_contains',
    {
      parameters: [any('superset'), any('subset')],
      returns: gives('boolean'),
      summary: 'MV_CONTAINS(list, values): whether the list has all of the values.',
    },
    () =>
      whole((superset, subset) => {
        const all = new Set(elements(superset ?? null).map(keyOf));
        return elements(subset ?? null).every((value) => all.has(keyOf(value)));
      }),
  ),
];
