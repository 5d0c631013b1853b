// Finds where values begin and end in a JSON text, without checking them: JSON.parse is about to do that.
// Strings are skipped by searching for the next quote, so that a row costs about one step per token (2 µs a row of
// 1.2 KB; a step per byte took half as long again). In a text that is no JSON the ends are wrong, but every function ends
// and nothing is read past the text.

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

/** 2^53 has 16 digits. */
const LONG_NUMBER = 16;

/** An element of a list: where it begins and just past its end. */
export interface Element {
  readonly from: number;
  readonly to: number;
  /** Whether a number of so many characters stands in it, outside strings, that it may lie beyond 2^53. */
  readonly hasLongNumber: boolean;
  /** The strings asked for, in that order; null for what is no string of plain ASCII, none at all where only JSON.parse can tell. */
  readonly members: readonly (string | null)[];
}

export interface List {
  /** Of the opening bracket, and just past the closing one. */
  readonly from: number;
  readonly to: number;
  readonly elements: readonly Element[];
}

/**
 * The array `key` of a top-level object, with the texts of some members of each element that is an object. Of a key that
 * comes twice the last one counts, as for JSON.parse. Null when there is no such array, or when what is in it is not set apart
 * by single commas. Elements and the text around the list are JSON only if JSON.parse takes each of them.
 */
export function findList(text: string, key: string, members: readonly string[] = []): List | null {
  const quotedKey = JSON.stringify(key);
  const quotedMembers = members.map((member) => JSON.stringify(member));
  let found: List | null = null;
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at);
    const valueAt = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const isWanted = text.charCodeAt(valueAt) === OPEN_BRACKET && text.slice(at, keyEnd) === quotedKey;
    const list = isWanted ? listAt(text, valueAt, quotedMembers) : null;
    if (isWanted && list === null) return null;
    found = list ?? found;
    at = skipSpace(text, list?.to ?? endOfValue(text, valueAt));
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return found;
}

/** The text with every number outside strings for which `isWanted` put into quotes. */
export function quoteNumbers(text: string, isWanted: (number: string) => boolean): string {
  let quoted = '';
  let copiedTo = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i) - 1;
    else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, i);
      const number = text.slice(i, end);
      if (isWanted(number)) {
        quoted += `${text.slice(copiedTo, i)}"${number}"`;
        copiedTo = end;
      }
      i = end - 1;
    }
  }
  return quoted + text.slice(copiedTo);
}

function listAt(text: string, openBracketAt: number, members: readonly string[]): List | null {
  const elements: Element[] = [];
  let at = skipSpace(text, openBracketAt + 1);
  if (text.charCodeAt(at) === CLOSE_BRACKET) return { from: openBracketAt, to: at + 1, elements };
  for (;;) {
    const element = elementAt(text, at, members);
    if (element.to === at) return null;
    elements.push(element);
    at = skipSpace(text, element.to);
    const code = text.charCodeAt(at);
    if (code === CLOSE_BRACKET) return { from: openBracketAt, to: at + 1, elements };
    if (code !== COMMA) return null;
    at = skipSpace(text, at + 1);
  }
}

/** Just past the value that begins at `at`. */
const endOfValue = (text: string, at: number): number => elementAt(text, at, []).to;

function elementAt(text: string, at: number, members: readonly string[]): Element {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return { from: at, to: endOfString(text, at), hasLongNumber: false, members: [] };
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return containerAt(text, at, members);
  const to = endOfLiteral(text, at);
  return { from: at, to, hasLongNumber: to - at >= LONG_NUMBER, members: [] };
}

function containerAt(text: string, from: number, wanted: readonly string[]): Element {
  const members: (string | null)[] = wanted.map(() => null);
  const object = { text, wanted, members };
  let depth = 0;
  let hasLongNumber = false;
  let isSure = true;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      const end = endOfString(text, i);
      if (depth === 1 && mayBeWanted(text, i, wanted)) isSure = noteMember(object, i, end) && isSure;
      i = end - 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (--depth === 0) return { from, to: i + 1, hasLongNumber, members: isSure ? members : [] };
    } else if (isDigit(code)) {
      const end = endOfNumber(text, i);
      hasLongNumber ||= end - i >= LONG_NUMBER;
      i = end - 1;
    }
  }
  return { from, to: text.length, hasLongNumber, members: [] };
}

/** By its first character, because every string of the object is looked at. */
function mayBeWanted(text: string, quoteAt: number, wanted: readonly string[]): boolean {
  const first = text.charCodeAt(quoteAt + 1);
  for (let n = 0; n < wanted.length; n++) if (first === wanted[n]?.charCodeAt(1)) return true;
  return first === BACKSLASH && wanted.length > 0;
}

interface ScannedObject {
  readonly text: string;
  readonly wanted: readonly string[];
  readonly members: (string | null)[];
}

/** Keeps the member whose key is the string from `from` to `to`. False for a key with escapes, which may be a wanted one. */
function noteMember({ text, wanted, members }: ScannedObject, from: number, to: number): boolean {
  const colonAt = skipSpace(text, to);
  if (text.charCodeAt(colonAt) !== COLON) return true;
  const key = text.slice(from, to);
  const index = wanted.indexOf(key);
  if (index === -1) return !key.includes('\\');
  members[index] = plainString(text, skipSpace(text, colonAt + 1));
  return true;
}

/** Without escapes, and the same in every encoding. */
const PLAIN_ASCII = /^[ -[\]-~]*$/;

/** The text of the string that begins at `at`; null when there is none, or one that is not plain. */
function plainString(text: string, at: number): string | null {
  if (text.charCodeAt(at) !== QUOTE) return null;
  const string = text.slice(at + 1, endOfString(text, at) - 1);
  return PLAIN_ASCII.test(string) ? string : null;
}

/** A number, true, false or null ends where a comma, a closing bracket or white space begins. */
function endOfLiteral(text: string, at: number): number {
  let i = at;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === COMMA || code === CLOSE_BRACKET || code === CLOSE_BRACE || code <= SPACE) break;
  }
  return i;
}

/** The longest run of characters that numbers are made of. */
function endOfNumber(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length && isNumberCharacter(text.charCodeAt(i))) i++;
  return i;
}

/** Just past the closing quote: the first one with an even number of backslashes before it. */
function endOfString(text: string, openQuoteAt: number): number {
  let quoteAt = text.indexOf('"', openQuoteAt + 1);
  while (quoteAt !== -1 && isEscaped(text, quoteAt)) quoteAt = text.indexOf('"', quoteAt + 1);
  return quoteAt === -1 ? text.length : quoteAt + 1;
}

function isEscaped(text: string, quoteAt: number): boolean {
  let at = quoteAt;
  while (text.charCodeAt(at - 1) === BACKSLASH) at--;
  return (quoteAt - at) % 2 === 1;
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) <= SPACE) i++;
  return i;
}

const isDigit = (code: number) => code >= ZERO && code <= NINE;

const isNumberCharacter = (code: number) =>
  isDigit(code) || code === POINT || code === MINUS || code === PLUS || (code | LOWER_CASE_BIT) === LETTER_E;
