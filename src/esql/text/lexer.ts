// Text into tokens, in one pass. What may come differs by command: FROM names indices, KEEP and DROP name columns by
// patterns, and everything else is expressions.
import { type Problem, syntaxProblem } from './problem.js';
import { readBackticks, readString } from './quoted.js';
import type { Token, TokenKind } from './token.js';

export interface Lexed {
  /** Ends with a token `end`. */
  readonly tokens: readonly Token[];
  readonly problems: readonly Problem[];
}

/** `command`: the next word says which mode follows. */
type Mode = 'command' | 'source' | 'pattern' | 'expression';

const SYMBOLS = ['::', '==', '!=', '<=', '>=', ...'<>=()[],.+-*/%|:'];
const SPACE = /\s+/y;
const WORD = /(?:\p{L}|[_@](?=[\p{L}\p{Nd}_@]))[\p{L}\p{Nd}_]*/uy;
const PATTERN = /[\p{L}_@*][\p{L}\p{Nd}_@*]*/uy;
const SOURCE = /[^\s,|"]+/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const PARAMETER = /\?(\w*)/y;
const LINE_COMMENT = /\/\/[^\n\r]*/y;

export function lex(text: string): Lexed {
  const tokens: Token[] = [];
  const problems: Problem[] = [];
  let mode: Mode = 'command';
  let at = 0;

  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  const add = (kind: TokenKind, end: number, value = text.slice(at, end)) => {
    tokens.push({ kind, text: value, start: at, end });
    at = end;
  };
  const refuse = (end: number) => {
    problems.push(
      syntaxProblem({ start: at, end }, `token recognition error at: '${text.slice(at, Math.min(end, at + 100))}'`),
    );
    at = end;
  };

  while (at < text.length) {
    const skipped = match(SPACE) ?? match(LINE_COMMENT);
    if (skipped !== null) {
      at += skipped.length;
      continue;
    }
    if (text.startsWith('/*', at)) {
      const end = endOfComment(text, at);
      if (end === null) refuse(text.length);
      else at = end;
      continue;
    }
    const character = text[at] ?? '';
    if (character === '"') {
      const string = readString(text, at);
      if (string.value === null) refuse(string.end);
      else add(mode === 'source' ? 'source' : 'string', string.end, string.value);
      if (mode === 'command') mode = 'expression';
    } else if (character === '|') {
      add('symbol', at + 1);
      mode = 'command';
    } else if (mode === 'source' && character !== ',') {
      const source = match(SOURCE) ?? character;
      // What follows METADATA are names of columns.
      if (source.toLowerCase() === 'metadata') mode = 'expression';
      add(mode === 'source' ? 'source' : 'word', at + source.length);
    } else if (character === '`') {
      const name = readBackticks(text, at);
      if (name.value === null) refuse(name.end);
      else add('quoted', name.end, name.value);
      if (mode === 'command') mode = 'expression';
    } else if (character === '?') {
      const parameter = match(PARAMETER) ?? '?';
      add('parameter', at + parameter.length, parameter.slice(1));
    } else {
      const [kind, length] = lexeme(mode);
      if (mode === 'command') mode = kind === 'word' ? modeAfter(text.slice(at, at + length)) : 'expression';
      if (kind === null) refuse(at + length);
      else add(kind, at + length);
    }
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return { tokens, problems };

  /** A word, number or symbol at the place that has been reached, and its length. */
  function lexeme(mode: Mode): [TokenKind | null, number] {
    const word = match(mode === 'pattern' ? PATTERN : WORD);
    if (word !== null) return [mode === 'pattern' && word.includes('*') ? 'pattern' : 'word', word.length];
    const number = match(NUMBER);
    if (number !== null) return [/^\d+$/.test(number) ? 'integer' : 'decimal', number.length];
    const symbol = SYMBOLS.find((each) => text.startsWith(each, at));
    if (symbol !== undefined) return ['symbol', symbol.length];
    return [null, (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1];
  }
}

function modeAfter(command: string): Mode {
  const name = command.toLowerCase();
  if (name === 'from' || name === 'ts') return 'source';
  return name === 'keep' || name === 'drop' ? 'pattern' : 'expression';
}

/** Comments are nested. Null: the end is missing. */
function endOfComment(text: string, start: number): number | null {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return null;
}
