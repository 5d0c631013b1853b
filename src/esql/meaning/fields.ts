// Conditions, and expressions with a name.
import { type BoundExpression, NULL } from '../plan/expression.js';
import type { NamedBound } from '../plan/plan.js';
import type { Expression, NamedExpression } from '../syntax/tree.js';
import { isInterval } from '../values/data-type.js';
import type { Place } from './calls.js';
import type { Context } from './context.js';
import { bind } from './expressions.js';

/** Without a name of its own, a column is called by its text. */
export function nameOf({ name, expression, start, end }: NamedExpression, context: Context): string {
  if (name !== null) return name.name;
  return expression.kind === 'column' ? expression.name : context.text.slice(start, end);
}

/** Null: there is a problem, which has been said. */
export function condition(expression: Expression, place: Place, context: Context): BoundExpression | null {
  const bound = bind(expression, place, context);
  if (bound === null || bound.type === 'boolean') return bound;
  if (bound.type === 'null') return NULL;
  const type = bound.type === 'date' ? 'DATETIME' : bound.type.toUpperCase();
  return context.problem(expression, `Condition expression needs to be boolean, found [${type}]`);
}

export function namedField(field: NamedExpression, place: Place, command: string, context: Context): NamedBound | null {
  const expression = bind(field.expression, place, context);
  if (expression === null) return null;
  if (isInterval(expression.type)) {
    return context.problem(
      field.expression,
      `${command} does not support type [${expression.type}] as the return data type of expression [${context.quote(field.expression)}]`,
    );
  }
  return { name: nameOf(field, context), expression };
}
