import { expect, test } from 'vitest';
import { addFraction, roundHalfUp, ZERO } from '../../../../src/domain/billing/average.js';

test('fractions are exact', () => {
  const third = [3, 3, 3].reduce((total, divisor) => addFraction(total, 1, divisor), ZERO);
  expect(third.numerator).toBe(third.denominator);
  expect(
    [
      [1, 2],
      [1, 3],
      [2, 3],
      [5, 2],
      [0, 7],
    ].map(([sum = 0, divisor = 1]) => roundHalfUp(addFraction(ZERO, sum, divisor))),
  ).toEqual([1, 0, 1, 3, 0]);
});
