import { expect, test } from 'vitest';
import { createConsoleClock } from '../../../src/sentinelone/http/console-clock.js';

const NOW_MS = Date.UTC(2026, 0, 15, 9, 0, 0);

test('is our own clock until a reply has been seen', () => {
  const clock = createConsoleClock(() => NOW_MS);
  clock.observe({ date: null, sentAtMs: NOW_MS, receivedAtMs: NOW_MS });
  clock.observe({ date: 'yesterday', sentAtMs: NOW_MS, receivedAtMs: NOW_MS });
  expect(clock.isMeasured()).toBe(false);
  expect(clock.nowMicros()).toBe(NOW_MS * 1000);
});

test('takes the middle of the second at the middle of the round trip', () => {
  const clock = createConsoleClock(() => NOW_MS);
  clock.observe({ date: 'Thu, 15 Jan 2026 09:10:00 GMT', sentAtMs: NOW_MS - 400, receivedAtMs: NOW_MS });
  expect(clock.isMeasured()).toBe(true);
  expect(clock.nowMicros()).toBe((NOW_MS + 600_000 + 500 + 200) * 1000);
});

test('the latest reply wins', () => {
  const clock = createConsoleClock(() => NOW_MS);
  clock.observe({ date: 'Thu, 15 Jan 2026 09:10:00 GMT', sentAtMs: NOW_MS, receivedAtMs: NOW_MS });
  clock.observe({ date: 'Thu, 15 Jan 2026 08:50:00 GMT', sentAtMs: NOW_MS, receivedAtMs: NOW_MS });
  expect(clock.nowMicros()).toBe((NOW_MS - 600_000 + 500) * 1000);
});
