// A page of activities, each row as its own JSON text and as a value. One walk finds the rows; then each row, and the page
// without them, is parsed once, which together proves the page complete and well formed. Nothing is re-serialised. A row
// that holds a bare integer which may lie beyond 2^53 is parsed without losing digits.
// Rows are found in the page's bytes, one character a byte, and decoded one by one: a single name outside Latin-1 would make
// the texts of all rows two bytes a character, at which everything that is done with them takes up to twice as long.
import { z } from 'zod';
import type { ActivityValue, RawActivity } from '../domain/activity.js';
import { findList, type Element, type List } from '../domain/json-scan.js';
import { parseLosslessJson } from '../domain/lossless-json.js';
import { badResponse, pagination, placeOf, refuseErrors } from './envelope.js';

const ENDPOINT = 'activities';

export interface ActivityPage {
  readonly rows: readonly RawActivity[];
  /** Null at the end of the chain. */
  readonly nextCursor: string | null;
}

/** The array's items are left alone: a row of any shape is returned, so that it can be rejected without stopping the page. */
const envelope = z.object({ pagination });

/** Throws `s1.bad_response` when the page is no JSON, carries errors, or `data` is no list. */
export function parseActivityPage(bytes: Buffer): ActivityPage {
  const list = findList(bytes.toString('latin1'), 'data');
  const page = parseJson(list === null ? bytes.toString() : textAround(bytes, list));
  refuseErrors(ENDPOINT, page);
  const { data } = (page ?? {}) as { readonly data?: unknown };
  if (!Array.isArray(data)) throw badResponse(ENDPOINT, 'data: expected a list');
  // Only a `data` spelled with escapes gets here; whatever sends that is no console.
  if (list === null || data.length > 0) throw badResponse(ENDPOINT, 'data: its rows cannot be told apart');
  const result = envelope.safeParse(page);
  if (!result.success) throw badResponse(ENDPOINT, placeOf(result.error));
  const rows = list.elements.map((element) => rowOf(bytes, element));
  return { rows, nextCursor: result.data.pagination.nextCursor };
}

/** The page with an empty list in the place of its rows. */
const textAround = (bytes: Buffer, { from, to }: List): string =>
  `${bytes.toString('utf8', 0, from)}[]${bytes.toString('utf8', to)}`;

function rowOf(bytes: Buffer, { from, to, hasLongNumber }: Element): RawActivity {
  const text = bytes.toString('utf8', from, to);
  return { text, value: parseJson(text, hasLongNumber ? parseLosslessJson : JSON.parse) as ActivityValue };
}

function parseJson(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(text);
  } catch {
    throw badResponse(ENDPOINT, 'The page is no JSON.');
  }
}
