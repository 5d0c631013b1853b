// A reply's body, gathered into one piece of memory. Whoever reads page after page lends the memory and gets it back,
// because a megabyte of garbage a page has the whole heap looked through every few dozen pages.
import { type Readable, type Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errors } from 'undici';

/** Memory that is used again. What is not given back is garbage like any other. */
export interface BodyMemory {
  /** At least so many bytes, which nobody else uses until they are given back. */
  take(size: number): Buffer;
  /** A buffer that was taken, or a part of it; once. */
  giveBack(buffer: Buffer): void;
}

/** For a body that does not say how long it is. */
const FIRST_GUESS = 256 * 1024;

export const garbageCollected: BodyMemory = {
  take: (size) => Buffer.allocUnsafeSlow(size),
  giveBack: () => undefined,
};

export interface Gathering {
  /** What the stream says of its size, which need not be true. */
  readonly size: number | null;
  /** Of the unpacked body, which may be a thousand times what came over the wire. */
  readonly maxBytes: number;
  /** Unpacks the body; null where it came as it is. */
  readonly decoder: Transform | null;
  readonly memory: BodyMemory;
  /** Called for each piece that arrives. */
  readonly onPiece: () => void;
}

/** All bytes of the stream. Throws undici's `ResponseExceededMaxSizeError` when they are too many. */
export async function gather(body: Readable, { size, maxBytes, decoder, memory, onPiece }: Gathering): Promise<Buffer> {
  let bytes = memory.take(size ?? FIRST_GUESS);
  let length = 0;
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      onPiece();
      const needed = length + chunk.length;
      if (needed > maxBytes) {
        done(new errors.ResponseExceededMaxSizeError(`more than ${maxBytes} bytes`));
        return;
      }
      if (needed > bytes.length) {
        const larger = memory.take(Math.max(needed, 2 * bytes.length));
        bytes.copy(larger, 0, 0, length);
        memory.giveBack(bytes);
        bytes = larger;
      }
      chunk.copy(bytes, length);
      length = needed;
      done();
    },
  });
  await (decoder === null ? pipeline(body, sink) : pipeline(body, decoder, sink));
  return bytes.subarray(0, length);
}
