// STATS. Null is a group; a row whose key is a list belongs to the group of each of its values.
import type { Accumulator, Evaluate } from '../functions/definition.js';
import { distinct } from '../functions/multivalue.js';
import { aggregateFunction } from '../functions/table.js';
import type { AggregateCall, Column, StatsCommand } from '../plan/plan.js';
import { keyOf } from '../values/compare.js';
import { Failure } from '../values/failure.js';
import { isList, type Row, type Scalar, type Value } from '../values/value.js';
import { compile } from './compile.js';
import { collecting, type Stage } from './stage.js';
import type { Warnings } from './warnings.js';

interface Aggregate {
  readonly call: AggregateCall;
  readonly args: readonly Evaluate[];
  readonly condition: Evaluate | null;
  readonly fail: (failure: Failure) => void;
}

interface Group {
  readonly keys: readonly (Scalar | null)[];
  /** Null: it has failed, and its result is null. */
  readonly accumulators: (Accumulator | null)[];
}

export function grouping(command: StatsCommand, columns: readonly Column[], warnings: Warnings): Stage {
  const keys = command.groups.map(({ expression }) => compile(expression, columns, warnings));
  const aggregates = command.aggregates.map((call): Aggregate => ({
    call,
    args: call.args.map((arg) => compile(arg, columns, warnings)),
    condition: call.condition === null ? null : compile(call.condition, columns, warnings),
    fail: warnings.of(call.at),
  }));
  const groups = new Map<string, Group>();
  const groupOf = (values: readonly (Scalar | null)[]): Group => {
    const name = values.map(part).join('');
    const found = groups.get(name);
    if (found !== undefined) return found;
    const accumulators = aggregates.map(({ call }) => aggregateFunction(call.fn).accumulate(call));
    const group: Group = { keys: values, accumulators };
    groups.set(name, group);
    return group;
  };
  // Without BY there is a row even of no rows.
  if (keys.length === 0) groupOf([]);
  return collecting(
    (row) => {
      const values = aggregates.map(({ args, condition }) =>
        condition === null || condition(row) === true ? args.map((arg) => arg(row)) : null,
      );
      for (const each of combinations(keys.map((key) => key(row)))) add(groupOf(each), values, aggregates);
    },
    () => [...groups.values()].map((group): Row => [...results(group, aggregates), ...group.keys]),
  );
}

/** A key whose parts cannot run into each other. */
const part = (value: Scalar | null) => {
  if (value === null) return 'n';
  const text = keyOf(value);
  return `${text.length}:${text}`;
};

function add(group: Group, values: readonly (readonly Value[] | null)[], aggregates: readonly Aggregate[]): void {
  for (const [index, each] of values.entries()) {
    if (each === null) continue;
    try {
      group.accumulators[index]?.add(each);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      aggregates[index]?.fail(error);
      group.accumulators[index] = null;
    }
  }
}

const results = (group: Group, aggregates: readonly Aggregate[]) =>
  aggregates.map((_, index) => group.accumulators[index]?.result() ?? null);

/** Each way to take one value of every list. */
function combinations(values: readonly Value[]): (Scalar | null)[][] {
  let found: (Scalar | null)[][] = [[]];
  for (const value of values) {
    const choices = isList(value) ? distinct(value) : [value];
    found = found.flatMap((each) => choices.map((choice) => [...each, choice]));
  }
  return found;
}
