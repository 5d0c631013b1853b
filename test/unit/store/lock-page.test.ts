// Which stretches of time a page locks: any two pages meet whose rows may be the same activities, and a page of a slice
// locks few of them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MICROS_OF_ONE_ACTIVITY } from '../../../src/domain/collecting/same-activity.js';
import { MICROS_PER_HOUR, MICROS_PER_SECOND, toMicros } from '../../../src/domain/instant.js';
import { stretchLocks } from '../../../src/store/ingest/lock-page.js';

const AT = toMicros('2026-01-15T09:00:00.123456Z');
const every = (seconds: number, count: number) =>
  Array.from({ length: count }, (_, n) => AT + n * seconds * MICROS_PER_SECOND);

/** One of them has to wait for the other. */
function meet(one: readonly number[], other: readonly number[]): boolean {
  const held = new Map(stretchLocks(one).map(({ name, isExclusive }) => [name, isExclusive]));
  return stretchLocks(other).some(({ name, isExclusive }) => held.has(name) && (isExclusive || held.get(name)));
}

const exclusive = (times: readonly number[]) => stretchLocks(times).filter(({ isExclusive }) => isExclusive);

test.each([
  ['of a second', every(0.001, 1000), 1, '16/'],
  ['of minutes', every(0.5, 1000), 32, '16/'],
  ['of six hours', every(21.6, 1000), 22, '1024/'],
  ['of days', every(3600, 200), 1, 'all'],
])('a page %s locks few stretches', (_, times, count, name) => {
  const locks = exclusive(times);
  expect(locks.length).toBeGreaterThanOrEqual(count);
  expect(locks.length).toBeLessThanOrEqual(count + 1);
  expect(locks.every((lock) => lock.name.startsWith(name))).toBe(true);
});

test('a page without rows is in nobody’s way', () => {
  expect(meet([], every(1, 10))).toBe(false);
  expect(meet([], [])).toBe(false);
});

test.each([
  ['both of seconds', every(0.01, 1000), every(0.01, 1000)],
  ['one of hours', every(0.01, 1000), every(21.6, 1000)],
  ['both of hours', every(21.6, 1000), every(21.6, 1000)],
])('pages of neighbouring slices do not wait for each other: %s', (_, early, late) => {
  const later = late.map((time) => time + 7 * MICROS_PER_HOUR);
  expect(meet(early, later)).toBe(false);
});

test('two pages that hold one activity meet, whatever else they hold and in whatever order', () => {
  const time = fc.oneof(
    fc.integer({ min: -60, max: 60 }).map((seconds) => AT + seconds * MICROS_PER_SECOND),
    fc.integer({ min: -40 * 24, max: 40 * 24 }).map((hours) => AT + hours * MICROS_PER_HOUR),
  );
  const others = fc.oneof(fc.array(time, { maxLength: 5 }), fc.array(time, { minLength: 100, maxLength: 200 }));
  const apart = fc.integer({ min: 1 - MICROS_OF_ONE_ACTIVITY, max: MICROS_OF_ONE_ACTIVITY - 1 });
  fc.assert(
    fc.property(time, apart, others, others, (at, micros, mine, theirs) => {
      expect(meet([...mine, at], [at + micros, ...theirs])).toBe(true);
    }),
    { seed: 20260115 },
  );
});
