import { expect, test } from 'vitest';
import {
  dayBefore,
  daysOf,
  isMonth,
  lastDayOf,
  monthsBetween,
  nextMonth,
  previousMonth,
} from '../../../../src/domain/billing/month.js';

test('months and days are dates of a calendar', () => {
  expect(
    ['2028-02', '2026-02', '2100-02', '2000-02', '2026-04', '2026-12'].map((month) => lastDayOf(month).slice(8)),
  ).toEqual(['29', '28', '28', '29', '30', '31']);
  expect(daysOf('2028-02')).toHaveLength(29);
  expect([nextMonth('2026-12'), previousMonth('2026-01'), nextMonth('2026-09')]).toEqual([
    '2027-01',
    '2025-12',
    '2026-10',
  ]);
  expect([dayBefore('2028-03-01'), dayBefore('2026-01-01'), dayBefore('2026-01-31')]).toEqual([
    '2028-02-29',
    '2025-12-31',
    '2026-01-30',
  ]);
  expect(monthsBetween('2026-11', '2027-02')).toEqual(['2026-11', '2026-12', '2027-01', '2027-02']);
  expect(['2026-01', '2026-13', '2026-00', '2026-1', '0000-01', '2026-01-01', ' 2026-01'].map(isMonth)).toEqual([
    true,
    ...Array<boolean>(6).fill(false),
  ]);
});
