// KEEP, DROP and RENAME: which columns go on, and how they are called.
import type { ColumnPattern, Command } from '../syntax/tree.js';
import type { Context } from './context.js';
import type { Scope } from './scope.js';

export interface Projection {
  readonly from: string;
  readonly to: string;
}

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

const same = (name: string): Projection => ({ from: name, to: name });

/** A name goes before a pattern, and a pattern before `*`; among equals the last one has the column. */
export function kept({ patterns }: Of<'keep' | 'drop'>, scope: Scope, context: Context): Projection[] {
  const ranks = new Map<string, number>();
  for (const pattern of patterns) {
    const rank = pattern.pieces === null ? 0 : pattern.text === '*' ? 2 : 1;
    for (const name of matching(pattern, scope, context)) {
      if ((ranks.get(name) ?? rank) < rank) continue;
      ranks.delete(name);
      ranks.set(name, rank);
    }
  }
  return [...ranks.keys()].map(same);
}

export function notDropped({ patterns }: Of<'keep' | 'drop'>, scope: Scope, context: Context): Projection[] {
  const dropped = new Set(patterns.flatMap((pattern) => matching(pattern, scope, context)));
  return [...scope.keys()].filter((name) => !dropped.has(name)).map(same);
}

function matching(pattern: ColumnPattern, scope: Scope, context: Context): string[] {
  if (pattern.pieces === null) {
    if (scope.has(pattern.text)) return [pattern.text];
    context.unknownColumn(pattern.text, pattern, scope);
    return [];
  }
  if (pattern.text === '*') return [...scope.keys()];
  const { pieces } = pattern;
  const found = [...scope.keys()].filter((name) => fits(name, pieces));
  if (found.length === 0) context.problem(pattern, `No matches found for pattern [${context.quote(pattern)}]`);
  return found;
}

/**
 * The first piece begins the name, the last one ends it, and the others follow one another: each as early as it can.
 */
function fits(name: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}

/** One after the other; a column that is called so already gives way. */
export function renamed({ renames }: Of<'rename'>, scope: Scope, context: Context): Projection[] {
  // From the name that a column has now to the one that it came with; a new name takes the old one's place.
  let columns: Projection[] = [...scope.keys()].map(same);
  for (const { from, to } of renames) {
    if (!columns.some((each) => each.to === from.name)) {
      context.unknownColumn(from.name, from, scope);
    } else if (from.name !== to.name) {
      columns = columns
        .filter((each) => each.to !== to.name)
        .map((each) => (each.to === from.name ? { from: each.from, to: to.name } : each));
    }
  }
  return columns;
}
