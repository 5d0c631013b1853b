// The types of values, as Elasticsearch calls them in a result's columns.
export type DataType =
  | 'keyword'
  | 'text'
  | 'integer'
  | 'long'
  | 'double'
  | 'boolean'
  | 'date'
  | 'ip'
  | 'date_period'
  | 'time_duration'
  | 'null';

/** As messages call it: there a date is a datetime. */
export const typeName = (type: DataType): string => (type === 'date' ? 'datetime' : type);

export const isNumeric = (type: DataType): boolean => type === 'integer' || type === 'long' || type === 'double';
export const isString = (type: DataType): boolean => type === 'keyword' || type === 'text';
export const isInterval = (type: DataType): boolean => type === 'date_period' || type === 'time_duration';

/** The names that casts know, in lower case. */
export const CAST_TYPES: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['bool', 'boolean'],
  ['boolean', 'boolean'],
  ['date', 'date'],
  ['datetime', 'date'],
  ['double', 'double'],
  ['dbl', 'double'],
  ['int', 'integer'],
  ['integer', 'integer'],
  ['ip', 'ip'],
  ['keyword', 'keyword'],
  ['string', 'keyword'],
  ['text', 'keyword'],
  ['long', 'long'],
]);

/** The type of a result that either of two may give; null: they do not go together. */
export function commonType(a: DataType, b: DataType): DataType | null {
  if (a === b || b === 'null') return a;
  if (a === 'null') return b;
  if (isString(a) && isString(b)) return 'keyword';
  if (!isNumeric(a) || !isNumeric(b)) return null;
  return a === 'double' || b === 'double' ? 'double' : 'long';
}
