// JSON without losing digits. Activities carry ids as bare numbers beyond 2^53 inside `data`, and JSON.parse would
// round them. Such numbers are put into quotes before parsing; everything else is JSON.parse, because a reviver costs
// five times the parse. One cheap test finds the texts that need it, and only those are walked through.
import { quoteNumbers } from './json-scan.js';

/** A number of 16 digits or more may lie beyond 2^53. Also true for such digits in a string after `: `, which costs time only. */
const MAY_HOLD_BIG_NUMBER = /(?:^|[:,[])\s*-?\d{16}/;

/** Only what is a JSON number: quoting `0140…` would make a value of what JSON refuses. */
const BIG_NUMBER = /^-?[1-9]\d{15,}(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export const mayHoldBigNumber = (text: string): boolean => MAY_HOLD_BIG_NUMBER.test(text);

/** The parsed value, with integers beyond 2^53 (and fractions that large that would lose digits) as strings. Throws a SyntaxError like JSON.parse. */
export function parseLosslessJson(text: string): unknown {
  return mayHoldBigNumber(text) ? parseWithBigNumbers(text) : JSON.parse(text);
}

/** The same for a text that is known to hold a long number, without the test. */
export const parseWithBigNumbers = (text: string): unknown => JSON.parse(quoteNumbers(text, losesDigits));

const losesDigits = (number: string) => number.length >= 16 && BIG_NUMBER.test(number) && !isExact(number);

/** An integer within 2^53, or a fraction that JavaScript would write the same way. */
const isExact = (number: string) =>
  /^-?\d+$/.test(number) ? Number.isSafeInteger(Number(number)) : String(Number(number)) === number;
