// Walks over tokens, and says in ANTLR's words what was met instead of what is expected.
import { syntaxProblem, SyntaxRefusal } from '../text/problem.js';
import type { Span } from '../text/span.js';
import { shown, type Token } from '../text/token.js';

/** Words that are no names unless they stand in backticks. */
const RESERVED: ReadonlySet<string> = new Set(
  'and as asc by desc false in is like not null nulls or rlike true'.split(' '),
);

export class Cursor {
  private at = 0;
  private parameters = 0;
  private readonly end: Token;

  constructor(
    readonly text: string,
    private readonly tokens: readonly Token[],
  ) {
    this.end = tokens.at(-1) ?? { kind: 'end', text: '', start: text.length, end: text.length };
  }

  peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? this.end;
  }

  next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  /** The last token that was taken. */
  get last(): Token {
    return this.tokens[this.at - 1] ?? this.end;
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === symbol;
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  /** Whether an identifier is next. */
  isName(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.text.toLowerCase()));
  }

  acceptSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.at += 1;
    return found;
  }

  acceptWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.at += 1;
    return found;
  }

  expectSymbol(symbol: string): Token {
    if (!this.isSymbol(symbol)) this.mismatch([`'${symbol}'`]);
    return this.next();
  }

  expectWord(word: string): Token {
    if (!this.isWord(word)) this.mismatch([`'${word}'`]);
    return this.next();
  }

  /** `a`, `a, a`, … */
  list<Item>(item: () => Item): Item[] {
    const items = [item()];
    while (this.acceptSymbol(',')) items.push(item());
    return items;
  }

  /** The number of a `?` without a name. */
  nextParameter(): number {
    this.parameters += 1;
    return this.parameters;
  }

  /** Whether the command is over. */
  get atEnd(): boolean {
    return this.peek().kind === 'end' || this.isSymbol('|');
  }

  skipToPipe(): void {
    while (!this.atEnd) this.at += 1;
  }

  mismatch(expected: readonly string[]): never {
    const token = this.peek();
    const one = expected.length === 1 ? expected[0] : `{${expected.join(', ')}}`;
    return this.refuse(token, `mismatched input '${shown(token, this.text)}' expecting ${one}`);
  }

  refuse(span: Span, message: string): never {
    throw new SyntaxRefusal(syntaxProblem({ start: span.start, end: span.end }, message));
  }
}
