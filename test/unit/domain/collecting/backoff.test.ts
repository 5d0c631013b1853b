import { expect, test } from 'vitest';
import { backoffMs } from '../../../../src/domain/collecting/backoff.js';

test.each([
  [0, null, 5_000],
  [1, null, 5_000],
  [2, null, 10_000],
  [3, null, 20_000],
  [6, null, 160_000],
  [7, null, 300_000],
  [8, null, 300_000],
  [1_000_000, null, 300_000],
  [1, 1_000, 1_000],
  [1, 60_000, 60_000],
  [7, 60_000, 60_000],
  [7, 3_600_000, 3_600_000],
])('failure %d in a row, told to wait %j: %d ms', (failures, retryAfterMs, expected) => {
  expect(backoffMs(failures, retryAfterMs)).toBe(expected);
});
