// The commands between the pipes.
import type { Span } from '../text/span.js';
import type { Cursor } from './cursor.js';
import type { ExpressionReader } from './expressions.js';
import { readColumnPattern, readName } from './names.js';
import { notSupported, REFUSED_COMMANDS, REFUSED_SOURCES } from './refused.js';
import type { Aggregate, Command, Expression, Name, NamedExpression, SortKey } from './tree.js';

interface Reading {
  readonly cursor: Cursor;
  readonly expressions: ExpressionReader;
}

const SOURCES = new Map<string, (of: Reading) => Unplaced>([
  ['from', from],
  ['row', ({ cursor, expressions }) => ({ kind: 'row', fields: cursor.list(() => named(cursor, expressions)) })],
]);

const PROCESSING = new Map<string, (of: Reading) => Unplaced>([
  ['where', ({ expressions }) => ({ kind: 'where', condition: expressions.read() })],
  ['keep', ({ cursor }) => ({ kind: 'keep', patterns: cursor.list(() => readColumnPattern(cursor)) })],
  ['drop', ({ cursor }) => ({ kind: 'drop', patterns: cursor.list(() => readColumnPattern(cursor)) })],
  ['rename', ({ cursor }) => ({ kind: 'rename', renames: cursor.list(() => renaming(cursor)) })],
  ['eval', ({ cursor, expressions }) => ({ kind: 'eval', fields: cursor.list(() => named(cursor, expressions)) })],
  ['sort', (of) => ({ kind: 'sort', keys: of.cursor.list(() => sortKey(of)) })],
  ['limit', ({ cursor }) => ({ kind: 'limit', count: count(cursor) })],
  ['stats', stats],
  ['mv_expand', ({ cursor }) => ({ kind: 'expand', column: readName(cursor) })],
]);

export const COMMAND_NAMES: readonly string[] = [...PROCESSING.keys()];
const SOURCE_NAMES: readonly string[] = [...SOURCES.keys()];

/** A command before it is known where it ends. */
type Unplaced = Command extends infer Each ? (Each extends Span ? Omit<Each, keyof Span> : never) : never;

/** Whether the text begins with a word that begins a query, and so is no bare condition. */
export function beginsWithSource(cursor: Cursor): boolean {
  const { kind, text } = cursor.peek();
  if (kind !== 'word') return false;
  const name = text.toLowerCase();
  if (SOURCES.has(name)) return true;
  // A column may be called so too.
  const isPredicate = cursor.peek(1).kind === 'symbol';
  return !isPredicate && (REFUSED_SOURCES.has(name) || PROCESSING.has(name) || REFUSED_COMMANDS.has(name));
}

export function readSource(of: Reading): Command {
  return read(of, SOURCES, SOURCE_NAMES, REFUSED_SOURCES);
}

export function readCommand(of: Reading): Command {
  return read(of, PROCESSING, COMMAND_NAMES, REFUSED_COMMANDS);
}

function read(
  of: Reading,
  readers: ReadonlyMap<string, (of: Reading) => Unplaced>,
  names: readonly string[],
  refused: ReadonlySet<string>,
): Command {
  const { cursor } = of;
  const { kind, text, start } = cursor.peek();
  const name = kind === 'word' ? text.toLowerCase() : '';
  const reader = readers.get(name);
  if (reader === undefined) {
    if (refused.has(name)) cursor.refuse(cursor.peek(), notSupported(name));
    return cursor.mismatch(names.map((each) => `'${each}'`));
  }
  cursor.next();
  const command = reader(of);
  return { ...command, start, end: cursor.last.end };
}

function from({ cursor }: Reading): Unplaced {
  const sources = cursor.list((): Name => {
    if (cursor.peek().kind !== 'source') cursor.mismatch(['UNQUOTED_SOURCE', 'QUOTED_STRING']);
    const { text, start, end } = cursor.next();
    return { name: text, start, end };
  });
  const metadata = cursor.acceptWord('metadata') ? cursor.list(() => readName(cursor)) : [];
  return { kind: 'from', sources, metadata };
}

function named(cursor: Cursor, expressions: ExpressionReader): NamedExpression {
  const { start } = cursor.peek();
  const name = assigned(cursor);
  const expression = expressions.read();
  return { name, expression, start, end: cursor.last.end };
}

/** `name =` if that is next. */
function assigned(cursor: Cursor): Name | null {
  if (!cursor.isName()) return null;
  let ahead = 1;
  while (cursor.isSymbol('.', ahead) && ['word', 'quoted'].includes(cursor.peek(ahead + 1).kind)) ahead += 2;
  if (!cursor.isSymbol('=', ahead)) return null;
  const name = readName(cursor);
  cursor.expectSymbol('=');
  return name;
}

function renaming(cursor: Cursor): { from: Name; to: Name } {
  if (cursor.isSymbol('*')) cursor.refuse(cursor.peek(), 'Using wildcards [*] in RENAME is not allowed');
  const first = readName(cursor);
  if (cursor.acceptSymbol('=')) return { from: readName(cursor), to: first };
  if (!cursor.acceptWord('as')) cursor.mismatch(["'as'", "'='", "'.'"]);
  return { from: first, to: readName(cursor) };
}

function sortKey({ cursor, expressions }: Reading): SortKey {
  const { start } = cursor.peek();
  const expression = expressions.read();
  const descending = !cursor.acceptWord('asc') && cursor.acceptWord('desc');
  let nullsFirst: boolean | null = null;
  if (cursor.acceptWord('nulls')) {
    nullsFirst = cursor.acceptWord('first');
    if (!nullsFirst && !cursor.acceptWord('last')) cursor.mismatch(["'first'", "'last'"]);
  }
  return { expression, descending, nullsFirst, start, end: cursor.last.end };
}

function count(cursor: Cursor): number {
  const negative = cursor.acceptSymbol('-');
  if (cursor.peek().kind !== 'integer') cursor.mismatch(['INTEGER_LITERAL']);
  const token = cursor.next();
  const value = Number(token.text);
  if (negative || value > 2 ** 31 - 1) {
    cursor.refuse(
      token,
      `Invalid value for LIMIT [${negative ? '-' : ''}${token.text.slice(0, 30)}], expecting a non negative integer`,
    );
  }
  return value;
}

function stats({ cursor, expressions }: Reading): Unplaced {
  const aggregate = (): Aggregate => {
    const field = named(cursor, expressions);
    const condition: Expression | null = cursor.acceptWord('where') ? expressions.read() : null;
    return { ...field, condition };
  };
  if (cursor.atEnd) cursor.mismatch(["'by'", 'UNQUOTED_IDENTIFIER']);
  const aggregates = cursor.isWord('by') ? [] : cursor.list(aggregate);
  const groups = cursor.acceptWord('by') ? cursor.list(() => named(cursor, expressions)) : [];
  return { kind: 'stats', aggregates, groups };
}
