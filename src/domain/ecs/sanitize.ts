// PostgreSQL holds neither U+0000 nor a lone surrogate, in text or in JSON. Both become U+FFFD; that it happened is
// said on the event. Clean text, which is nearly all of it, is returned as the same string after one cheap look.
import type { PlainBytes, RawActivity } from '../collecting/activity.js';

const REPLACEMENT = '\ufffd';
const SUSPECT_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;
// Every escape is consumed from left to right, so that `\\u0000` (a backslash and the letters) is never taken for one.
const ESCAPES =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u(?:0000|[dD][89a-fA-F][\da-fA-F]{2})|\\./gs;
const LONE_LENGTH = '\\u0000'.length;

export const isClean = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** The text with U+0000 and lone surrogates replaced; the same string when there are none. */
export const cleanText = (text: string): string =>
  isClean(text) ? text : text.toWellFormed().replaceAll('\0', REPLACEMENT);

/**
 * Whether JSON text holds neither, also not as an escape. May be false for a clean one: an escaped backslash can look
 * like an escape.
 */
export const isCleanJson = (text: string): boolean => isClean(text) && !SUSPECT_ESCAPE.test(text);

/**
 * The same for JSON text, where both mostly come as escapes. What it parses to is clean, and nothing else is touched.
 */
export function sanitizeText(jsonText: string): string {
  const text = cleanText(jsonText);
  if (!SUSPECT_ESCAPE.test(text)) return text;
  const replaced = text.replace(ESCAPES, (escape) => (escape.length === LONE_LENGTH ? '\\ufffd' : escape));
  return replaced === text ? text : replaced;
}

export interface StorableText {
  readonly text: string | PlainBytes;
  /** Whether U+0000 or a lone surrogate was replaced. */
  readonly sanitized: boolean;
}

/**
 * An activity's own text as it can be stored. Nearly all are stored as the very bytes that came, which are never
 * decoded and encoded again.
 */
export function storableText(raw: RawActivity): StorableText {
  if (raw.plain !== undefined) return { text: raw.plain, sanitized: false };
  const text = sanitizeText(raw.text);
  return { text, sanitized: text !== raw.text };
}
