// Regular expressions in linear time, by RE2: no pattern can make a search stand still. What RE2 has no automaton for
// (references back, look-around) is refused.
import { RE2JS, RE2JSException } from 're2js';
import { MAX_PATTERN } from '../text/limits.js';

export type Compiled =
  { readonly ok: true; readonly expression: RE2JS } | { readonly ok: false; readonly reason: string };

export const TOO_LONG: Compiled = { ok: false, reason: `it has more than ${MAX_PATTERN} characters` };

/** As it is written in REPLACE, which is Java's way. */
export const compileJava = (pattern: string): Compiled =>
  pattern.length > MAX_PATTERN ? TOO_LONG : compileExpression(pattern, false);

/** `dotAll`: a dot is any character, the end of a line too. */
export function compileExpression(pattern: string, dotAll: boolean): Compiled {
  try {
    return { ok: true, expression: RE2JS.compile(pattern, dotAll ? RE2JS.DOTALL : 0) };
  } catch (error) {
    if (error instanceof RE2JSException) return { ok: false, reason: error.message };
    throw error;
  }
}
