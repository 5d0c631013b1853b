// How a console writes `createdAt`. The documented form has six fraction digits and a zone; other values of the API
// have fewer digits, or no zone. The row stays the same row: its text changes, and not where it is sorted.
import { writeInstant } from '../world/instants.js';

export const CREATED_AT_FORMS = ['micros', 'millis', 'seconds', 'no-zone'] as const;
export type CreatedAtForm = (typeof CREATED_AT_FORMS)[number];

/** Where the fraction begins in `2026-01-15T09:00:00.123456Z`. */
const SECONDS_END = 19;
const MILLIS_END = 23;

const WRITE: Readonly<Record<CreatedAtForm, (instant: string) => string>> = {
  micros: (instant) => instant,
  millis: (instant) => `${instant.slice(0, MILLIS_END)}Z`,
  seconds: (instant) => `${instant.slice(0, SECONDS_END)}Z`,
  'no-zone': (instant) => instant.slice(0, -1),
};

/** A rendered row's text with its `createdAt` in that form. */
export function withCreatedAt(text: string, micros: number, form: CreatedAtForm): string {
  const stated = writeInstant(micros);
  return text.replace(`"createdAt":"${stated}"`, `"createdAt":"${WRITE[form](stated)}"`);
}
