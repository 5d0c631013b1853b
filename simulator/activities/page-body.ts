// Joins the rows of a page into bytes, row by row. Were the page one string, a single name outside Latin-1 would make
// all of its characters two bytes wide, which halves the speed.

/** Grows when a page does not fit; a page of 1000 usual rows has about 1.3 MB. */
let scratch = Buffer.allocUnsafe(4 * 1024 * 1024);
/** A UTF-16 unit needs at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

const room = (used: number, text: string | Buffer): void => {
  const needed = used + text.length * MAX_BYTES_PER_UNIT;
  if (needed <= scratch.length) return;
  const bigger = Buffer.allocUnsafe(needed * 2);
  scratch.copy(bigger, 0, 0, used);
  scratch = bigger;
};

/** The bytes of `head`, the rows separated by commas, and `tail`. */
export function joinPage(page: {
  readonly head: string;
  readonly rows: Iterable<string | Buffer>;
  readonly tail: string;
}): Buffer {
  let used = 0;
  const add = (text: string | Buffer) => {
    room(used, text);
    used += typeof text === 'string' ? scratch.write(text, used) : text.copy(scratch, used);
  };
  add(page.head);
  let isFirst = true;
  for (const row of page.rows) {
    if (!isFirst) add(',');
    isFirst = false;
    add(row);
  }
  add(page.tail);
  return Buffer.from(scratch.subarray(0, used));
}
