// Conversions between types, of one value: the rules of casts and of the TO_ functions. What cannot be converted throws
// a `Failure`.
import { type DataType, isString } from './data-type.js';
import { formatDouble } from './double.js';
import { Failure, illegalArgument } from './failure.js';
import { formatInstant, isInstant, parseInstant } from './instant.js';
import { canonicalIp } from './ip.js';
import { INTEGER_MAX, INTEGER_MIN, type Long, LONG_MAX, LONG_MIN, normalLong } from './long.js';
import type { Scalar } from './value.js';

export type Converter = (value: Scalar) => Scalar;

const SAME: Converter = (value) => value;
const invalid = (message: string) => new Failure('org.elasticsearch.xpack.esql.core.InvalidArgumentException', message);

/** Types that have a conversion into each other type; the same type is always there. */
const SOURCES: Readonly<Partial<Record<DataType, readonly DataType[]>>> = {
  keyword: ['text', 'integer', 'long', 'double', 'boolean', 'date', 'ip'],
  integer: ['keyword', 'text', 'long', 'double', 'boolean', 'date'],
  long: ['keyword', 'text', 'integer', 'double', 'boolean', 'date'],
  double: ['keyword', 'text', 'integer', 'long', 'boolean', 'date'],
  boolean: ['keyword', 'text', 'integer', 'long', 'double'],
  date: ['keyword', 'text', 'integer', 'long', 'double'],
  ip: ['keyword', 'text'],
};

/** What can be converted into the type, itself included. */
export const convertible = (into: DataType): readonly DataType[] => [into, ...(SOURCES[into] ?? [])];

/** Null: there is no conversion between the two. */
export function converter(from: DataType, into: DataType): Converter | null {
  if (from === into || from === 'null' || (isString(from) && into === 'keyword')) return SAME;
  if (!convertible(into).includes(from)) return null;
  switch (into) {
    case 'keyword':
      return (value) => toText(value, from);
    case 'integer':
    case 'long':
      return (value) => toWhole(value, into);
    case 'double':
      return toDouble;
    case 'boolean':
      return (value) => (typeof value === 'string' ? value.toLowerCase() === 'true' : value !== 0);
    case 'date':
      return (value) => (typeof value === 'string' ? textToDate(value) : numberToDate(value));
    case 'ip':
      return textToIp;
    default:
      return null;
  }
}

export function toText(value: Scalar, type: DataType): string {
  if (typeof value !== 'number') return String(value);
  if (type === 'date') return formatInstant(value);
  return type === 'double' ? formatDouble(value) : String(value);
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function parseNumber(text: string): number {
  if (!NUMBER.test(text)) throw invalid(`Cannot parse number [${text}]`);
  return Number(text);
}

export function toDouble(value: Scalar): number {
  return typeof value === 'string' ? parseNumber(value) : Number(value);
}

/** Halves are rounded up, as `Math.round` of both Java and JavaScript does. */
function toWhole(value: Scalar, type: 'integer' | 'long'): Long {
  const digits = typeof value === 'string' && /^[+-]?\d{1,30}$/.test(value) ? value.replace('+', '') : null;
  const exact = typeof value === 'bigint' ? value : digits === null ? null : BigInt(digits);
  const rounded = exact === null ? Math.round(toDouble(value)) : normalLong(exact);
  const [least, most] = type === 'integer' ? [INTEGER_MIN, INTEGER_MAX] : [LONG_MIN, LONG_MAX];
  if (!(rounded >= least && rounded <= most)) throw invalid(`[${String(value)}] out of [${type}] range`);
  // Adding 0 makes a zero of -0.
  return typeof rounded === 'bigint' ? rounded : Number.isSafeInteger(rounded) ? rounded + 0 : BigInt(rounded);
}

function textToDate(text: string): number {
  const ms = parseInstant(text);
  if (ms === null)
    throw illegalArgument(`failed to parse date field [${text}] with format [strict_date_optional_time]`);
  return ms;
}

function numberToDate(value: Scalar): number {
  const ms = Number(toWhole(value, 'long'));
  if (!isInstant(ms)) throw invalid(`[${String(value)}] out of [datetime] range`);
  return ms;
}

function textToIp(value: Scalar): string {
  const address = canonicalIp(String(value));
  if (address === null) throw illegalArgument(`'${String(value)}' is not an IP string literal.`);
  return address;
}
