// An activity's JSON text as PostgreSQL can hold it. Nearly all are stored as the very bytes that came, which are never decoded
// and encoded again.
import type { PlainBytes, RawActivity } from '../collecting/activity.js';
import { sanitizeText } from './sanitize.js';

export interface StorableText {
  readonly text: string | PlainBytes;
  /** Whether U+0000 or a lone surrogate was replaced. */
  readonly sanitized: boolean;
}

export function storableText(raw: RawActivity): StorableText {
  if (raw.plain !== undefined) return { text: raw.plain, sanitized: false };
  const text = sanitizeText(raw.text);
  return { text, sanitized: text !== raw.text };
}
