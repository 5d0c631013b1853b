import { describe, expect, test } from 'vitest';
import {
  MAX_RETRY_AFTER_MS,
  MIN_RETRY_AFTER_MS,
  parseHttpDateMs,
  parseRetryAfterMs,
} from '../../../src/sentinelone/http/retry-after.js';

const NOW_MS = Date.UTC(2026, 0, 15, 9, 0, 0);

describe('Retry-After', () => {
  test.each([
    ['seconds', '20', null, 20_000],
    ['seconds with white space', ' 5 ', null, 5000],
    ['zero', '0', null, MIN_RETRY_AFTER_MS],
    ['a day', '86400', null, MAX_RETRY_AFTER_MS],
    ['absurd seconds', '999999999999999', null, MAX_RETRY_AFTER_MS],
    ['a date against our clock', 'Thu, 15 Jan 2026 09:00:30 GMT', null, 30_000],
    ['a date against the reply’s own clock', 'Thu, 15 Jan 2026 09:00:30 GMT', 'Thu, 15 Jan 2026 09:00:20 GMT', 10_000],
    ['a date when the reply’s clock cannot be read', 'Thu, 15 Jan 2026 09:00:30 GMT', 'now', 30_000],
    ['a date gone by', 'Thu, 15 Jan 2026 08:00:00 GMT', null, MIN_RETRY_AFTER_MS],
    ['a date next year', 'Fri, 15 Jan 2027 09:00:00 GMT', null, MAX_RETRY_AFTER_MS],
    ['the old date form', 'Thursday, 15-Jan-26 09:00:30 GMT', null, 30_000],
    ['the C date form', 'Thu Jan 15 09:00:30 2026', null, 30_000],
  ])('%s', (_case, retryAfter, replyDate, expected) => {
    expect(parseRetryAfterMs(retryAfter, replyDate, NOW_MS)).toBe(expected);
  });

  test.each([null, '', 'soon', '-5', '1.5', '5s', '2026-01-15', '0x10'])(
    'is unknown when it reads %j',
    (retryAfter) => {
      expect(parseRetryAfterMs(retryAfter, null, NOW_MS)).toBeNull();
    },
  );
});

test('an HTTP date is UTC wherever the machine is', () => {
  expect(parseHttpDateMs('Thu, 15 Jan 2026 09:00:00 GMT')).toBe(NOW_MS);
  expect(parseHttpDateMs('2026-01-15T09:00:00Z')).toBeNull();
});
