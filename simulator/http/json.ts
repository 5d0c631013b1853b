// Writes JSON text. The console sends ids inside `data` as bare numbers above 2^53, of which JSON.stringify would lose
// digits. So `bareNumber` writes the digits as a marked text, and the marks are taken off the finished JSON. That is
// much faster than a replacer, and rows are rendered by the million.

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | {
      readonly [key: string]: Json | undefined;
    };

export type JsonObject = { readonly [key: string]: Json | undefined };

/** A control character that no name here contains; JSON writes it as `\u0001`. */
const MARK = '\u0001';
const MARKED = /"\\u0001(\d+)"/g;

/** Digits that are written as a number, however many they are. */
export const bareNumber = (digits: string): string => MARK + digits;

/** The JSON text of a value; properties that are undefined are left out. */
export function writeJson(value: Json): string {
  const text = JSON.stringify(value);
  return text.includes('\\u0001') ? text.replace(MARKED, '$1') : text;
}
