// A reply's body as it was before it was packed for its way. We ask for gzip (request.ts says why), and undo what every
// HTTP server and proxy does, asked or not; another coding is a bad response that says which.
import type { Transform } from 'node:stream';
import { createUnzip } from 'node:zlib';

const PLAIN = ['', 'identity'];
const PACKED = ['gzip', 'x-gzip', 'deflate'];

/** In the usual pieces of 16 KiB a page would take twice as long. */
const PIECE_BYTES = 64 * 1024;

/** A body that cannot be unpacked, or nobody here can. */
export class BadCoding extends Error {
  override readonly name = 'BadCoding';
}

/** Null when nothing has to be undone. Throws `BadCoding` for what is not known here. */
export function decoderOf(contentEncoding: string | null): Transform | null {
  const coding = (contentEncoding ?? '').trim().toLowerCase();
  if (PLAIN.includes(coding)) return null;
  if (!PACKED.includes(coding)) throw new BadCoding(`The reply is encoded as ${coding.slice(0, 40)}.`);
  return createUnzip({ chunkSize: PIECE_BYTES });
}

/** zlib's own codes all begin so. */
export const isDamaged = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | null)?.code === 'string' && (error as { code: string }).code.startsWith('Z_');
