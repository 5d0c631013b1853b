// Whole numbers of 64 bits. A long is a number as long as that is exact, else a bigint: equal longs are the same value.
import { Failure } from './failure.js';

export type Long = number | bigint;

export const LONG_MAX = 2n ** 63n - 1n;
export const LONG_MIN = -(2n ** 63n);
export const INTEGER_MAX = 2 ** 31 - 1;
export const INTEGER_MIN = -(2 ** 31);

export const normalLong = (value: bigint): Long =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

export const isInteger = (value: Long): value is number =>
  typeof value === 'number' && value <= INTEGER_MAX && value >= INTEGER_MIN;

/** The wider type of the two decides where a result overflows. */
export type WholeType = 'integer' | 'long';

function inRange(value: bigint, type: WholeType): Long {
  if (type === 'integer' ? value > INTEGER_MAX || value < INTEGER_MIN : value > LONG_MAX || value < LONG_MIN) {
    throw new Failure('java.lang.ArithmeticException', `${type} overflow`);
  }
  return normalLong(value);
}

const fits = (value: number, type: WholeType) => (type === 'integer' ? isInteger(value) : Number.isSafeInteger(value));

/** In numbers where that is exact, which is nearly always; else in bigints. */
const exactly =
  (inNumbers: (a: number, b: number) => number, inBigints: (a: bigint, b: bigint) => bigint) =>
  (a: Long, b: Long, type: WholeType): Long => {
    if (typeof a === 'number' && typeof b === 'number') {
      const result = inNumbers(a, b);
      // Adding 0 makes a zero of -0.
      if (fits(result, type)) return result + 0;
    }
    return inRange(inBigints(BigInt(a), BigInt(b)), type);
  };

export const addLongs = exactly(
  (a, b) => a + b,
  (a, b) => a + b,
);
export const subtractLongs = exactly(
  (a, b) => a - b,
  (a, b) => a - b,
);
export const multiplyLongs = exactly(
  (a, b) => a * b,
  (a, b) => a * b,
);

/** Cut towards zero. */
export function divideLongs(a: Long, b: Long, type: WholeType): Long {
  if (b === 0) throw new Failure('java.lang.ArithmeticException', '/ by zero');
  if (typeof a === 'number' && typeof b === 'number') {
    const result = Math.trunc(a / b);
    if (fits(result, type)) return result + 0;
  }
  return inRange(BigInt(a) / BigInt(b), type);
}

export function moduloLongs(a: Long, b: Long): Long {
  if (b === 0) throw new Failure('java.lang.ArithmeticException', '/ by zero');
  return typeof a === 'number' && typeof b === 'number' ? (a % b) + 0 : normalLong(BigInt(a) % BigInt(b));
}
