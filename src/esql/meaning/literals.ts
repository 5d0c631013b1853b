// Strings that stand for something else: beside a date, an address or a boolean, a literal string is read as one.
import { type BoundExpression, type Literal, literalValue } from '../plan/expression.js';
import type { Span } from '../text/span.js';
import { converter } from '../values/convert.js';
import { type DataType, isInterval, isString } from '../values/data-type.js';
import { Failure } from '../values/failure.js';
import { isPeriod, parseInterval } from '../values/interval.js';
import { elements, listOf } from '../values/value.js';
import type { Context } from './context.js';

const CAST: readonly DataType[] = ['date', 'ip', 'boolean'];

export interface Placed {
  readonly expression: BoundExpression;
  readonly span: Span;
}

const isStringLiteral = ({ expression }: Placed): boolean =>
  expression.kind === 'literal' && isString(expression.type) && literalValue(expression) !== undefined;

/**
 * The expression as one of the types; as it is when nothing has to be done. Null: it is a string that is no such thing.
 */
export function asOneOf(placed: Placed, types: readonly DataType[], context: Context): BoundExpression | null {
  if (!isStringLiteral(placed) || types.some(isString)) return placed.expression;
  const type = types.find((each) => CAST.includes(each));
  if (types.some(isInterval)) {
    const span = parseInterval(String(literalValue(placed.expression)));
    if (span !== null) {
      return { kind: 'literal', type: isPeriod(span) ? 'date_period' : 'time_duration', value: span };
    }
  }
  return type === undefined ? placed.expression : converted(placed, type, context);
}

/** A literal as the type, however it is written; `:` reads its right side so. */
export function converted({ expression, span }: Placed, type: DataType, context: Context): Literal | null {
  const value = literalValue(expression) ?? null;
  const convert = converter(expression.type, type);
  if (convert === null) {
    return context.problem(
      span,
      `[${context.quote(span)}] of type [${expression.type}] cannot be compared with [${type}]`,
    );
  }
  try {
    return { kind: 'literal', type, value: listOf(elements(value).map(convert)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const text = String(value).slice(0, 200);
    return context.problem(
      span,
      `Cannot convert string [${text}] to [${typeInCapitals(type)}], error [${error.message}]`,
    );
  }
}

const typeInCapitals = (type: DataType) => (type === 'date' ? 'DATETIME' : type.toUpperCase());
