// STATS. Aggregates may stand inside other expressions: those are worked out behind the grouping, from columns that
// only the plan knows.
import { callable } from '../functions/table.js';
import type { BoundExpression } from '../plan/expression.js';
import type { AggregateCall, NamedBound } from '../plan/plan.js';
import type { Aggregate, Command, NamedExpression } from '../syntax/tree.js';
import { checkedArguments } from './arguments.js';
import type { CallExpression, ColumnExpression } from './calls.js';
import type { Context } from './context.js';
import { bind } from './expressions.js';
import { condition, nameOf } from './fields.js';
import type { Placed } from './literals.js';
import type { Scope, ScopeColumn } from './scope.js';

export interface BoundStats {
  readonly aggregates: readonly AggregateCall[];
  readonly groups: readonly NamedBound[];
  /** What is worked out of them afterwards. */
  readonly computed: readonly NamedBound[];
  /** The columns that go on: first what was asked for, then the groups. */
  readonly names: readonly string[];
}

/** Null: there is a problem, which has been said. */
export function bindStats(
  command: Extract<Command, { kind: 'stats' }>,
  scope: Scope,
  context: Context,
): BoundStats | null {
  const groups = distinctNames(command.groups, [], context).map((group) => bindGroup(group, scope, context));
  const known = groups.filter((each) => each !== null);
  const groupNames = known.map(({ name }) => name);
  const fields = distinctNames(command.aggregates, command.groups, context);
  const taken = [...fields, ...command.groups].map((field) => nameOf(field, context));
  const binder = new StatsBinder(
    scope,
    new Map(known.map(({ name, expression }) => [name, expression])),
    taken,
    context,
  );
  const outputs = fields.map((field) => binder.field(field));
  if (known.length < groups.length || outputs.includes(null)) return null;
  return {
    aggregates: binder.aggregates,
    groups: known,
    computed: outputs.filter((each) => each !== null && each.expression !== null).map((each) => each as NamedBound),
    names: [...fields.map((field) => nameOf(field, context)), ...groupNames],
  };
}

/** Of equal names the last one stays, and a group rather than an aggregate; the others are named in a warning. */
function distinctNames<Field extends NamedExpression>(
  fields: readonly Field[],
  stronger: readonly NamedExpression[],
  context: Context,
): Field[] {
  const winners = new Map<string, NamedExpression>();
  for (const field of [...fields, ...stronger]) winners.set(nameOf(field, context), field);
  return fields.filter((field) => {
    const name = nameOf(field, context);
    const winner = winners.get(name);
    if (winner === field || winner === undefined) return true;
    const [here, there] = [context.positionOf(field.start), context.positionOf(winner.start)];
    context.warnings.push(
      `Line ${here.line}:${here.column}: Field '${name}' shadowed by field at line ${there.line}:${there.column}`,
    );
    return false;
  });
}

function bindGroup(group: NamedExpression, scope: Scope, context: Context): NamedBound | null {
  const refuse = (call: CallExpression) =>
    context.problem(call, `cannot use an aggregate [${context.quote(call)}] for grouping`);
  const expression = bind(group.expression, { scope, buckets: true, aggregate: refuse }, context);
  return expression === null ? null : { name: nameOf(group, context), expression };
}

/** A field that is an aggregate and nothing else has no expression of its own. */
interface Output {
  readonly name: string;
  readonly expression: BoundExpression | null;
}

class StatsBinder {
  readonly aggregates: AggregateCall[] = [];
  private readonly taken: ReadonlySet<string>;

  constructor(
    private readonly scope: Scope,
    private readonly groups: ReadonlyMap<string, BoundExpression>,
    taken: readonly string[],
    private readonly context: Context,
  ) {
    this.taken = new Set(taken);
  }

  field(field: Aggregate): Output | null {
    const { context } = this;
    const name = nameOf(field, context);
    const filter = field.condition === null ? undefined : condition(field.condition, { scope: this.scope }, context);
    const before = this.aggregates.length;
    const { expression } = field;
    if (expression.kind === 'call' && callable(expression.name)?.kind === 'aggregate') {
      const call = this.aggregate(expression, name, filter ?? null);
      return call === null || filter === null ? null : { name, expression: null };
    }
    const bound = bind(
      expression,
      {
        scope: this.scope,
        buckets: true,
        aggregate: (call) => this.hidden(call, filter ?? null),
        column: (column) => this.grouped(column),
      },
      context,
    );
    if (bound === null || filter === null) return null;
    if (this.aggregates.length === before) {
      return context.problem(expression, `expected an aggregate function but found [${context.quote(expression)}]`);
    }
    return { name, expression: bound };
  }

  /** Outside of aggregates there are only the groups. */
  private grouped(column: ColumnExpression): BoundExpression | null {
    const group = this.groups.get(column.name);
    if (group !== undefined) return { kind: 'column', type: group.type, name: column.name };
    if (!this.scope.has(column.name)) return this.context.unknownColumn(column.name, column, this.scope);
    return this.context.problem(
      column,
      `column [${column.name}] must appear in the STATS BY clause or be used in an aggregate function`,
    );
  }

  private hidden(call: CallExpression, filter: BoundExpression | null): BoundExpression | null {
    let name = `$$${this.aggregates.length}`;
    while (this.taken.has(name)) name = `$${name}`;
    const aggregate = this.aggregate(call, name, filter);
    return aggregate === null ? null : { kind: 'column', type: aggregate.type, name };
  }

  private aggregate(call: CallExpression, name: string, filter: BoundExpression | null): AggregateCall | null {
    const { context } = this;
    const definition = callable(call.name);
    if (definition?.kind !== 'aggregate') return null;
    const args = this.args(call);
    const checked = args === null ? null : checkedArguments(definition, call, args, context);
    if (checked === null) return null;
    if (call.star && definition.name !== 'count') {
      return context.problem(call, `[*] is not an argument of [${definition.name}]`);
    }
    const type = definition.returns(checked.map((arg) => arg.type));
    const found: AggregateCall = {
      name,
      fn: definition.name,
      type,
      args: checked,
      condition: filter,
      at: context.origin(call),
    };
    this.aggregates.push(found);
    return found;
  }

  private args(call: CallExpression): readonly Placed[] | null {
    const { context, scope } = this;
    const nested = (inner: CallExpression) =>
      context.problem(
        inner,
        `nested aggregations [${context.quote(inner)}] not allowed inside other aggregations [${context.quote(call)}]`,
      );
    const placed = call.args.map((arg): Placed | null => {
      const expression = bind(arg, { scope, buckets: true, aggregate: nested }, context);
      return expression === null ? null : { expression, span: arg };
    });
    const complete = placed.filter((each) => each !== null);
    return complete.length === placed.length ? complete : null;
  }
}

/** The columns behind a STATS. */
export function statsScope({ aggregates, groups, computed, names }: BoundStats): Map<string, ScopeColumn> {
  const types = new Map([
    ...aggregates.map(({ name, type }) => [name, type] as const),
    ...computed.map(({ name, expression }) => [name, expression.type] as const),
    ...groups.map(({ name, expression }) => [name, expression.type] as const),
  ]);
  return new Map(names.map((name) => [name, { type: types.get(name) ?? 'null', isField: false }]));
}
