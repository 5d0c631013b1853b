// Where in a query a text ends, and what the language expects there. Tokens are enough to tell, so it works while the
// query cannot be read yet.
import { lex } from '../text/lexer.js';
import type { Span } from '../text/span.js';
import type { Token } from '../text/token.js';

export type Expectation =
  'query' | 'command' | 'index' | 'metadata' | 'column' | 'operand' | 'operator' | 'type' | 'nothing';

/** The span is that of the word that has been begun; it is empty between words. */
export interface Place extends Span {
  readonly typed: string;
  readonly expects: Expectation;
  /** Whether aggregates may be called. */
  readonly aggregates: boolean;
  /** Where `operator` is expected. */
  readonly operators: readonly string[];
  /** Where the pipe before the command stands; null: in the first command. */
  readonly commandStart: number | null;
}

const CONDITION = [
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  ':',
  'IN',
  'NOT IN',
  'LIKE',
  'RLIKE',
  'IS NULL',
  'IS NOT NULL',
  'AND',
  'OR',
];
/** Behind these words an operand follows. */
const BEFORE_OPERAND = new Set(['and', 'or', 'not', 'in', 'by', 'where']);
const NAMED_ONLY = new Set(['keep', 'drop', 'rename', 'mv_expand']);
const STARTS = new Set(['from', 'row']);

export function placeAt(head: string): Place {
  const { tokens: all, problems } = lex(head);
  const tokens = all.slice(0, -1);
  const begun = begunWord(tokens, head.length);
  const before = tokens.slice(0, tokens.length - begun.length);
  const pipe = before.findLastIndex(({ kind, text }) => kind === 'symbol' && text === '|');
  const command = before.slice(pipe + 1);
  const [first, last] = [begun[0], begun.at(-1)];
  const start = first?.start ?? head.length;
  const name = commandName(command, pipe === -1);
  const isInside = problems.some(({ span }) => span.end === head.length) || last?.kind === 'string';
  const expects = isInside ? 'nothing' : expectation(command, name, pipe === -1);
  return {
    typed: begun.map(({ text }) => text).join(''),
    start,
    end: head.length,
    expects,
    aggregates: name === 'stats' && !command.some(({ kind, text }) => kind === 'word' && text.toLowerCase() === 'by'),
    operators: operators(name),
    commandStart: pipe === -1 ? null : (before[pipe]?.start ?? null),
  };
}

/** The parts of a name that ends at the caret. */
function begunWord(tokens: readonly Token[], caret: number): readonly Token[] {
  let first = tokens.length;
  let end = caret;
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    const token = tokens[index];
    if (token === undefined || token.end !== end) break;
    const isPart =
      token.kind === 'word' || token.kind === 'source' || token.kind === 'pattern' || token.kind === 'quoted';
    if (!isPart && !(token.kind === 'symbol' && token.text === '.')) break;
    first = index;
    end = token.start;
  }
  return tokens.slice(first);
}

/** A bare condition is a WHERE. */
function commandName(command: readonly Token[], isFirst: boolean): string {
  const [first] = command;
  const name = first?.kind === 'word' ? first.text.toLowerCase() : '';
  return isFirst && !STARTS.has(name) ? 'where' : name;
}

function expectation(command: readonly Token[], name: string, isFirst: boolean): Expectation {
  const previous = command.at(-1);
  if (previous === undefined) return isFirst ? 'query' : 'command';
  const word = previous.kind === 'word' ? previous.text.toLowerCase() : null;
  const comma = previous.kind === 'symbol' && previous.text === ',';
  if (name === 'from') {
    const metadata = command.some(
      ({ kind, text }, index) => index > 0 && kind === 'word' && text.toLowerCase() === 'metadata',
    );
    if (metadata) return word === 'metadata' || comma ? 'metadata' : 'nothing';
    return comma || command.length === 1 ? 'index' : 'operator';
  }
  if (NAMED_ONLY.has(name)) {
    if (command.length === 1 || comma) return 'column';
    return name === 'rename' && word !== 'as' ? 'operator' : 'nothing';
  }
  if (name === 'limit' || name === '') return 'nothing';
  if (previous.kind === 'symbol') {
    if (previous.text === '::') return 'type';
    return previous.text === ')' || previous.text === ']' ? 'operator' : 'operand';
  }
  if (command.length === 1 && previous.kind === 'word' && (!isFirst || word === 'row')) return 'operand';
  if (word === 'like' || word === 'rlike' || word === 'is') return 'nothing';
  return word !== null && BEFORE_OPERAND.has(word) ? 'operand' : 'operator';
}

function operators(name: string): readonly string[] {
  switch (name) {
    case 'from':
      return ['METADATA'];
    case 'rename':
      return ['AS'];
    case 'sort':
      return ['ASC', 'DESC', 'NULLS FIRST', 'NULLS LAST'];
    case 'stats':
      return ['BY', 'WHERE', ...CONDITION];
    default:
      return CONDITION;
  }
}
