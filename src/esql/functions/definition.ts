// What a function is: how it is called, and how its values are made. Operators and casts are functions as well, with
// names that no query can call.
import type { BoundExpression, Call } from '../plan/expression.js';
import type { DataType } from '../values/data-type.js';
import { type Failure, illegalArgument } from '../values/failure.js';
import type { Row, Scalar, Value } from '../values/value.js';

export interface Parameter {
  readonly name: string;
  readonly types: readonly DataType[];
  /** What messages say must be given: `string`, `datetime or numeric`. */
  readonly expects: string;
  readonly optional?: true;
  /** It may not differ from row to row. */
  readonly constant?: true;
}

interface Signature {
  /** In lower case. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly parameters: readonly Parameter[];
  /** The last parameter may come again. */
  readonly variadic?: true;
  readonly returns: (types: readonly DataType[]) => DataType;
  /** For whoever looks for a function; without it no query can call it. */
  readonly summary?: string;
  /** What is wrong with these arguments beyond their types, or null. */
  readonly check?: (args: readonly BoundExpression[]) => string | null;
}

/** Writes a warning. */
export type Fail = (failure: Failure) => void;

export interface ScalarFunction extends Signature {
  readonly kind: 'scalar';
  /** Once for a call, so that what is constant is made once. `fail` writes a warning and changes no value. */
  readonly prepare: (call: Call, fail: Fail) => Implementation;
}

export interface AggregateFunction extends Signature {
  readonly kind: 'aggregate';
  /** Once for a group. */
  readonly accumulate: (call: AggregateShape) => Accumulator;
}

export type AggregateShape = Pick<Call, 'args' | 'type'>;

export interface Accumulator {
  /** The arguments' values in a row. */
  readonly add: (values: readonly Value[]) => void;
  readonly result: () => Value;
}

export type FunctionDefinition = ScalarFunction | AggregateFunction;

export type Evaluate = (row: Row) => Value;

export type Implementation =
  /** null when an argument is null; a list gives null and a warning. */
  | { readonly kind: 'strict'; readonly of: (...args: Scalar[]) => Value }
  /** Takes what comes, null and lists as well. */
  | { readonly kind: 'whole'; readonly of: (...args: Value[]) => Value }
  /** Decides itself which arguments are worked out. */
  | { readonly kind: 'lazy'; readonly of: (args: readonly Evaluate[]) => Evaluate };

export const strict = (of: (...args: never[]) => Value): Implementation => ({
  kind: 'strict',
  of: of as (...args: Scalar[]) => Value,
});

export const whole = (of: (...args: Value[]) => Value): Implementation => ({ kind: 'whole', of });

export const lazy = (of: (args: readonly Evaluate[]) => Evaluate): Implementation => ({ kind: 'lazy', of });

export const MULTIVALUE = illegalArgument('single-value function encountered multi-value');
