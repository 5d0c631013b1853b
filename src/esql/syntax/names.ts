// Names of columns: parts between dots, each of which may stand in backticks.
import type { Cursor } from './cursor.js';
import type { ColumnPattern, Name } from './tree.js';

export function readName(cursor: Cursor): Name {
  if (!cursor.isName()) cursor.mismatch(['UNQUOTED_IDENTIFIER', 'QUOTED_IDENTIFIER']);
  const first = cursor.next();
  const parts = [first.text];
  while (cursor.acceptSymbol('.')) parts.push(namePart(cursor));
  return { name: parts.join('.'), start: first.start, end: cursor.last.end };
}

/** After a dot, a keyword is a name as any other. */
function namePart(cursor: Cursor): string {
  const { kind } = cursor.peek();
  if (kind !== 'word' && kind !== 'quoted') cursor.mismatch(['UNQUOTED_IDENTIFIER', 'QUOTED_IDENTIFIER']);
  return cursor.next().text;
}

/** Of KEEP and DROP: a part may have `*` in it. */
export function readColumnPattern(cursor: Cursor): ColumnPattern {
  const first = cursor.peek();
  // What stands between two `*`; a `*` in backticks is none.
  const pieces = [''];
  const append = (text: string) => pieces.push((pieces.pop() ?? '') + text);
  do {
    if (pieces.length > 1 || pieces[0] !== '') append('.');
    const { kind, text } = cursor.peek();
    if (kind === 'pattern') {
      const [head = '', ...tail] = text.split('*');
      append(head);
      for (const piece of tail) pieces.push(piece);
    } else if (kind === 'word' || kind === 'quoted') {
      append(text);
    } else {
      cursor.mismatch(['ID_PATTERN', 'QUOTED_IDENTIFIER']);
    }
    cursor.next();
  } while (cursor.acceptSymbol('.'));
  const { end } = cursor.last;
  return pieces.length === 1
    ? { pieces: null, text: pieces[0] ?? '', start: first.start, end }
    : { pieces, text: cursor.text.slice(first.start, end), start: first.start, end };
}
