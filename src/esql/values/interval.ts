// Spans of time: a date_period is of days and more, by the calendar; a time_duration is of less, by the clock.

export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly ms: number;
}

const DAY: Interval = { months: 0, days: 1, ms: 0 };
const of = (part: Partial<Interval>): Interval => ({ months: 0, days: 0, ms: 0, ...part });

const UNITS: readonly (readonly [Interval, string])[] = [
  [of({ ms: 1 }), 'ms millisecond milliseconds'],
  [of({ ms: 1000 }), 's sec second seconds'],
  [of({ ms: 60_000 }), 'm min minute minutes'],
  [of({ ms: 3_600_000 }), 'h hour hours'],
  [DAY, 'd day days'],
  [of({ days: 7 }), 'w week weeks'],
  [of({ months: 1 }), 'mo month months'],
  [of({ months: 3 }), 'q quarter quarters'],
  [of({ months: 12 }), 'y yr year years'],
];

const BY_NAME: ReadonlyMap<string, Interval> = new Map(
  UNITS.flatMap(([interval, names]) => names.split(' ').map((name) => [name, interval] as const)),
);

export const isIntervalUnit = (unit: string): boolean => BY_NAME.has(unit.toLowerCase());

export function interval(amount: number, unit: string): Interval {
  const one = BY_NAME.get(unit.toLowerCase()) ?? DAY;
  return scaled(one, amount);
}

const scaled = ({ months, days, ms }: Interval, by: number): Interval => ({
  // Adding 0 makes a zero of -0, which would not be the same value.
  months: months * by + 0,
  days: days * by + 0,
  ms: ms * by + 0,
});

export const negated = (value: Interval): Interval => scaled(value, -1);

export const isPeriod = ({ months, days }: Interval): boolean => months !== 0 || days !== 0;

/** `1 day`, `3 hours`; null for other texts. */
export function parseInterval(text: string): Interval | null {
  const [, amount, unit] = /^\s*(\d{1,9})\s*([a-z]+)\s*$/i.exec(text) ?? [];
  return amount === undefined || unit === undefined || !isIntervalUnit(unit) ? null : interval(Number(amount), unit);
}
