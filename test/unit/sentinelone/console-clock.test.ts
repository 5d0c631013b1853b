import { expect, test } from 'vitest';
import { createConsoleClock } from '../../../src/sentinelone/http/console-clock.js';

const START_MS = Date.UTC(2026, 0, 15, 9, 0, 0);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A clock, the time that goes by for it, and a console that is `aheadMs` ahead of it. */
function aClock() {
  const now = { ms: START_MS, wallStepMs: 0 };
  const clock = createConsoleClock({ steadyMs: () => now.ms, wallMs: () => now.ms + now.wallStepMs });
  const observe = (date: string | null) => {
    const atMs = now.ms + now.wallStepMs;
    clock.observe({ date, sentAtMs: atMs, receivedAtMs: atMs });
  };
  const reply = (aheadMs: number) => observe(new Date(now.ms + aheadMs).toUTCString());
  return {
    clock,
    now,
    observe,
    reply,
    aheadMs: () => Math.round((clock.nowMicros() / 1000 - now.ms) / 10_000) * 10_000,
    replies: (count: number, aheadMs: number, everyMs: number) => {
      for (let n = 0; n < count; n++) {
        now.ms += everyMs;
        reply(aheadMs);
      }
    },
  };
}

test('is our own clock until a reply has been seen', () => {
  const { clock, observe } = aClock();
  observe(null);
  observe('yesterday');
  expect(clock.isMeasured()).toBe(false);
  expect(clock.nowMicros()).toBe(START_MS * 1000);
});

test('takes the middle of the second at the middle of the round trip', () => {
  const { clock } = aClock();
  clock.observe({ date: 'Thu, 15 Jan 2026 09:10:00 GMT', sentAtMs: START_MS - 400, receivedAtMs: START_MS });
  expect(clock.isMeasured()).toBe(true);
  expect(clock.nowMicros()).toBe((START_MS + 600_000 + 500 + 200) * 1000);
});

test('of readings that are close the latest wins', () => {
  const { clock, reply } = aClock();
  reply(600_000);
  reply(620_000);
  expect(clock.nowMicros()).toBe((START_MS + 620_000 + 500) * 1000);
  expect(clock.doubtMs()).toBe(null);
});

test.each([HOUR_MS, -HOUR_MS])(
  'a clock that is %i ms off for 25 s is not believed, however many replies say so',
  (wrongMs) => {
    const { replies, aheadMs, clock } = aClock();
    replies(3, 0, 30_000);
    replies(50, wrongMs, 500);
    expect(aheadMs()).toBe(0);
    expect(Math.abs((clock.doubtMs() ?? 0) - wrongMs)).toBeLessThan(2_000);
    replies(1, 0, 500);
    expect(clock.doubtMs()).toBe(null);
    expect(clock.sureMicros()).toBe(null);
  },
);

test('nor one that is wrong, missing or unreadable in some replies only', () => {
  const { replies, observe, aheadMs } = aClock();
  replies(1, 0, 1000);
  for (let n = 0; n < 30; n++) {
    replies(4, HOUR_MS, 10_000);
    observe(null);
    observe('Thu, 99 Foo');
    replies(1, 0, 10_000);
  }
  expect(aheadMs()).toBe(0);
});

test.each([HOUR_MS, -HOUR_MS])('several replies that agree over a minute are: %i ms', (jumpMs) => {
  const { replies, aheadMs, clock } = aClock();
  replies(1, 0, 1000);
  const sureMicros = clock.nowMicros() + jumpMs * 1000;
  replies(4, jumpMs, 30_000);
  expect(aheadMs()).toBe(0);
  replies(1, jumpMs, 30_000);
  expect(aheadMs()).toBe(jumpMs);
  // The last reply that still agreed, by the new clock.
  expect(Math.abs((clock.sureMicros() ?? 0) - sureMicros)).toBeLessThan(2_000_000);
});

test('setting our own clock moves nothing', () => {
  const { replies, now, aheadMs, clock } = aClock();
  replies(2, 0, 1000);
  now.wallStepMs = HOUR_MS;
  replies(2, 0, 1000);
  expect(aheadMs()).toBe(0);
  expect(clock.doubtMs()).toBe(null);
});

test('what is on record counts where no reply has been read, or none for a while', () => {
  const { clock, now, reply, aheadMs } = aClock();
  clock.recall({ aheadMs: HOUR_MS, atMs: START_MS - 10 * MINUTE_MS });
  expect(aheadMs()).toBe(HOUR_MS);
  reply(0);
  expect(aheadMs()).toBe(HOUR_MS);
  reply(HOUR_MS);
  clock.recall({ aheadMs: 0, atMs: START_MS + 30_000 });
  expect(aheadMs()).toBe(HOUR_MS);
  now.ms += 10 * MINUTE_MS;
  clock.recall({ aheadMs: 0, atMs: now.ms - MINUTE_MS });
  expect(aheadMs()).toBe(0);
});
