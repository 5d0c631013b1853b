// Finds where the elements of a list begin and end in a page of JSON, without checking them: JSON.parse is about to do
// that. It walks over the bytes: in UTF-8 no byte of a longer character looks like one that JSON is made of, and a page
// decoded to text is the page a second time, as garbage, and took a sixth longer. In bytes that are no JSON the ends
// are wrong, but every function ends and nothing is read past the bytes.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;
const COMMA = 0x2c;
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_E = 0x65;
const LOWER_CASE_BIT = 0x20;
const LAST_PRINTABLE = 0x7e;

/** 2^53 has 16 digits. */
const LONG_NUMBER = 16;

/** An element of a list: where it begins and just past its end. */
export interface Element {
  readonly from: number;
  readonly to: number;
  /** Of each number outside strings that is long enough to lie beyond 2^53: where it begins, and just past its end. */
  readonly longNumbers: readonly number[];
  /**
   * The strings asked for, in that order; null for what is no string of plain ASCII, none at all where only JSON.parse
   * can tell.
   */
  readonly members: readonly (string | null)[];
}

export interface List {
  /** Of the opening bracket, and just past the closing one. */
  readonly from: number;
  readonly to: number;
  readonly elements: readonly Element[];
}

const NO_NUMBERS: readonly number[] = [];

/** A key with its quotes. */
type Key = Uint8Array;

/**
 * The array `key` of a top-level object, with the texts of some members of each element that is an object. Keys are
 * ASCII without escapes. Of a key that comes twice the last one counts, as for JSON.parse. Null when there is no such
 * array, or when what is in it is not set apart by single commas. Elements and the text around the list are JSON only
 * if JSON.parse takes each of them.
 */
export function findList(bytes: Buffer, key: string, members: readonly string[] = []): List | null {
  const wantedList = quoted(key);
  const wanted = members.map(quoted);
  let found: List | null = null;
  let at = skipSpace(bytes, skipSpace(bytes, 0) + 1);
  while (bytes[at] === QUOTE) {
    const keyEnd = endOfString(bytes, at);
    const valueAt = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const isWanted = bytes[valueAt] === OPEN_BRACKET && isAt(bytes, { from: at, to: keyEnd }, wantedList);
    const list = isWanted ? listAt(bytes, valueAt, wanted) : null;
    if (isWanted && list === null) return null;
    found = list ?? found;
    at = skipSpace(bytes, list?.to ?? elementAt(bytes, valueAt, []).to);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
  return found;
}

const quoted = (key: string): Key => Buffer.from(JSON.stringify(key));

function listAt(bytes: Buffer, openBracketAt: number, wanted: readonly Key[]): List | null {
  const elements: Element[] = [];
  let at = skipSpace(bytes, openBracketAt + 1);
  if (bytes[at] === CLOSE_BRACKET) return { from: openBracketAt, to: at + 1, elements };
  for (;;) {
    const element = elementAt(bytes, at, wanted);
    if (element.to === at) return null;
    elements.push(element);
    at = skipSpace(bytes, element.to);
    const byte = bytes[at];
    if (byte === CLOSE_BRACKET) return { from: openBracketAt, to: at + 1, elements };
    if (byte !== COMMA) return null;
    at = skipSpace(bytes, at + 1);
  }
}

function elementAt(bytes: Buffer, at: number, wanted: readonly Key[]): Element {
  const byte = bytes[at];
  if (byte === QUOTE) return { from: at, to: endOfString(bytes, at), longNumbers: NO_NUMBERS, members: [] };
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return containerAt(bytes, at, wanted);
  const to = endOfLiteral(bytes, at);
  return { from: at, to, longNumbers: to - at >= LONG_NUMBER ? [at, to] : NO_NUMBERS, members: [] };
}

function containerAt(bytes: Buffer, from: number, wanted: readonly Key[]): Element {
  const members: (string | null)[] = wanted.map(() => null);
  let longNumbers: number[] | undefined;
  let depth = 0;
  let isSure = true;
  const length = bytes.length;
  for (let i = from; i < length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      const to = endOfString(bytes, i);
      if (depth === 1 && mayBeWanted(bytes, i, wanted)) {
        isSure = noteMember({ bytes, wanted, members }, { from: i, to }) && isSure;
      }
      i = to - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (--depth === 0)
        return { from, to: i + 1, longNumbers: longNumbers ?? NO_NUMBERS, members: isSure ? members : [] };
    } else if (isDigit(byte)) {
      const end = endOfNumber(bytes, i);
      const start = bytes[i - 1] === MINUS ? i - 1 : i;
      if (end - start >= LONG_NUMBER) (longNumbers ??= []).push(start, end);
      i = end - 1;
    }
  }
  return { from, to: bytes.length, longNumbers: longNumbers ?? NO_NUMBERS, members: [] };
}

