// A value of a row. A date is milliseconds since 1970, an address its canonical text, a long a number or, where that
// would not be exact, a bigint. A list has two elements at least: none is null, and one is that element.
import type { DataType } from './data-type.js';
import { formatInstant } from './instant.js';

export type Scalar = string | number | bigint | boolean;
export type Value = Scalar | readonly Scalar[] | null;

/** Aligned with the columns that the command before it hands on. */
export type Row = readonly Value[];

export const isList = (value: Value): value is readonly Scalar[] => typeof value === 'object' && value !== null;

/** The elements: none of null, one of a single value. */
export const elements = (value: Value): readonly Scalar[] => (value === null ? [] : isList(value) ? value : [value]);

export const listOf = (values: readonly Scalar[]): Value => (values.length > 1 ? values : (values[0] ?? null));

/** What stands for the value in JSON. A bigint has no exact number there and becomes its digits. */
export function toJson(value: Value, type: DataType): unknown {
  if (isList(value)) return value.map((each) => toJson(each, type));
  if (type === 'date' && typeof value === 'number') return formatInstant(value);
  return typeof value === 'bigint' ? value.toString() : value;
}
