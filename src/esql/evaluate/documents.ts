// A document into the row that a plan begins with. Documents are flat: a field's name and its value as JSON has it.
import type { Column } from '../plan/plan.js';
import type { DataType } from '../values/data-type.js';
import { parseInstant } from '../values/instant.js';
import { canonicalIp } from '../values/ip.js';
import { listOf, type Row, type Scalar, type Value } from '../values/value.js';

export type Document = Readonly<Record<string, unknown>>;

/** A value that is none of its column's type is left out, as an index would refuse it. */
export function rowReader(columns: readonly Column[]): (document: Document) => Row {
  const readers = columns.map(({ name, type }) => ({ name, read: READERS[type] ?? text }));
  return (document) => readers.map(({ name, read }) => valueOf(document[name], read));
}

type Reader = (value: unknown) => Scalar | null;

const text: Reader = (value) =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
const number: Reader = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null);

const READERS: Readonly<Partial<Record<DataType, Reader>>> = {
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  date: (value) => (typeof value === 'string' ? parseInstant(value) : number(value)),
  double: number,
  integer: (value) => (Number.isInteger(value) ? number(value) : null),
  ip: (value) => (typeof value === 'string' ? canonicalIp(value) : null),
  long: (value) => (typeof value === 'bigint' ? value : Number.isInteger(value) ? number(value) : null),
};

function valueOf(value: unknown, read: Reader): Value {
  if (!Array.isArray(value)) return read(value);
  const values: Scalar[] = [];
  for (const each of value) {
    const scalar = read(each);
    if (scalar !== null) values.push(scalar);
  }
  return listOf(values);
}
