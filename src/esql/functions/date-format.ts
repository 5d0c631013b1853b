// The patterns of DATE_FORMAT: the letters of Java's DateTimeFormatter that people use, in English and UTC. Others are
// refused by name.
import { dayOfWeek, dayOfYear } from './date-fields.js';

export type DateFormat = (date: Date) => string;

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

const digits = (value: number, width: number) =>
  value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0');

const year = (value: number, width: number) =>
  width === 2 ? digits(((value % 100) + 100) % 100, 2) : digits(value, width);

/** Three letters and less: short; four: whole. */
const named = (name: string | undefined, width: number) => (width === 4 ? (name ?? '') : (name ?? '').slice(0, 3));

const LETTERS = new Map<string, (date: Date, width: number) => string>([
  ['y', (date, width) => year(date.getUTCFullYear(), width)],
  ['u', (date, width) => year(date.getUTCFullYear(), width)],
  [
    'M',
    (date, width) => (width > 2 ? named(MONTHS[date.getUTCMonth()], width) : digits(date.getUTCMonth() + 1, width)),
  ],
  ['d', (date, width) => digits(date.getUTCDate(), width)],
  ['D', (date, width) => digits(dayOfYear(date), width)],
  ['e', (date, width) => digits((date.getUTCDay() % 7) + 1, width)],
  ['E', (date, width) => named(DAYS[dayOfWeek(date) - 1], width)],
  ['H', (date, width) => digits(date.getUTCHours(), width)],
  ['k', (date, width) => digits(date.getUTCHours() || 24, width)],
  ['h', (date, width) => digits(date.getUTCHours() % 12 || 12, width)],
  ['a', (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['m', (date, width) => digits(date.getUTCMinutes(), width)],
  ['s', (date, width) => digits(date.getUTCSeconds(), width)],
  ['S', (date, width) => digits(date.getUTCMilliseconds(), 3).padEnd(width, '0').slice(0, width)],
  ['X', () => 'Z'],
  ['Z', () => '+0000'],
  ['z', () => 'Z'],
]);

/** Longer runs of a letter mean nothing. */
const WIDEST = 9;

/** A text instead of a format says what is wrong with the pattern. */
export function parseDateFormat(pattern: string): DateFormat | string {
  const parts: DateFormat[] = [];
  // A quoted text, a run of one letter, or anything else.
  for (const [all, quoted, letter] of pattern.matchAll(/'((?:[^']|'')*)'|(?:([A-Za-z])\2*)|[^]/g)) {
    if (quoted !== undefined) {
      const text = quoted === '' ? "'" : quoted.replaceAll("''", "'");
      parts.push(() => text);
    } else if (letter === undefined) {
      if (all === "'") return `Invalid format: [${pattern}]: a quote is not closed`;
      parts.push(() => all);
    } else {
      const write = LETTERS.get(letter);
      if (write === undefined) return `the letter [${letter}] of a date format is not supported here`;
      if (all.length > WIDEST) return `Invalid format: [${pattern}]: Too many pattern letters: ${letter}`;
      parts.push((date) => write(date, all.length));
    }
  }
  return (date) => parts.map((part) => part(date)).join('');
}
