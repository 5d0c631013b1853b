// Functions of numbers, and the greatest and least of several values.
import { comparator } from '../values/compare.js';
import type { DataType } from '../values/data-type.js';
import { type Long, subtractLongs } from '../values/long.js';
import { elements, type Scalar } from '../values/value.js';
import { type FunctionDefinition, strict, whole } from './definition.js';
import { any, gives, keepType, numeric, whole as wholeNumber } from './parameters.js';

const rounding = (name: string, summary: string, round: (value: number) => number): FunctionDefinition => ({
  kind: 'scalar',
  name,
  parameters: [numeric('number')],
  summary,
  returns: keepType,
  prepare: ({ type }) => strict((value: number) => (type === 'double' ? round(value) : value)),
});

/** Halves away from zero. */
function roundDouble(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  const scaled = Math.abs(value) * scale;
  return Number.isFinite(scaled) ? (Math.round(scaled) / scale) * (value < 0 ? -1 : 1) : value;
}

function roundLong(value: Long, decimals: number): Long {
  if (decimals >= 0) return value;
  if (decimals < -19) return 0;
  const scale = 10n ** BigInt(-decimals);
  const exact = BigInt(value);
  const size = exact < 0n ? -exact : exact;
  const rounded = ((size + scale / 2n) / scale) * scale;
  return subtractLongs(exact < 0n ? 0 : rounded, exact < 0n ? rounded : 0, 'long');
}

/** Of all values, lists included; null when one is null. The resolver finds the type that they share. */
const extreme = (name: string, summary: string, sign: 1 | -1): FunctionDefinition => ({
  kind: 'scalar',
  name,
  parameters: [any('first')],
  variadic: true,
  summary,
  returns: gives('null'),
  prepare: ({ type }) => {
    const compare = comparator(type);
    return whole((...values) => {
      if (values.includes(null)) return null;
      return best(values.flatMap(elements), (a, b) => sign * compare(a, b));
    });
  },
});

export function best(values: readonly Scalar[], compare: (a: Scalar, b: Scalar) => number): Scalar | null {
  let found = values[0] ?? null;
  for (const value of values) if (found !== null && compare(value, found) > 0) found = value;
  return found;
}

const DIFFERENCE = (type: DataType) => (type === 'integer' ? 'integer' : 'long');

export const NUMBERS: readonly FunctionDefinition[] = [
  {
    kind: 'scalar',
    name: 'round',
    parameters: [numeric('number'), wholeNumber('decimals', { optional: true })],
    summary: 'ROUND(number, decimals): to so many decimals, none without; halves away from zero.',
    returns: keepType,
    prepare: ({ type }) =>
      type === 'double'
        ? strict((value: number, decimals = 0) => roundDouble(value, decimals))
        : strict((value: Long, decimals = 0) => roundLong(value, decimals)),
  },
  {
    kind: 'scalar',
    name: 'abs',
    parameters: [numeric('number')],
    summary: 'ABS(number): without its sign.',
    returns: keepType,
    prepare: ({ type }) =>
      strict((value: Long) =>
        value >= 0 ? value : type === 'double' ? -Number(value) : subtractLongs(0, value, DIFFERENCE(type)),
      ),
  },
  rounding('floor', 'FLOOR(number): the next whole number below.', Math.floor),
  rounding('ceil', 'CEIL(number): the next whole number above.', Math.ceil),
  extreme('greatest', 'GREATEST(value, …): the greatest of them.', 1),
  extreme('least', 'LEAST(value, …): the least of them.', -1),
  {
    // What BUCKET of a number becomes.
    kind: 'scalar',
    name: 'bucket_of_number',
    parameters: [numeric('number'), numeric('size', { constant: true })],
    returns: gives('double'),
    prepare: () => strict((value: Long, size: Long) => Math.floor(Number(value) / Number(size)) * Number(size)),
  },
];
