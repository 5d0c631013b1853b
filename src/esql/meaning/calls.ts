// Calls of functions by name.
import { CALLABLE, callable, scalarFunction } from '../functions/table.js';
import type { BoundExpression } from '../plan/expression.js';
import { notSupported, REFUSED_FUNCTIONS } from '../syntax/refused.js';
import type { Expression } from '../syntax/tree.js';
import type { Span } from '../text/span.js';
import { commonType, type DataType, typeName } from '../values/data-type.js';
import { checkedArguments, mustBe } from './arguments.js';
import { bucketRounding } from './bucket.js';
import type { Context } from './context.js';
import type { Placed } from './literals.js';
import type { Scope } from './scope.js';

export type CallExpression = Extract<Expression, { kind: 'call' }>;
export type ColumnExpression = Extract<Expression, { kind: 'column' }>;

/** What a place of a query adds to the rules. */
export interface Place {
  readonly scope: Scope;
  /** Whether BUCKET may be called: in STATS. */
  readonly buckets?: boolean;
  /** Calls of aggregates, where they may stand; elsewhere they are a problem. */
  readonly aggregate?: (call: CallExpression) => BoundExpression | null;
  /** Instead of the usual finding of columns. */
  readonly column?: (column: ColumnExpression) => BoundExpression | null;
}

/** What resolving a call needs of resolving expressions. */
export interface Binding {
  readonly place: Place;
  readonly context: Context;
  /** All of them, or null when one has a problem. */
  readonly allPlaced: (expressions: readonly Expression[]) => readonly Placed[] | null;
  /** A call of that function, worked out if it is constant. */
  readonly made: (span: Span, fn: string, type: DataType, args: readonly BoundExpression[]) => BoundExpression;
}

/** Null: there is a problem, which has been said. */
export function bindCall(expression: CallExpression, binding: Binding): BoundExpression | null {
  const { place, context } = binding;
  const name = expression.name.toLowerCase();
  if (name === 'now' && expression.args.length === 0) {
    return { kind: 'literal', type: 'date', value: context.options.now };
  }
  if (name === 'bucket' || name === 'bin') return bucket(expression, binding);
  const definition = callable(name);
  if (definition === null) {
    if (REFUSED_FUNCTIONS.has(name)) return context.problem(expression, notSupported(name));
    return context.unknown(
      'function',
      expression.name,
      expression,
      CALLABLE.map((each) => each.name),
    );
  }
  if (definition.kind === 'aggregate') {
    if (place.aggregate !== undefined) return place.aggregate(expression);
    return context.problem(
      expression,
      `aggregate function [${context.quote(expression)}] not allowed outside STATS command`,
    );
  }
  if (expression.star) return context.problem(expression, `[*] is not an argument of [${expression.name}]`);
  const args = binding.allPlaced(expression.args);
  if (args === null) return null;
  if (name === 'date_format' && args.length === 1) {
    const dates = checkedArguments(scalarFunction('date_to_text'), expression, args, context);
    return dates === null ? null : binding.made(expression, 'date_to_text', 'keyword', dates);
  }
  if (name === 'case') return conditional(expression, args, binding);
  const checked = checkedArguments(definition, expression, args, context);
  if (checked === null) return null;
  const types = checked.map(({ type }) => type);
  const shared = ['coalesce', 'greatest', 'least'].includes(definition.name);
  const type = shared ? sharedType(context, expression, args, 0) : definition.returns(types);
  return type === null ? null : binding.made(expression, definition.name, type, checked);
}

function bucket(expression: CallExpression, binding: Binding): BoundExpression | null {
  const { context } = binding;
  const args = binding.allPlaced(expression.args);
  if (args === null) return null;
  if (binding.place.buckets !== true) {
    return context.problem(
      expression,
      `cannot use grouping function [${context.quote(expression)}] outside of a STATS command`,
    );
  }
  const rounding = bucketRounding(expression, args, context);
  if (rounding === null) return null;
  return binding.made(expression, rounding.fn, rounding.fn === 'date_trunc' ? 'date' : 'double', rounding.args);
}

/** Conditions and values in turn; the last one of an odd number is the value of all else. */
function conditional(expression: CallExpression, args: readonly Placed[], binding: Binding): BoundExpression | null {
  const { context } = binding;
  if (args.length < 2) return context.problem(expression, 'error building [case]: expects at least two arguments');
  const isValue = (index: number) => index % 2 === 1 || index === args.length - 1;
  for (const [index, arg] of args.entries()) {
    if (isValue(index) || arg.expression.type === 'boolean' || arg.expression.type === 'null') continue;
    return mustBe(context, expression, index, args.length, 'boolean', arg);
  }
  const type = sharedType(
    context,
    expression,
    args.map((arg, index) => (isValue(index) ? arg : null)),
    1,
  );
  return type === null
    ? null
    : binding.made(
        expression,
        'case',
        type,
        args.map((arg) => arg.expression),
      );
}

/** The type that all values have in common; null stands for an argument that is no value. */
function sharedType(
  context: Context,
  call: CallExpression,
  args: readonly (Placed | null)[],
  first: number,
): DataType | null {
  let type: DataType = args[first]?.expression.type ?? 'null';
  for (const [index, arg] of args.entries()) {
    if (arg === null) continue;
    const common = commonType(type, arg.expression.type);
    if (common === null) return mustBe(context, call, index, args.length, typeName(type), arg);
    type = common;
  }
  return type === 'text' ? 'keyword' : type;
}
