// Expressions of a plan: resolved, typed, plain data. Operators, casts and functions are all calls of a name in the
// table of functions, so whoever translates or evaluates a plan has three cases and one table.
import type { DataType } from '../values/data-type.js';
import type { Interval } from '../values/interval.js';
import type { Value } from '../values/value.js';

export interface Literal {
  readonly kind: 'literal';
  readonly type: DataType;
  /** A span of time only where the type is date_period or time_duration. */
  readonly value: Value | Interval;
}

/** A column of the rows that come in, by name: names are unique among them. */
export interface ColumnReference {
  readonly kind: 'column';
  readonly type: DataType;
  readonly name: string;
}

export interface Call {
  readonly kind: 'call';
  /** A name of the table of functions. */
  readonly fn: string;
  readonly type: DataType;
  readonly args: readonly BoundExpression[];
  readonly at: Origin;
}

/** Where a call stands in the query, for warnings. */
export interface Origin {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export type BoundExpression = Literal | ColumnReference | Call;

export const NULL: Literal = { kind: 'literal', type: 'null', value: null };

/** The value of a literal that is no span of time; undefined for everything else. */
export function literalValue(expression: BoundExpression | undefined): Value | undefined {
  if (expression?.kind !== 'literal' || isIntervalLiteral(expression)) return undefined;
  return expression.value as Value;
}

export function literalInterval(expression: BoundExpression | undefined): Interval | undefined {
  return expression?.kind === 'literal' && isIntervalLiteral(expression) ? (expression.value as Interval) : undefined;
}

const isIntervalLiteral = ({ type, value }: Literal) =>
  (type === 'date_period' || type === 'time_duration') && value !== null;

/** Calls the function for each column that the expression reads. */
export function eachColumn(expression: BoundExpression, found: (name: string) => void): void {
  if (expression.kind === 'column') found(expression.name);
  else if (expression.kind === 'call') for (const arg of expression.args) eachColumn(arg, found);
}
