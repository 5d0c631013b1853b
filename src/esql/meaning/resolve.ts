// A query into a plan, command by command: each sees the columns that the one before it hands on.
import type { Column, Command as Planned, NamedBound, Plan, SortKey, Source } from '../plan/plan.js';
import type { Command, Query } from '../syntax/tree.js';
import { MAX_COMMANDS } from '../text/limits.js';
import type { Problem } from '../text/problem.js';
import { isInterval } from '../values/data-type.js';
import type { Catalogue } from './catalogue.js';
import { kept, notDropped, type Projection, renamed } from './columns.js';
import { Context, type Options } from './context.js';
import { bind } from './expressions.js';
import { condition, namedField, nameOf } from './fields.js';
import { pruned } from './prune.js';
import { columnsOf, type Scope, type ScopeColumn, withColumn } from './scope.js';
import { fromScope, fromSource } from './source.js';
import { bindStats, statsScope } from './stats.js';

export interface Resolved {
  /** Null when there is a problem. */
  readonly plan: Plan | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** What the last command hands on; with problems, as far as that is known. For completion. */
  readonly columns: readonly Column[];
}

export function resolve(query: Query, catalogue: Catalogue, options: Options): Resolved {
  const context = new Context(query.text, catalogue, options);
  const resolver = new Resolver(query, context);
  for (const command of query.commands) resolver.add(command);
  const problems = context.problems.sort((a, b) => a.span.start - b.span.start);
  const plan = problems.length > 0 ? null : pruned(resolver.source, resolver.commands);
  return { plan, problems, warnings: context.warnings, columns: columnsOf(resolver.scope) };
}

/** A command before it is known what it hands on. */
type Unfinished = Planned extends infer Each ? (Each extends Planned ? Omit<Each, 'output'> : never) : never;

class Resolver {
  scope: Scope = new Map();
  source: Source = { kind: 'row', columns: [] };
  readonly commands: Planned[] = [];
  private isFull = false;

  constructor(
    private readonly query: Query,
    private readonly context: Context,
  ) {}

  add(command: Command): void {
    const { context, scope } = this;
    switch (command.kind) {
      case 'from':
        this.scope = fromScope(command, this.query, context);
        this.source = fromSource(command, columnsOf(this.scope));
        return;
      case 'row':
        return this.row(command);
      case 'where': {
        const bound = condition(command.condition, { scope }, context);
        return bound === null ? undefined : this.push({ kind: 'where', condition: bound }, command);
      }
      case 'keep':
        return this.project(kept(command, scope, context), command);
      case 'drop':
        return this.project(notDropped(command, scope, context), command);
      case 'rename':
        return this.project(renamed(command, scope, context), command);
      case 'eval':
        return this.eval(command);
      case 'sort':
        return this.sort(command);
      case 'limit':
        return this.push({ kind: 'limit', count: command.count }, command);
      case 'stats':
        return this.stats(command);
      case 'expand':
        return this.expand(command);
    }
  }

  private push(command: Unfinished, at: Command): void {
    if (this.commands.length === MAX_COMMANDS) {
      if (!this.isFull) this.context.problem(at, `a query has at most ${MAX_COMMANDS} commands`);
      this.isFull = true;
      return;
    }
    if (!this.context.fits(this.scope, at)) return;
    this.commands.push({ ...command, output: columnsOf(this.scope) });
  }

  /** No field of a ROW sees another. */
  private row(command: Extract<Command, { kind: 'row' }>): void {
    const fields = new Map<string, NamedBound>();
    for (const field of command.fields) {
      const bound = namedField(field, { scope: new Map() }, 'ROW', this.context);
      const name = nameOf(field, this.context);
      fields.delete(name);
      fields.set(name, bound ?? { name, expression: { kind: 'literal', type: 'null', value: null } });
    }
    this.scope = new Map(
      [...fields.values()].map(({ name, expression }) => [name, { type: expression.type, isField: false }]),
    );
    this.push({ kind: 'eval', fields: [...fields.values()] }, command);
  }

  private project(columns: readonly Projection[], command: Command): void {
    const { scope } = this;
    const found = columns.map(({ from, to }): [string, ScopeColumn] => [
      to,
      scope.get(from) ?? { type: 'null', isField: false },
    ]);
    this.scope = new Map(found);
    this.push({ kind: 'project', columns }, command);
  }

  private eval(command: Extract<Command, { kind: 'eval' }>): void {
    const scope = new Map(this.scope);
    this.scope = scope;
    let fields = new Map<string, NamedBound>();
    const flush = () => {
      if (fields.size > 0) this.push({ kind: 'eval', fields: [...fields.values()] }, command);
      fields = new Map();
    };
    for (const field of command.fields) {
      const bound = namedField(field, { scope }, 'EVAL', this.context);
      const name = nameOf(field, this.context);
      // A second field of a name needs a command of its own, because both may be read between.
      if (fields.has(name)) flush();
      if (bound !== null) fields.set(name, bound);
      // With a problem the column is there all the same, so that nobody is told it is unknown.
      withColumn(scope, name, { type: bound?.expression.type ?? 'null', isField: false });
    }
    flush();
  }

  private sort(command: Extract<Command, { kind: 'sort' }>): void {
    const { scope, context } = this;
    const keys = command.keys.map(({ expression, descending, nullsFirst }): SortKey | null => {
      const bound = bind(expression, { scope }, context);
      if (bound === null) return null;
      if (isInterval(bound.type)) return context.problem(expression, `cannot sort on ${bound.type}`);
      return { expression: bound, descending, nullsFirst: nullsFirst ?? descending };
    });
    const complete = keys.filter((key) => key !== null);
    if (complete.length === keys.length) this.push({ kind: 'sort', keys: complete }, command);
  }

  private stats(command: Extract<Command, { kind: 'stats' }>): void {
    const bound = bindStats(command, this.scope, this.context);
    if (bound === null) {
      const names = [...command.aggregates, ...command.groups].map((field) => nameOf(field, this.context));
      this.scope = new Map(names.map((name) => [name, { type: 'null', isField: false }]));
      return;
    }
    const { aggregates, groups, computed, names } = bound;
    const types = statsScope({ ...bound, names: [...aggregates, ...groups].map(({ name }) => name) });
    this.scope = types;
    this.push({ kind: 'stats', aggregates, groups }, command);
    if (computed.length === 0) return;
    for (const { name, expression } of computed) withColumn(types, name, { type: expression.type, isField: false });
    this.push({ kind: 'eval', fields: computed }, command);
    this.project(
      names.map((name) => ({ from: name, to: name })),
      command,
    );
  }

  private expand(command: Extract<Command, { kind: 'expand' }>): void {
    const { column } = command;
    const found = this.scope.get(column.name);
    if (found === undefined) {
      this.context.unknownColumn(column.name, column, this.scope);
      return;
    }
    this.scope = new Map(this.scope).set(column.name, { ...found, isField: false });
    this.push({ kind: 'expand', column: column.name }, command);
  }
}
