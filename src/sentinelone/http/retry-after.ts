// How long a 429 asks us to wait. `Retry-After` is seconds or an HTTP date; a date is read against the reply's own
// `Date`, because the console's clock is not ours.

/** A 0 or a date gone by would make a tight loop of polite retries. */
export const MIN_RETRY_AFTER_MS = 1000;

/** Nobody's rate limit lasts longer; a wrong header must not stop a connection for a day. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const SECONDS = /^\d{1,15}$/;
const HTTP_DATE = /^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/;

/** Null when the header is missing or unreadable: the caller then backs off on its own. */
export function parseRetryAfterMs(retryAfter: string | null, replyDate: string | null, nowMs: number): number | null {
  const text = retryAfter?.trim() ?? '';
  if (SECONDS.test(text)) return clamp(Number(text) * 1000);
  const untilMs = parseHttpDateMs(text);
  if (untilMs === null) return null;
  return clamp(untilMs - (parseHttpDateMs(replyDate ?? '') ?? nowMs));
}

/** Milliseconds since 1970 of an HTTP date in any of its three forms, or null. */
export function parseHttpDateMs(text: string): number | null {
  if (!HTTP_DATE.test(text)) return null;
  const ms = Date.parse(text.includes('GMT') ? text : `${text} GMT`);
  return Number.isNaN(ms) ? null : ms;
}

const clamp = (ms: number) => Math.min(Math.max(ms, MIN_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS);
