// JSON without losing digits. Activities carry ids as bare numbers beyond 2^53 inside `data`, and JSON.parse would
// round them. Such numbers are put into quotes before parsing; everything else is JSON.parse, because a reviver costs
// five times the parse. One cheap test finds the texts that need it, and only those are walked through.

/**
 * A number of 16 digits or more may lie beyond 2^53. Also true for such digits in a string after `: `, which costs time
 * only.
 */
const MAY_HOLD_BIG_NUMBER = /(?:^|[:,[])\s*-?\d{16}/;

/** Only what is a JSON number: quoting `0140…` would make a value of what JSON refuses. */
const BIG_NUMBER = /^-?[1-9]\d{15,}(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export const mayHoldBigNumber = (text: string): boolean => MAY_HOLD_BIG_NUMBER.test(text);

/**
 * The parsed value, with integers beyond 2^53 (and fractions that large that would lose digits) as strings. Throws a
 * SyntaxError like JSON.parse.
 */
export function parseLosslessJson(text: string): unknown {
  return JSON.parse(mayHoldBigNumber(text) ? quoteBigNumbers(text) : text);
}

/**
 * The text with every number that would lose digits put into quotes; strings are skipped by searching for the next
 * quote.
 */
function quoteBigNumbers(text: string): string {
  let quoted = '';
  let copiedTo = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') i = endOfString(text, i) - 1;
    else if (character === '-' || isDigit(character)) {
      const end = endOfNumber(text, i);
      const number = text.slice(i, end);
      if (losesDigits(number)) {
        quoted += `${text.slice(copiedTo, i)}"${number}"`;
        copiedTo = end;
      }
      i = end - 1;
    }
  }
  return quoted + text.slice(copiedTo);
}

/** Just past the closing quote: the first one with an even number of backslashes before it. */
function endOfString(text: string, openQuoteAt: number): number {
  let quoteAt = text.indexOf('"', openQuoteAt + 1);
  while (quoteAt !== -1 && isEscaped(text, quoteAt)) quoteAt = text.indexOf('"', quoteAt + 1);
  return quoteAt === -1 ? text.length : quoteAt + 1;
}

function isEscaped(text: string, quoteAt: number): boolean {
  let at = quoteAt;
  while (text[at - 1] === '\\') at--;
  return (quoteAt - at) % 2 === 1;
}

/** The longest run of characters that numbers are made of. */
function endOfNumber(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length && isNumberCharacter(text[i]!)) i++;
  return i;
}

const isDigit = (character: string) => character >= '0' && character <= '9';

const isNumberCharacter = (character: string) => isDigit(character) || '.-+eE'.includes(character);

/** Whether it is a JSON number that would lose digits as one of JavaScript's. */
export const losesDigits = (number: string): boolean =>
  number.length >= 16 && BIG_NUMBER.test(number) && !isExact(number);

/** An integer within 2^53, or a fraction that JavaScript would write the same way. */
const isExact = (number: string) =>
  /^-?\d+$/.test(number) ? Number.isSafeInteger(Number(number)) : String(Number(number)) === number;
