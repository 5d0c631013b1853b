// TO_STRING and the like; casts are calls of them. Of a list every element is converted, and what cannot be is left out
// with a warning.
import { converter, convertible } from '../values/convert.js';
import type { DataType } from '../values/data-type.js';
import { Failure } from '../values/failure.js';
import { isList, listOf, type Scalar } from '../values/value.js';
import { type FunctionDefinition, type ScalarFunction, whole } from './definition.js';
import { gives } from './parameters.js';

const conversion = (name: string, aliases: readonly string[], into: DataType, summary: string): FunctionDefinition => ({
  kind: 'scalar',
  name,
  aliases,
  summary,
  parameters: [{ name: 'field', types: [...convertible(into), 'null'], expects: expected(into) }],
  returns: gives(into),
  prepare: ({ args: [field] }, fail) => {
    const convert = converter(field?.type ?? 'null', into) ?? ((value: Scalar) => value);
    return eachElement(convert, fail);
  },
});

const expected = (into: DataType) =>
  convertible(into)
    .map((type) => (type === 'date' ? 'datetime' : type))
    .join(', ')
    .replace(/, ([^,]+)$/, ' or $1');

/** Applies to a value, and to each of a list. */
export function eachElement(convert: (value: Scalar) => Scalar, fail: Parameters<ScalarFunction['prepare']>[1]) {
  const tried = (value: Scalar): Scalar | null => {
    try {
      return convert(value);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      fail(error);
      return null;
    }
  };
  return whole((value) => {
    if (value === null) return null;
    return isList(value) ? listOf(value.map(tried).filter((each) => each !== null)) : tried(value);
  });
}

export const CONVERSIONS: readonly FunctionDefinition[] = [
  conversion('to_string', ['to_str'], 'keyword', 'TO_STRING(value): the value as text.'),
  conversion('to_integer', ['to_int'], 'integer', 'TO_INTEGER(value): a whole number of 32 bits.'),
  conversion(
    'to_long',
    [],
    'long',
    'TO_LONG(value): a whole number of 64 bits; of a date its milliseconds since 1970.',
  ),
  conversion('to_double', ['to_dbl'], 'double', 'TO_DOUBLE(value): a number with a fraction.'),
  conversion('to_boolean', ['to_bool'], 'boolean', 'TO_BOOLEAN(value): "true" in any case, or a number other than 0.'),
  conversion('to_datetime', ['to_dt'], 'date', 'TO_DATETIME(value): a date from ISO 8601 or milliseconds since 1970.'),
  conversion('to_ip', [], 'ip', 'TO_IP(text): an address.'),
];

const BY_TYPE: Readonly<Partial<Record<DataType, string>>> = {
  keyword: 'to_string',
  integer: 'to_integer',
  long: 'to_long',
  double: 'to_double',
  boolean: 'to_boolean',
  date: 'to_datetime',
  ip: 'to_ip',
};

/** The function that a cast to the type is a call of. */
export const conversionTo = (type: DataType): string => BY_TYPE[type] ?? 'to_string';
