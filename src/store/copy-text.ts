// PostgreSQL's COPY text format. The tenant's key is written by `copyPieces` itself, once for the page and never from a
// row: COPY runs as the owner, whom row-level security does not bind.
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { PlainBytes } from '../domain/activity.js';

export type CopyValue = string | number | boolean | readonly string[] | PlainBytes | null;

const NULL = '\\N';
const NEEDS_ESCAPE = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Small enough to be on its way while the next piece is built, large enough that the pieces are few. */
const PIECE_BYTES = 256 * 1024;
/** A UTF-16 unit needs at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * The COPY body for rows of one account, in pieces: `accountId`, then each row's values in the order of the columns. Written
 * row by row into bytes; one string of the whole page took three times as long (10 µs a row against 4), because a single
 * character outside Latin-1 made all of it two bytes a character.
 */
export function* copyPieces(accountId: string, rows: Iterable<readonly CopyValue[]>): Iterable<Buffer> {
  const start = encode(accountId);
  let piece = new Piece();
  for (const row of rows) {
    piece.addRow(start, row);
    if (piece.used < PIECE_BYTES) continue;
    yield piece.bytes();
    piece = new Piece();
  }
  if (piece.used > 0) yield piece.bytes();
}

class Piece {
  used = 0;
  /** With room for the row that fills it. */
  private buffer = Buffer.allocUnsafe(PIECE_BYTES * 1.25);

  bytes = (): Buffer => this.buffer.subarray(0, this.used);

  addRow(start: string, row: readonly CopyValue[]): void {
    let text = start;
    for (const value of row) {
      text += '\t';
      if (isPlainBytes(value)) {
        this.addText(text);
        this.addBytes(value);
        text = '';
      } else text += encode(value);
    }
    this.addText(`${text}\n`);
  }

  private addText(text: string): void {
    this.makeRoom(text.length * MAX_BYTES_PER_UNIT);
    this.used += this.buffer.write(text, this.used);
  }

  private addBytes({ bytes, from, to }: PlainBytes): void {
    this.makeRoom(to - from);
    this.used += bytes.copy(this.buffer, this.used, from, to);
  }

  private makeRoom(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const bigger = Buffer.allocUnsafe((this.used + bytes) * 2);
    this.buffer.copy(bigger, 0, 0, this.used);
    this.buffer = bigger;
  }
}

const isPlainBytes = (value: CopyValue): value is PlainBytes =>
  typeof value === 'object' && value !== null && 'bytes' in value;

/** Copies rows into a table whose first column named is `account_id`. */
export async function copyRows(
  client: pg.PoolClient,
  target: { readonly table: string; readonly columns: readonly string[]; readonly accountId: string },
  rows: Iterable<readonly CopyValue[]>,
): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target.table} (account_id, ${target.columns.join(', ')}) from stdin`));
  await pipeline(Readable.from(copyPieces(target.accountId, rows)), stream);
}

function encode(value: Exclude<CopyValue, PlainBytes>): string {
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
