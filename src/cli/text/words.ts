// Numbers, times and names as a person reads them in a terminal. Pure.

export const count = (number: number): string => number.toLocaleString('en-US');

/** `1 site`, `3 sites`. */
export const counted = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The largest unit that fits at least twice, so that nothing is rounded by half: `4 s`, `90 min`, `36 h`, `9 d`. */
export function duration(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}

/** `2026-01-15 09:00:00`, in UTC. */
export const instant = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** `09:00:00`, in UTC. */
export const timeOfDay = (iso: string): string => iso.slice(11, 19);

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** `2026-01-15 09:00:00 (4 s ago)`. */
export const ago = (iso: string, now: string): string =>
  `${instant(iso)} (${duration(Math.max(0, secondsBetween(iso, now)))} ago)`;

/** `2026-01-15 (9 d)`, or `2026-01-15 (expired)`. */
export function expiry(iso: string, now: string): string {
  const left = secondsBetween(now, iso);
  return `${iso.slice(0, 10)} (${left <= 0 ? 'expired' : duration(left)})`;
}

/** Of an id, what people read and type. */
export const shortId = (id: string): string => id.slice(0, 8);

/** Names come from elsewhere: what would move the cursor or colour the terminal is shown as a question mark. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?');