/** By its first character, because every string of the object is looked at. */
function mayBeWanted(bytes: Buffer, quoteAt: number, wanted: readonly Key[]): boolean {
  const first = bytes[quoteAt + 1];
  for (let n = 0; n < wanted.length; n++) if (first === wanted[n]![1]) return true;
  return first === BACKSLASH && wanted.length > 0;
}

interface ScannedObject {
  readonly bytes: Buffer;
  readonly wanted: readonly Key[];
  readonly members: (string | null)[];
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** Keeps the member whose key is this string. False for a key with escapes, which may be a wanted one. */
function noteMember({ bytes, wanted, members }: ScannedObject, key: Part): boolean {
  const colonAt = skipSpace(bytes, key.to);
  if (bytes[colonAt] !== COLON) return true;
  for (let n = 0; n < wanted.length; n++) {
    if (!isAt(bytes, key, wanted[n]!)) continue;
    members[n] = plainString(bytes, skipSpace(bytes, colonAt + 1));
    return true;
  }
  return !bytes.subarray(key.from, key.to).includes(BACKSLASH);
}

function isAt(bytes: Buffer, { from, to }: Part, key: Key): boolean {
  if (to - from !== key.length) return false;
  for (let i = 0; i < key.length; i++) if (bytes[from + i] !== key[i]) return false;
  return true;
}

/**
 * The text of the string that begins at `at`; null when there is none, or one that is not plain ASCII without escapes.
 */
function plainString(bytes: Buffer, at: number): string | null {
  if (bytes[at] !== QUOTE) return null;
  const to = endOfString(bytes, at) - 1;
  for (let i = at + 1; i < to; i++) {
    const byte = bytes[i]!;
    if (byte < SPACE || byte > LAST_PRINTABLE || byte === BACKSLASH) return null;
  }
  return bytes.toString('latin1', at + 1, to);
}

/** A number, true, false or null ends where a comma, a closing bracket or white space begins. */
function endOfLiteral(bytes: Buffer, at: number): number {
  let i = at;
  for (; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === COMMA || byte === CLOSE_BRACKET || byte === CLOSE_BRACE || byte <= SPACE) break;
  }
  return i;
}

/** The longest run of characters that numbers are made of. */
function endOfNumber(bytes: Buffer, at: number): number {
  let i = at + 1;
  while (i < bytes.length && isNumberCharacter(bytes[i]!)) i++;
  return i;
}

/** Just past the closing quote; what follows a backslash closes nothing. */
function endOfString(bytes: Buffer, openQuoteAt: number): number {
  const end = bytes.length;
  for (let i = openQuoteAt + 1; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i + 1;
    i += byte === BACKSLASH ? 1 : 0;
  }
  return bytes.length;
}

function skipSpace(bytes: Buffer, at: number): number {
  let i = at;
  while (i < bytes.length && bytes[i]! <= SPACE) i++;
  return i;
}

const isDigit = (byte: number) => byte >= ZERO && byte <= NINE;

const isNumberCharacter = (byte: number) =>
  isDigit(byte) || byte === POINT || byte === MINUS || byte === PLUS || (byte | LOWER_CASE_BIT) === LETTER_E;
