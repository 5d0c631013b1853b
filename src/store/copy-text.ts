// PostgreSQL's COPY text format. The tenant's key is written by `copyPieces` itself, once for the page and never from a
// row: COPY runs as the owner, whom row-level security does not bind.
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

export type CopyValue = string | number | boolean | readonly string[] | null;

const NULL = '\\N';
const NEEDS_ESCAPE = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Small enough to be on its way while the next piece is built, large enough that the pieces are few. */
const PIECE_BYTES = 128 * 1024;
/** A UTF-16 unit needs at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * The COPY body for rows of one account, in pieces: `accountId`, then each row's values in the order of the columns. Written
 * row by row into bytes; one string of the whole page took three times as long (10 µs a row against 4), because a single
 * character outside Latin-1 made all of it two bytes a character.
 */
export function* copyPieces(accountId: string, rows: Iterable<readonly CopyValue[]>): Iterable<Buffer> {
  const start = encode(accountId);
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let used = 0;
  for (const row of rows) {
    const line = lineOf(start, row);
    const needed = line.length * MAX_BYTES_PER_UNIT;
    if (used + needed > piece.length) {
      if (used > 0) yield piece.subarray(0, used);
      piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES, needed));
      used = 0;
    }
    used += piece.write(line, used);
  }
  if (used > 0) yield piece.subarray(0, used);
}

/** Copies rows into a table whose first column named is `account_id`. */
export async function copyRows(
  client: pg.PoolClient,
  target: { readonly table: string; readonly columns: readonly string[]; readonly accountId: string },
  rows: Iterable<readonly CopyValue[]>,
): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target.table} (account_id, ${target.columns.join(', ')}) from stdin`));
  await pipeline(Readable.from(copyPieces(target.accountId, rows)), stream);
}

function lineOf(start: string, row: readonly CopyValue[]): string {
  let line = start;
  for (const value of row) line += `\t${encode(value)}`;
  return `${line}\n`;
}

function encode(value: CopyValue): string {
  if (value === null) return NULL;
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return encodeArray(value);
}

const escape = (text: string) => (NEEDS_ESCAPE.test(text) ? text.replace(/[\\\n\r\t]/g, (c) => ESCAPES[c] ?? c) : text);

/** Event categories and types are the same few arrays again and again. */
const encodedArrays = new WeakMap<readonly string[], string>();

function encodeArray(values: readonly string[]): string {
  let encoded = encodedArrays.get(values);
  if (encoded === undefined) {
    encoded = escape(`{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`);
    encodedArrays.set(values, encoded);
  }
  return encoded;
}
