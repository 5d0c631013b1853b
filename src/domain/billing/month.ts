// Calendar months and days as text: `2026-01`, `2026-01-31`. They are dates of an account's calendar, not instants, so
// there is no clock, no zone and no daylight saving here; text of this form sorts as the dates do.

const MONTH = /^[1-9]\d{3}-(0[1-9]|1[0-2])$/;

export const isMonth = (text: string): boolean => MONTH.test(text);

export const monthOf = (day: string): string => day.slice(0, 7);

export const firstDayOf = (month: string): string => `${month}-01`;

export const lastDayOf = (month: string): string => `${month}-${two(daysInMonth(month))}`;

export const daysOf = (month: string): string[] =>
  Array.from({ length: daysInMonth(month) }, (_, index) => `${month}-${two(index + 1)}`);

export function daysInMonth(month: string): number {
  const [year, number] = partsOf(month);
  if (number === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(number) ? 30 : 31;
}

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

export function nextMonth(month: string): string {
  const [year, number] = partsOf(month);
  return number === 12 ? `${four(year + 1)}-01` : `${four(year)}-${two(number + 1)}`;
}

export function previousMonth(month: string): string {
  const [year, number] = partsOf(month);
  return number === 1 ? `${four(year - 1)}-12` : `${four(year)}-${two(number - 1)}`;
}

/** `2026-03-01` → `2026-02-28`. */
export function dayBefore(day: string): string {
  const number = Number(day.slice(8));
  return number > 1 ? `${monthOf(day)}-${two(number - 1)}` : lastDayOf(previousMonth(monthOf(day)));
}

/** Both ends included; empty when `last` is before `first`. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = first; month <= last; month = nextMonth(month)) months.push(month);
  return months;
}

const partsOf = (month: string): [year: number, month: number] => [
  Number(month.slice(0, 4)),
  Number(month.slice(5, 7)),
];
const two = (number: number): string => String(number).padStart(2, '0');
const four = (number: number): string => String(number).padStart(4, '0');
