// Text into a query. A command that cannot be read has one problem, and reading goes on behind the next pipe.
import { lex } from '../text/lexer.js';
import { MAX_COMMANDS, MAX_LENGTH } from '../text/limits.js';
import { type Problem, syntaxProblem, SyntaxRefusal } from '../text/problem.js';
import { bareWord, withNames } from './bare.js';
import { beginsWithSource, readCommand, readSource } from './commands.js';
import { Cursor } from './cursor.js';
import { ExpressionReader } from './expressions.js';
import type { Command, Expression, Query } from './tree.js';

export interface Parsed {
  /** The commands before the first that cannot be read; all of them when there is no problem. */
  readonly query: Query;
  /** By their place in the text. */
  readonly problems: readonly Problem[];
}

/** Where a bare condition looks. */
const DEFAULT_SOURCE = 'logs';

/** Never throws, whatever the text. */
export function parse(text: string): Parsed {
  if (text.length > MAX_LENGTH) {
    const message = `ESQL statement is too large [${text.length} characters > ${MAX_LENGTH}]`;
    return { query: { text, commands: [] }, problems: [syntaxProblem({ start: 0, end: text.length }, message)] };
  }
  const word = bareWord(text);
  // The lexer reads the rest at its place: a word need not be made of tokens.
  const { tokens, problems: lexical } = lex(word === null ? text : text.slice(word.next).padStart(text.length));
  const cursor = new Cursor(text, tokens);
  const of = { cursor, expressions: new ExpressionReader(cursor) };
  const problems = [...lexical];
  const commands: Command[] = [];

  const attempt = (read: () => readonly Command[]) => {
    try {
      const found = read();
      if (!cursor.atEnd) cursor.mismatch(['<EOF>', "'|'"]);
      if (problems.length === 0) commands.push(...found);
    } catch (error) {
      if (!(error instanceof SyntaxRefusal)) throw error;
      problems.push(error.problem);
      cursor.skipToPipe();
    }
  };

  attempt(() => {
    if (word !== null) return bare({ kind: 'names', text: word.text, start: word.start, end: word.end });
    return beginsWithSource(cursor) ? [readSource(of)] : bare(withNames(of.expressions.read()));
  });
  for (let count = 2; cursor.acceptSymbol('|'); count += 1) {
    if (count > MAX_COMMANDS) {
      problems.push(syntaxProblem(cursor.last, `a query has at most ${MAX_COMMANDS} commands`));
      break;
    }
    attempt(() => [readCommand(of)]);
  }
  return { query: { text, commands }, problems: problems.sort((a, b) => a.span.start - b.span.start) };
}

function bare(condition: Expression): readonly Command[] {
  const { start, end } = condition;
  const at = { start, end: start };
  return [
    { kind: 'from', sources: [{ name: DEFAULT_SOURCE, ...at }], metadata: [], ...at },
    { kind: 'where', condition, start, end },
  ];
}
