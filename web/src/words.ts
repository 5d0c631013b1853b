// Numbers, times and names as people read them. Pure.

/** `1 site`, `2,140 sites`. */
export const plural = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

const NUMBER = new Intl.NumberFormat('en-US');
export const number = (value: number): string => NUMBER.format(value);

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_AND_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** In the reader's zone: today the time alone, else with its day, and with the year when it is another. */
export function exactTime(instant: string, now: Date): string {
  const at = new Date(instant);
  const time = TIME.format(at);
  if (at.toDateString() === now.toDateString()) return time;
  const day = at.getFullYear() === now.getFullYear() ? DAY.format(at) : DAY_AND_YEAR.format(at);
  return `${day} ${time.slice(0, 5)}`;
}

/** What the exact time is in UTC, for whoever compares with a log. */
export const utcTime = (instant: string): string => `${instant.slice(0, 19).replace('T', ' ')} UTC`;

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** `40 s`, `11 min`, `3 h 26 min`, `4 days`. Seconds; less than none is none. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE_S) return `${whole} s`;
  if (whole < HOUR_S) return `${Math.floor(whole / MINUTE_S)} min`;
  if (whole >= 2 * DAY_S) return plural(Math.floor(whole / DAY_S), 'day');
  const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
  return `${Math.floor(whole / HOUR_S)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
}

export const ago = (instant: string, now: Date): string =>
  `${duration((now.getTime() - Date.parse(instant)) / 1_000)} ago`;

/** The middle is what tells least. */
export const shortened = (id: string): string => (id.length <= 13 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`);
