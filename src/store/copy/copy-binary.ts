// PostgreSQL's binary COPY format: a length before every value and nothing escaped. A third of PostgreSQL's time for a
// page went into reading the text format, with its search for tabs and backslashes (sampled), and an activity's own
// bytes pass through as they came. The tenant's key is written by `copyPieces` itself, once for the page and never from
// a row: COPY runs as the owner, whom row-level security does not bind.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { PlainBytes } from '../../domain/collecting/activity.js';
import { bufferOf, type CopyType, type CopyValue, FieldWriter } from './field-writer.js';

/**
 * Several columns whose values were encoded before (`FieldEncoder`) stand in the list as one, with as many names as
 * they are.
 */
export type CopyColumn = readonly [name: string, type: CopyType] | readonly [names: readonly string[], type: 'fields'];
export type CopyColumns = readonly CopyColumn[];

/** Small enough to be on its way while the next piece is built, large enough that the pieces are few. */
const PIECE_BYTES = 256 * 1024;
const ROOM_FOR_LAST_ROW = 1.25;
/** What every body begins with: the signature, no flags, no extension. And what it ends with. */
export const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0' + '\0'.repeat(8), 'latin1');
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

/**
 * The COPY body for rows of one account, in pieces: `accountId`, then each row's values in the order of the columns.
 * Each piece is written into a buffer from `take`.
 */
export function* copyPieces(
  { accountId, columns, take = newPiece }: CopyBody,
  rows: Iterable<readonly CopyValue[]>,
): Iterable<Buffer> {
  const types = columns.map(([, type]) => type);
  const fields = 1 + namesOf(columns).length;
  const uuids = new Map<string, Buffer>();
  let piece = new FieldWriter(take(), uuids);
  piece.addBytes(COPY_HEADER);
  for (const row of rows) {
    if (row.length !== types.length) throw new RangeError(`a row of ${row.length} values for ${types.length} columns`);
    piece.addInt16(fields);
    piece.addUuid(accountId);
    piece.addValues(types, row);
    if (piece.used < PIECE_BYTES) continue;
    yield piece.written();
    piece = new FieldWriter(take(), uuids);
  }
  piece.addBytes(COPY_TRAILER);
  yield piece.written();
}

export interface CopyBody {
  readonly accountId: string;
  readonly columns: CopyColumns;
  readonly take?: () => Buffer;
}

const namesOf = (columns: CopyColumns): string[] => columns.flatMap(([names]) => names);

/**
 * Encodes some columns of many rows ahead of COPY, so that what the values were made of need not be kept until a row is
 * copied. The bytes of all rows share one buffer.
 */
export class FieldEncoder {
  private readonly writer: FieldWriter;

  /** `bytes` is about what all rows will need. */
  constructor(
    private readonly types: readonly CopyType[],
    bytes: number,
  ) {
    this.writer = new FieldWriter(bufferOf(bytes), new Map());
  }

  encode(values: readonly CopyValue[]): PlainBytes {
    const from = this.writer.used;
    this.writer.addValues(this.types, values);
    return this.writer.since(from);
  }
}

const newPiece = () => bufferOf(PIECE_BYTES * ROOM_FOR_LAST_ROW);

/**
 * Buffers that nobody reads any more. New ones for every page are megabytes outside of the heap, after some dozen of
 * which V8 collects all garbage.
 */
const spareBuffers: Buffer[] = [];
const MOST_SPARE_BUFFERS = 32;

/** Copies rows into a table that has an `account_id` besides `columns`. */
export async function copyRows(
  client: pg.PoolClient,
  target: { readonly table: string; readonly columns: CopyColumns; readonly accountId: string },
  rows: Iterable<readonly CopyValue[]>,
): Promise<void> {
  const { table, columns, accountId } = target;
  const names = ['account_id', ...namesOf(columns)].join(', ');
  const stream = client.query(copyFrom(`copy ${table} (${names}) from stdin (format binary)`));
  const taken: Buffer[] = [];
  const take = () => {
    const buffer = spareBuffers.pop() ?? newPiece();
    taken.push(buffer);
    return buffer;
  };
  await pipeline(Readable.from(copyPieces({ accountId, columns, take }, rows)), stream);
  // PostgreSQL has confirmed the rows, so all pieces have been read. After a failure that is not known.
  spareBuffers.push(...taken.slice(0, MOST_SPARE_BUFFERS - spareBuffers.length));
}
