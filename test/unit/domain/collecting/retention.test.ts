import { expect, test } from 'vitest';
import {
  collectableFromMicros,
  comparableFromMicros,
  keptFrom,
  monthsAhead,
  type Retention,
} from '../../../../src/domain/collecting/retention.js';
import { toInstant, toMicros } from '../../../../src/domain/instant.js';

const NOW = toMicros('2026-03-15T09:30:00.123456Z');
const retention = (eventDays: number, discardDays: number): Retention => ({ eventDays, discardDays });

test('events and discards are kept to the microsecond, each for its own time', () => {
  expect(keptFrom(retention(365, 30), NOW)).toEqual({
    events: '2025-03-15T09:30:00.123456Z',
    discards: '2026-02-13T09:30:00.123456Z',
  });
});

test.each([
  [retention(365, 30), '2025-03-15T09:30:00.123456Z', '2026-02-13T11:00:00.000000Z'],
  [retention(30, 365), '2025-03-15T09:30:00.123456Z', '2026-02-13T11:00:00.000000Z'],
  [retention(10, 10), '2026-03-05T09:30:00.123456Z', '2026-03-05T11:00:00.000000Z'],
])('%j: collected from %s, compared from %s', (of, collectable, comparable) => {
  expect(toInstant(collectableFromMicros(of, NOW))).toBe(collectable);
  expect(toInstant(comparableFromMicros(of, NOW))).toBe(comparable);
});

test('what is compared is a whole hour inside of what is kept, with an hour to spare', () => {
  const onTheHour = toMicros('2026-03-15T09:00:00Z');
  expect(toInstant(comparableFromMicros(retention(1, 1), onTheHour))).toBe('2026-03-14T10:00:00.000000Z');
});

test.each([
  ['2026-11-30T23:59:59.999Z', ['2026-11', '2026-12', '2027-01']],
  ['2026-12-01T00:00:00Z', ['2026-12', '2027-01', '2027-02']],
  ['2027-01-31T12:00:00Z', ['2027-01', '2027-02', '2027-03']],
])('two months ahead of %s', (now, months) => {
  expect(monthsAhead(Date.parse(now), 2)).toEqual(months);
});
