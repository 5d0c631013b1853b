// The order of values of one type.
import type { DataType } from './data-type.js';
import { ipBytes } from './ip.js';
import type { Scalar } from './value.js';

export type Comparator = (a: Scalar, b: Scalar) => number;

const plain: Comparator = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const texts: Comparator = (a, b) => compareTexts(String(a), String(b));
const addresses: Comparator = (a, b) => (a === b ? 0 : plain(ipBytes(String(a)) ?? '', ipBytes(String(b)) ?? ''));

export function comparator(type: DataType): Comparator {
  if (type === 'ip') return addresses;
  return type === 'keyword' || type === 'text' ? texts : plain;
}

/**
 * By the bytes of UTF-8, which is by characters; JavaScript compares UTF-16 units, of which surrogates come too early.
 */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return weight(x) - weight(y);
  }
  return a.length - b.length;
}

const weight = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Whether two values of one type are the same. */
export const sameScalar = (a: Scalar, b: Scalar): boolean => a === b;

/** Equal for equal values only, also of different JavaScript types; for maps and sets. */
export function keyOf(value: Scalar): string {
  if (typeof value === 'string') return value;
  // A zero has no sign here.
  return value === 0 ? '0' : String(value);
}
