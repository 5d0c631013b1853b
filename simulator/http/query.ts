// Reads query parameters by a table of the ones an endpoint knows. Anything else is refused with 400, as the console
// does: a client that sends a parameter the console never had must fail here too.
import { readInstant } from '../world/instants.js';
import { badRequest } from './reply.js';

export type Param<T> = (name: string, text: string) => T;
export type ParamTable = Readonly<Record<string, Param<unknown>>>;
export type Params<Table extends ParamTable> = { readonly [Name in keyof Table]?: ReturnType<Table[Name]> };

export const text: Param<string> = (_name, value) => value;

export const integer =
  (min: number, max: number): Param<number> =>
  (name, value) => {
    if (!/^-?\d+$/.test(value)) throw badRequest(`${name}: Not a valid integer.`);
    const number = Number(value);
    if (number < min || number > max) throw badRequest(`${name}: Must be between ${min} and ${max}.`);
    return number;
  };

export const bool: Param<boolean> = (name, value) => {
  if (/^(true|1)$/i.test(value)) return true;
  if (/^(false|0)$/i.test(value)) return false;
  throw badRequest(`${name}: Not a valid boolean.`);
};

export const choice =
  <T extends string>(...values: readonly T[]): Param<T> =>
  (name, value) => {
    const found = values.find((known) => known === value);
    if (found === undefined) throw badRequest(`${name}: '${value}' is not a valid choice`);
    return found;
  };

/** Arrays are one comma-joined value. */
export const list =
  <T>(item: Param<T>): Param<readonly T[]> =>
  (name, value) =>
    value.split(',').map((part) => item(name, part.trim()));

export const id: Param<string> = (name, value) => {
  if (!/^\d{1,20}$/.test(value)) throw badRequest(`${name}: Not a valid id.`);
  return value;
};

/** Microseconds of an ISO 8601 instant. */
export const instant: Param<number> = (name, value) => {
  const micros = readInstant(value);
  if (micros === null) throw badRequest(`${name}: Not a valid datetime.`);
  return micros;
};

/** `<from>-<to>` in milliseconds, both ends included; given back in microseconds. */
export const between: Param<{ readonly fromMicros: number; readonly toMicros: number }> = (name, value) => {
  const match = /^(\d{1,14})-(\d{1,14})$/.exec(value);
  if (match === null) throw badRequest(`${name}: Not a valid range.`);
  return { fromMicros: Number(match[1]) * 1000, toMicros: Number(match[2]) * 1000 };
};

export const ids = list(id);

export const PAGING = {
  limit: integer(1, 1000),
  skip: integer(0, 1000),
  cursor: text,
  countOnly: bool,
  skipCount: bool,
  sortOrder: choice('asc', 'desc'),
} satisfies ParamTable;

export function readQuery<Table extends ParamTable>(search: URLSearchParams, table: Table): Params<Table> {
  const unknown = [...search.keys()].filter((name) => !Object.hasOwn(table, name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(', ');
    throw badRequest(`dict_values([${names}]): Unknown field`);
  }
  const read: Record<string, unknown> = {};
  for (const [name, value] of search) read[name] = table[name]?.(name, value);
  return read as Params<Table>;
}
