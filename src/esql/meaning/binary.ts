// Operators between two values: what may stand beside what.
import type { BoundExpression } from '../plan/expression.js';
import type { Span } from '../text/span.js';
import { commonType, type DataType, isInterval, isNumeric, isString, typeName } from '../values/data-type.js';
import { mustBe } from './arguments.js';
import type { Context } from './context.js';
import { asOneOf, type Placed } from './literals.js';

export type Pair = readonly [BoundExpression, BoundExpression];

/** What the operators of a comparison take; `<` and the like have no order for booleans. */
const ORDERED: readonly DataType[] = ['date', 'double', 'integer', 'ip', 'keyword', 'long', 'text', 'null'];

export function comparedPair(call: Span, operator: string, left: Placed, right: Placed, context: Context): Pair | null {
  const pair = besideEachOther(left, right, context);
  if (pair === null) return null;
  for (const [index, expression] of pair.entries()) {
    const allowed =
      operator === '==' || operator === '!=' ? !isInterval(expression.type) : ORDERED.includes(expression.type);
    if (!allowed) {
      const expects = 'date_nanos, datetime, ip, keyword, numeric, text or version';
      const equality = `boolean, ${expects}`;
      const found = { expression, span: (index === 0 ? left : right).span };
      return mustBe(context, call, index, 2, operator === '==' || operator === '!=' ? equality : expects, found);
    }
  }
  if (commonType(pair[0].type, pair[1].type) !== null) return pair;
  const first = isNumeric(pair[0].type) ? 'numeric' : typeName(pair[0].type);
  return context.problem(
    call,
    `first argument of [${context.quote(call)}] is [${first}] so second argument must also be [${first}] but was [${typeName(pair[1].type)}]`,
  );
}

/** A literal string beside something else is read as that. Null: it cannot be, which has been said. */
function besideEachOther(left: Placed, right: Placed, context: Context): Pair | null {
  const first = isString(right.expression.type) ? left.expression : asOneOf(left, [right.expression.type], context);
  const second = isString(left.expression.type) ? right.expression : asOneOf(right, [left.expression.type], context);
  return first === null || second === null ? null : [first, second];
}

const SUMMANDS = 'date_nanos, datetime or numeric';

export function arithmeticPair(
  call: Span,
  operator: string,
  left: Placed,
  right: Placed,
  context: Context,
): Pair | null {
  const moves = operator === '+' || operator === '-';
  const pair = moves ? withDates(left, right, context) : ([left.expression, right.expression] as const);
  if (pair === null) return null;
  for (const [index, expression] of pair.entries()) {
    const { type } = expression;
    const allowed = isNumeric(type) || type === 'null' || (moves && (type === 'date' || isInterval(type)));
    const found = { expression, span: (index === 0 ? left : right).span };
    if (!allowed) return mustBe(context, call, index, 2, moves ? SUMMANDS : 'numeric', found);
  }
  const [first, second] = pair.map(({ type }) => type) as [DataType, DataType];
  const datesFit =
    (isInterval(second) && (first === 'date' || first === 'null')) ||
    (operator === '+' && isInterval(first) && (second === 'date' || second === 'null'));
  const numbersFit = [first, second].every((type) => isNumeric(type) || type === 'null');
  if (datesFit || numbersFit) return pair;
  return context.problem(
    call,
    `[${operator}] has arguments with incompatible types [${typeName(first)}] and [${typeName(second)}]`,
  );
}

/** A literal string beside a span of time is a date, and beside a date a span of time. */
function withDates(left: Placed, right: Placed, context: Context): Pair | null {
  const wanted = (other: DataType): readonly DataType[] =>
    isInterval(other) ? ['date'] : other === 'date' ? ['date_period', 'time_duration'] : [other];
  const first = asOneOf(left, wanted(right.expression.type), context);
  const second = asOneOf(right, wanted(left.expression.type), context);
  return first === null || second === null ? null : [first, second];
}
