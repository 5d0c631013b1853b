// A document that is the same for everybody: made once, kept as bytes, sent piece by piece. A piece waits until the one
// before it is sent, so a client that reads slowly holds a piece and not the whole, and is seen to read.
import { Readable } from 'node:stream';
import type { Response } from 'express';

const PIECE_BYTES = 65_536;

export interface Document {
  /** As a file name's ending: `json`. */
  readonly type: string;
  readonly bytes: Buffer;
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) yield bytes.subarray(from, from + PIECE_BYTES);
}

export function sendDocument(response: Response, { type, bytes }: Document): void {
  response.type(type).setHeader('content-length', bytes.length);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const pieces = Readable.from(piecesOf(bytes));
  response.once('close', () => pieces.destroy());
  pieces.pipe(response);
}
