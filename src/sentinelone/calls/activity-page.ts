// A page of activities. One walk over its bytes finds the rows, with each row's id and time; the page without its rows
// is parsed at once, so that a page that was cut, is no list or carries errors is refused whole. A row is parsed when
// somebody reads it: most rows of an overlap are held already, and those cost a quarter of the rest. Nothing is
// re-serialised, and a row that holds a bare integer which may lie beyond 2^53 is parsed without losing digits. Rows
// are decoded one by one: a single name outside Latin-1 would make the texts of all rows two bytes a character, at
// which everything that is done with them takes up to twice as long.
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { ActivityKey, ActivityValue, PlainBytes, RawActivity } from '../../domain/collecting/activity.js';
import { isCleanJson } from '../../domain/ecs/sanitize.js';
import { type Element, findList, type List } from '../../domain/json/json-scan.js';
import { losesDigits } from '../../domain/json/lossless-json.js';
import { badResponse, pagination, placeOf, refuseErrors } from './envelope.js';

const ENDPOINT = 'activities';

export interface ActivityRow {
  /** Null where one of them is missing, is no string, or holds escapes: then only reading the row can tell. */
  readonly key: ActivityKey | null;
  /** Parses the row. Throws `s1.bad_response` when it is no JSON. */
  read(): RawActivity;
}

export interface ActivityPage {
  readonly rows: readonly ActivityRow[];
  readonly rowCount: number;
  /** Null at the end of the chain. */
  readonly nextCursor: string | null;
}

/**
 * The array's items are left alone: a row of any shape is returned, so that it can be rejected without stopping the
 * page.
 */
const envelope = z.object({ pagination });

/** Throws `s1.bad_response` when the page is no JSON, carries errors, or `data` is no list. */
export function parseActivityPage(bytes: Buffer): ActivityPage {
  const list = findList(bytes, 'data', ['id', 'createdAt']);
  const page = parseJson(list === null ? bytes.toString() : textAround(bytes, list));
  refuseErrors(ENDPOINT, page);
  const { data } = (page ?? {}) as { readonly data?: unknown };
  if (!Array.isArray(data)) throw badResponse(ENDPOINT, 'data: expected a list');
  // Only a `data` spelled with escapes gets here; whatever sends that is no console.
  if (list === null || data.length > 0) throw badResponse(ENDPOINT, 'data: its rows cannot be told apart');
  const result = envelope.safeParse(page);
  if (!result.success) throw badResponse(ENDPOINT, placeOf(result.error));
  const rows = rowsOf(bytes, list.elements);
  return { rows, rowCount: rows.length, nextCursor: result.data.pagination.nextCursor };
}

/** The page with an empty list in the place of its rows. */
const textAround = (bytes: Buffer, { from, to }: List): string =>
  `${bytes.toString('utf8', 0, from)}[]${bytes.toString('utf8', to)}`;

/** The only escape that can hold what PostgreSQL does not store. */
const UNICODE_ESCAPE = Buffer.from('\\u');

function rowsOf(bytes: Buffer, elements: readonly Element[]): ActivityRow[] {
  const isText = isUtf8(bytes);
  let escapeAt = -1;
  return elements.map((element) => {
    const { from, to } = element;
    if (escapeAt < from) escapeAt = indexOrEnd(bytes, UNICODE_ESCAPE, from);
    return new CutRow(bytes, element, { isText, hasEscapes: escapeAt < to });
  });
}

function indexOrEnd(bytes: Buffer, part: Buffer, from: number): number {
  const at = bytes.indexOf(part, from);
  return at === -1 ? bytes.length : at;
}

class CutRow implements ActivityRow {
  constructor(
    private readonly bytes: Buffer,
    private readonly element: Element,
    private readonly is: { readonly isText: boolean; readonly hasEscapes: boolean },
  ) {}

  get key(): ActivityKey | null {
    const [id = null, createdAt = null] = this.element.members;
    return id === null || createdAt === null ? null : { id, createdAt };
  }

  read(): RawActivity {
    const { bytes, element, is } = this;
    const { from, to } = element;
    const text = bytes.toString('utf8', from, to);
    const isWhole = element.longNumbers.length === 0;
    const value = parseJson(isWhole ? text : textWithAllDigits(bytes, element)) as ActivityValue;
    const isPlain = is.isText && (!is.hasEscapes || isCleanJson(text));
    return isPlain ? new PlainActivity({ bytes, from, to }, value) : { text, value };
  }
}

/** The row with every number that would lose digits in quotes. */
function textWithAllDigits(bytes: Buffer, { from, to, longNumbers }: Element): string {
  let text = '';
  let copiedTo = from;
  for (let n = 0; n < longNumbers.length; n += 2) {
    const [start, end] = [longNumbers[n]!, longNumbers[n + 1]!];
    const number = bytes.toString('latin1', start, end);
    if (!losesDigits(number)) continue;
    text += `${bytes.toString('utf8', copiedTo, start)}"${number}"`;
    copiedTo = end;
  }
  return text + bytes.toString('utf8', copiedTo, to);
}

/** Holds no text of its own: a page of texts that wait to be stored would be the page a second time. */
class PlainActivity implements RawActivity {
  constructor(
    readonly plain: PlainBytes,
    readonly value: ActivityValue,
  ) {}

  get text(): string {
    const { bytes, from, to } = this.plain;
    return bytes.toString('utf8', from, to);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badResponse(ENDPOINT, 'The page is no JSON.');
  }
}
