// One command at work: rows go in by batches, and rows come out.
import type { Row } from '../values/value.js';

export interface Stage {
  /** What the rows yield at once. */
  readonly push: (rows: readonly Row[]) => readonly Row[];
  /** No further row comes: what is left. */
  readonly finish: () => readonly Row[];
  /** Whether further rows would yield nothing. */
  readonly isDone: () => boolean;
}

const NOTHING: readonly Row[] = [];
const never = () => false;

/** Each batch by itself. */
export const immediate = (push: Stage['push']): Stage => ({ push, finish: () => NOTHING, isDone: never });

/** Takes everything in, and yields at the end. */
export const collecting = (take: (row: Row) => void, finish: () => readonly Row[]): Stage => ({
  push: (rows) => {
    for (const row of rows) take(row);
    return NOTHING;
  },
  finish,
  isDone: never,
});

export function limiting(count: number): Stage {
  let left = count;
  return {
    push: (rows) => {
      const taken = rows.slice(0, left);
      left -= taken.length;
      return taken;
    },
    finish: () => NOTHING,
    isDone: () => left === 0,
  };
}
