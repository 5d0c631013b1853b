// Where an offset is for a person: the line and the column, both from 1. A column counts characters, not UTF-16 units.
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Reads the text once, so that asking for the positions of many problems does not read it again for each. */
export function positions(text: string): (offset: number) => Position {
  const lineStarts = [0];
  // Where a character of two units has its second: these are not counted.
  const seconds: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 10) lineStarts.push(at + 1);
    else if (unit >= 0xdc00 && unit <= 0xdfff && at > 0 && isHighSurrogate(text.charCodeAt(at - 1))) seconds.push(at);
  }
  return (offset) => {
    const line = countBelow(lineStarts, offset + 1);
    const start = lineStarts[line - 1] ?? 0;
    return { line, column: offset - start - (countBelow(seconds, offset) - countBelow(seconds, start)) + 1 };
  };
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/** How many of the ascending numbers are smaller than the limit. */
function countBelow(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? Infinity) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
