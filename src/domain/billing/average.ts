// `average`: per organization, each site's last readings of the days that it owned, added up and divided by the days of
// the month less the site's missing ones. Fractions are added exactly and rounded half up once, for the organization.
import { siteKey } from './facts.js';
import { type Billed, emptyLines, lineOf } from './line.js';
import { daysInMonth } from './month.js';
import type { SiteMonth } from './site-month.js';

export function average(months: readonly SiteMonth[], month: string): Billed {
  const lines = emptyLines(months);
  const totals = new Map<string | null, Fraction>();
  for (const { site, owned, missingDays } of months) {
    const divisor = daysInMonth(month) - missingDays.length;
    for (const [organizationId, days] of Map.groupBy(owned, (count) => count.organizationId)) {
      const sum = days.reduce((total, { last }) => total + last, 0);
      totals.set(organizationId, addFraction(totals.get(organizationId) ?? ZERO, sum, divisor));
      const counted = { sources: null, day: null, at: null, sum, divisor };
      lineOf(lines, organizationId).counted.set(siteKey(site), counted);
    }
  }
  for (const [organizationId, total] of totals) lineOf(lines, organizationId).sources = roundHalfUp(total);
  return lines;
}

/** Exact: of whole numbers that are not negative. */
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
