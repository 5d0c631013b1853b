// Strings and names in quotes.

export interface Quoted {
  /** Null: it is not closed, or has an escape that does not exist. */
  readonly value: string | null;
  readonly end: number;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '"': '"', '\\': '\\' };
const LINE_END = /[\n\r]/;

/** `"…"` with escapes, or `"""…"""` as it stands; neither goes over the end of a line. */
export function readString(text: string, start: number): Quoted {
  return (text.startsWith('"""', start) ? readRaw(text, start) : null) ?? readEscaped(text, start);
}

/** Up to two quotes before the closing three belong to the text. Null: it is not closed. */
function readRaw(text: string, start: number): Quoted | null {
  const close = text.indexOf('"""', start + 3);
  if (close === -1 || LINE_END.test(text.slice(start, close))) return null;
  let end = close + 3;
  while (text[end] === '"' && end < close + 5) end += 1;
  return { value: text.slice(start + 3, end - 3), end };
}

function readEscaped(text: string, start: number): Quoted {
  let value = '';
  let wrong = false;
  let at = start + 1;
  for (;;) {
    const character = text[at];
    if (character === undefined || character === '\n' || character === '\r') return { value: null, end: at };
    if (character === '"') return { value: wrong ? null : value, end: at + 1 };
    if (character === '\\') {
      const escaped = ESCAPES[text[at + 1] ?? ''];
      wrong ||= escaped === undefined;
      value += escaped ?? '';
      at += escaped === undefined ? 1 : 2;
    } else {
      value += character;
      at += 1;
    }
  }
}

/** A backtick inside is doubled. */
export function readBackticks(text: string, start: number): Quoted {
  let at = start + 1;
  for (;;) {
    const close = text.indexOf('`', at);
    if (close === -1) return { value: null, end: text.length };
    if (text[close + 1] !== '`') return { value: text.slice(start + 1, close).replaceAll('``', '`'), end: close + 1 };
    at = close + 2;
  }
}
