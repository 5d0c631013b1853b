// Exact fractions of whole numbers that are not negative.

export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const ZERO: Fraction = { numerator: 0n, denominator: 1n };

export function addFraction({ numerator, denominator }: Fraction, sum: number, divisor: number): Fraction {
  const [n, d] = [BigInt(sum), BigInt(divisor)];
  const common = gcd(denominator, d);
  return { numerator: numerator * (d / common) + n * (denominator / common), denominator: (denominator / common) * d };
}

/** 1/2 → 1. */
export const roundHalfUp = ({ numerator, denominator }: Fraction): number =>
  Number((2n * numerator + denominator) / (2n * denominator));

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
