// What the lexer makes of a text.
import type { Span } from './span.js';

export type TokenKind =
  | 'word' // an identifier without quotes, or a keyword
  | 'quoted' // an identifier in backticks
  | 'pattern' // a part of a name with * in it, in KEEP and DROP
  | 'source' // the name of an index, in FROM
  | 'string'
  | 'integer'
  | 'decimal'
  | 'parameter'
  | 'symbol'
  | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** As written; of a quoted thing what is inside, of a parameter its name or number, empty when it has none. */
  readonly text: string;
}

/** As ANTLR's messages show a token. */
export const shown = (token: Token, text: string): string =>
  token.kind === 'end' ? '<EOF>' : text.slice(token.start, Math.min(token.end, token.start + 100));
