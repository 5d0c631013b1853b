// An expression of a plan into a function of a row. What is constant in a call is prepared once.
import { type Evaluate, type Fail, type Implementation, MULTIVALUE } from '../functions/definition.js';
import { scalarFunction } from '../functions/table.js';
import { type BoundExpression, literalValue } from '../plan/expression.js';
import type { Column } from '../plan/plan.js';
import { Failure } from '../values/failure.js';
import { isList, type Scalar, type Value } from '../values/value.js';
import type { Warnings } from './warnings.js';

/** The rows have the values of the columns, in their order. */
export function compile(expression: BoundExpression, columns: readonly Column[], warnings: Warnings): Evaluate {
  const slots = new Map(columns.map(({ name }, slot) => [name, slot]));
  return compileWith(expression, slots, warnings);
}

function compileWith(expression: BoundExpression, slots: ReadonlyMap<string, number>, warnings: Warnings): Evaluate {
  if (expression.kind === 'literal') {
    const value = literalValue(expression) ?? null;
    return () => value;
  }
  if (expression.kind === 'column') {
    const slot = slots.get(expression.name);
    if (slot === undefined) throw new TypeError(`the plan reads ${expression.name}, which does not come in`);
    return (row) => row[slot] ?? null;
  }
  const fail = warnings.of(expression.at);
  const implementation = scalarFunction(expression.fn).prepare(expression, fail);
  const args = expression.args.map((arg) => compileWith(arg, slots, warnings));
  // A span of time is prepared by the function; as an argument it is no value, and so would be null.
  const spans = expression.args.map(({ type }) => type === 'date_period' || type === 'time_duration');
  return calling(
    implementation,
    args.map((arg, index) => (spans[index] ? SPAN : arg)),
    fail,
  );
}

/** Stands for a span of time, which is no null. */
const SPAN: Evaluate = () => 0;

function calling(implementation: Implementation, args: readonly Evaluate[], fail: Fail): Evaluate {
  if (implementation.kind === 'lazy') return implementation.of(args);
  const { of } = implementation;
  const [first, second] = args;
  if (implementation.kind === 'strict') {
    if (first !== undefined && args.length === 1) return strictOfOne(implementation.of, first, fail);
    if (first !== undefined && second !== undefined && args.length === 2) {
      return strictOfTwo(implementation.of, first, second, fail);
    }
    return strictOfMany(implementation.of, args, fail);
  }
  return (row) => guarded(() => of(...(args.map((arg) => arg(row)) as never[])), fail);
}

type Strict = (...args: Scalar[]) => Value;

const strictOfOne = (of: Strict, first: Evaluate, fail: Fail): Evaluate => {
  return (row) => {
    const value = first(row);
    if (value === null) return null;
    if (isList(value)) return failed(fail);
    return guarded(() => of(value), fail);
  };
};

const strictOfTwo = (of: Strict, first: Evaluate, second: Evaluate, fail: Fail): Evaluate => {
  return (row) => {
    const [a, b] = [first(row), second(row)];
    if (a === null || b === null) return null;
    if (isList(a) || isList(b)) return failed(fail);
    return guarded(() => of(a, b), fail);
  };
};

const strictOfMany = (of: Strict, args: readonly Evaluate[], fail: Fail): Evaluate => {
  return (row) => {
    const values: Scalar[] = [];
    let lists = false;
    for (const evaluate of args) {
      const value = evaluate(row);
      if (value === null) return null;
      if (isList(value)) lists = true;
      else values.push(value);
    }
    return lists ? failed(fail) : guarded(() => of(...values), fail);
  };
};

function failed(fail: Fail): null {
  fail(MULTIVALUE);
  return null;
}

function guarded(evaluate: () => Value, fail: Fail): Value {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    fail(error);
    return null;
  }
}
