// What a query begins with.
import { likeMatcher } from '../patterns/like.js';
import type { Column, Source } from '../plan/plan.js';
import type { Command, Name, Query } from '../syntax/tree.js';
import type { Catalogue } from './catalogue.js';
import type { Context } from './context.js';
import type { ScopeColumn } from './scope.js';

/** The columns of events; those of open beginnings only when the query names them. */
export function fromScope(
  { sources, metadata }: Extract<Command, { kind: 'from' }>,
  query: Query,
  context: Context,
): Map<string, ScopeColumn> {
  const { catalogue } = context;
  for (const source of sources) checkIndex(source, context);
  const scope = new Map<string, ScopeColumn>();
  for (const { name, type } of catalogue.fields) scope.set(name, { type, isField: true });
  if (catalogue.open.length > 0) {
    for (const [name, column] of openFields(query, catalogue)) if (!scope.has(name)) scope.set(name, column);
  }
  for (const asked of metadata) {
    const found = catalogue.metadata.find(({ name }) => name === asked.name);
    if (found === undefined) context.problem(asked, `unsupported metadata field [${asked.name}]`);
    else scope.set(found.name, { type: found.type, isField: false });
  }
  return scope;
}

function checkIndex(source: Name, context: Context): void {
  const { indices } = context.catalogue;
  const matches = source.name.includes('*') ? likeMatcher(source.name) : (name: string) => name === source.name;
  if (!indices.some(matches)) context.unknown('index', source.name, source, indices);
}

/** Names that the query mentions anywhere. */
function openFields(query: Query, catalogue: Catalogue): Map<string, ScopeColumn> {
  const found = new Map<string, ScopeColumn>();
  const visit = (name: string) => {
    const open = catalogue.open.find(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length);
    if (open !== undefined) found.set(name, { type: open.type, isField: true });
  };
  eachName(query.commands, visit);
  return found;
}

/** A tree of plain objects, walked without recursion. */
function eachName(root: unknown, visit: (name: string) => void): void {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== 'object' || node === null) continue;
    if ('name' in node && typeof node.name === 'string') visit(node.name);
    if ('pieces' in node && node.pieces === null && 'text' in node && typeof node.text === 'string') visit(node.text);
    for (const value of Object.values(node)) waiting.push(value);
  }
}

export const fromSource = ({ sources }: Extract<Command, { kind: 'from' }>, columns: readonly Column[]): Source => ({
  kind: 'from',
  indices: sources.map(({ name }) => name),
  columns,
});
