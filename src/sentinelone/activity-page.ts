// A page of activities, each row as its own JSON text and as a value. The page is parsed once as a whole, which proves
// it complete and well formed; then the rows' texts are cut out of it, nothing re-serialised. Only when the page holds
// a bare integer that may lie beyond 2^53 are the rows that hold one parsed again without losing digits.
// V8 keeps a page alive as long as one of its cut texts lives: rows go to the database and are forgotten together.
import { z } from 'zod';
import type { ActivityValue, RawActivity } from '../domain/activity.js';
import { mayHoldBigNumber, parseLosslessJson } from '../domain/lossless-json.js';
import { badResponse, pagination, placeOf, refuseErrors } from './envelope.js';
import { elementTextsOf } from '../domain/json-scan.js';

const ENDPOINT = 'activities';

export interface ActivityPage {
  readonly rows: readonly RawActivity[];
  /** Null at the end of the chain. */
  readonly nextCursor: string | null;
}

/** The array's items are left alone: a row of any shape is returned, so that it can be rejected without stopping the page. */
const envelope = z.object({ pagination });

/** Throws `s1.bad_response` when the page is no JSON, carries errors, or `data` is no list. */
export function parseActivityPage(body: string): ActivityPage {
  const page = parsePage(body);
  refuseErrors(ENDPOINT, page);
  const { data } = (page ?? {}) as { readonly data?: unknown };
  if (!Array.isArray(data)) throw badResponse(ENDPOINT, 'data: expected a list');
  const result = envelope.safeParse(page);
  if (!result.success) throw badResponse(ENDPOINT, placeOf(result.error));
  return { rows: rowsOf(body, data), nextCursor: result.data.pagination.nextCursor };
}

function parsePage(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badResponse(ENDPOINT, 'The page is no JSON.');
  }
}

function rowsOf(body: string, values: readonly unknown[]): RawActivity[] {
  const texts = elementTextsOf(body, 'data');
  // Only a `data` spelled with escapes gets here; whatever sends that is no console.
  if (texts?.length !== values.length) throw badResponse(ENDPOINT, 'data: its rows cannot be told apart');
  const hasBigNumber = mayHoldBigNumber(body);
  return texts.map((text, index) => {
    const value = hasBigNumber && mayHoldBigNumber(text) ? parseLosslessJson(text) : values[index];
    return { text, value: value as ActivityValue };
  });
}
