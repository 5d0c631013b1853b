import { expect, test } from 'vitest';
import { afterFailures, backoffMs, uncountedRetry } from '../../../../src/domain/collecting/backoff.js';
import { type FailureCode, FAILURES } from '../../../../src/domain/failures/failures.js';

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

test.each<[FailureCode | 'internal', failures: number, retryAfterMs: number | null, ms: number, degraded: boolean]>([
  ['s1.unavailable', 1, null, 5_000, false],
  ['s1.unavailable', 2, null, 10_000, false],
  ['s1.unavailable', 3, null, 20_000, true],
  ['s1.unavailable', 20, null, 300_000, true],
  ['s1.rate_limited', 1, 60_000, 60_000, false],
  ['s1.rate_limited', 3, 1_000, 1_000, true],
  ['internal', 1, null, 5_000, false],
  ['internal', 3, null, 20_000, true],
  ['s1.bad_response', 1, null, 5_000, true],
  ['s1.bad_response', 4, null, 40_000, true],
  ['s1.bad_request', 1, null, 300_000, true],
  ['s1.bad_request', 1, 1_000, 300_000, true],
])('%s, %d in a row, told to wait %j: again in %d ms, degraded %j', (code, failures, retryAfterMs, ms, degraded) => {
  expect(afterFailures({ code, failures, retryAfterMs })).toEqual({ nextTryInMs: ms, degraded });
});

test.each<[FailureCode, object]>([
  ['checkpoint.conflict', { nextRetryDelayMs: 100 }],
  ['store.conflict', { nextRetryDelayMs: 100 }],
  ['store.unavailable', { nextRetryDelayMs: 2_000 }],
  ['s1.token_rejected', {}],
  ['s1.permission_missing', {}],
  ['connection_gone', {}],
])('%s does not count: %j', (code, retry) => {
  expect(uncountedRetry(code)).toEqual(retry);
});

test('what counts is the console’s, a bug of ours, or a key that nobody gave us', () => {
  const codes = [...(Object.keys(FAILURES) as FailureCode[]), 'internal'] as const;
  expect(codes.filter((code) => uncountedRetry(code) === null)).toEqual([
    's1.rate_limited',
    's1.unavailable',
    's1.bad_response',
    's1.bad_request',
    'encryption_key_missing',
    'internal',
  ]);
});
