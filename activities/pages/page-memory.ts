// The memory that pages are received into: shared with the threads that read them, and used again for the next page.
import type { BodyMemory } from '../../src/sentinelone/http/body.js';

const STEP = 256 * 1024;
/** A page of 1000 usual activities is 1.2 to 1.7 MB; six slices with one page ahead of each are twelve pages. */
const MAX_KEPT_SIZE = 4 * 1024 * 1024;
const MAX_KEPT = 16;

export function createPageMemory(): BodyMemory {
  const free: SharedArrayBuffer[] = [];
  return {
    take(size) {
      const fitting = free.filter(({ byteLength }) => byteLength >= size);
      const smallest = fitting.toSorted((a, b) => a.byteLength - b.byteLength)[0];
      if (smallest === undefined) return Buffer.from(new SharedArrayBuffer(roomFor(size)));
      free.splice(free.indexOf(smallest), 1);
      return Buffer.from(smallest);
    },
    giveBack({ buffer }) {
      if (!(buffer instanceof SharedArrayBuffer)) return;
      const isUsual = buffer.byteLength >= STEP && buffer.byteLength <= MAX_KEPT_SIZE;
      if (isUsual && free.length < MAX_KEPT) free.push(buffer);
    },
  };
}

/** Sizes in steps, so that a page fits where another one was. Polls that find nothing get what they need. */
const roomFor = (size: number): number => (size < STEP ? size : Math.ceil(size / STEP) * STEP);
