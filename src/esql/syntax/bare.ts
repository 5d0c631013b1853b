// What people type into a search box before they know the language: a condition alone, and a bare word or a quoted
// value. A condition is `FROM logs | WHERE …`; a word finds every event that names it.
import type { Span } from '../text/span.js';
import type { Expression } from './tree.js';

/** One word up to the end or a pipe: an address, a hash, `DOMAIN\user`; nothing that could be a condition. */
const WORD = /^(\s*)([^\s|"`()[\]=<>!?,]+)\s*(?=\||$)/;

/** `user.name:bob` asks a column. An IPv6 address has more colons, a path a backslash behind its colon. */
const ASKS_COLUMN = /^[a-z_@][\w.]*:[^:\\]+$/i;

export interface BareWord extends Span {
  readonly text: string;
  /** Where the text goes on: at a pipe or the end. */
  readonly next: number;
}

/** The bare word that the text begins with. A comment is none, nor is a word that begins a query. */
export function bareWord(text: string): BareWord | null {
  const [all, space, word] = WORD.exec(text) ?? [];
  if (all === undefined || space === undefined || word === undefined) return null;
  if (/^(?:from|row|not)$/i.test(word) || word.startsWith('//') || word.startsWith('/*')) return null;
  if (ASKS_COLUMN.test(word)) return null;
  return { text: word, start: space.length, end: space.length + word.length, next: all.length };
}

/** In a bare condition, a string where a condition belongs is a value to look for. */
export function withNames(condition: Expression): Expression {
  switch (condition.kind) {
    case 'constant':
      return typeof condition.value === 'string'
        ? { kind: 'names', text: condition.value, start: condition.start, end: condition.end }
        : condition;
    case 'and':
    case 'or':
      return { ...condition, operands: condition.operands.map(withNames) };
    case 'not':
      return { ...condition, operand: withNames(condition.operand) };
    default:
      return condition;
  }
}
