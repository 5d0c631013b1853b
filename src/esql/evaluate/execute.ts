// A plan at work. Rows are pushed in batches of any size; each command hands on what it can at once. Commands are
// walked in a loop, so that a long query needs no deep stack.
import type { Column, Command } from '../plan/plan.js';
import { isList, type Row } from '../values/value.js';
import { compile } from './compile.js';
import { sorting } from './sort.js';
import { immediate, limiting, type Stage } from './stage.js';
import { grouping } from './stats.js';
import type { Warnings } from './warnings.js';

export interface Execution {
  /** Rows of the result that are known now. */
  readonly push: (rows: readonly Row[]) => readonly Row[];
  /** No further row comes: the rest of the result. To be called once. */
  readonly finish: () => readonly Row[];
  /** Whether the result needs no further row. */
  readonly isDone: () => boolean;
}

/**
 * The commands of a plan, or its last ones when the first have been done elsewhere: `input` is what the command before
 * them hands on.
 */
export function execute(input: readonly Column[], commands: readonly Command[], warnings: Warnings): Execution {
  const stages = commands.map((command, index) => {
    const columns = commands[index - 1]?.output ?? input;
    return stage(command, columns, commands[index + 1], warnings);
  });
  const pushFrom = (first: number, rows: readonly Row[]): readonly Row[] => {
    let current = rows;
    for (let index = first; index < stages.length && current.length > 0; index += 1) {
      current = stages[index]?.push(current) ?? current;
    }
    return current;
  };
  return {
    push: (rows) => pushFrom(0, rows),
    finish: () => {
      const result: Row[] = [];
      for (const [index, each] of stages.entries()) {
        for (const row of pushFrom(index + 1, each.finish())) result.push(row);
      }
      return result;
    },
    isDone: () => stages.some((each) => each.isDone()),
  };
}

function stage(command: Command, columns: readonly Column[], next: Command | undefined, warnings: Warnings): Stage {
  switch (command.kind) {
    case 'where': {
      const condition = compile(command.condition, columns, warnings);
      const kept = picker(columns, command.output);
      return immediate((rows) => rows.filter((row) => condition(row) === true).map(kept));
    }
    case 'eval':
      return computing(command, columns, warnings);
    case 'project': {
      const slots = command.columns.map(({ from }) => columns.findIndex(({ name }) => name === from));
      return immediate((rows) => rows.map((row) => slots.map((slot) => row[slot] ?? null)));
    }
    case 'sort': {
      const kept = picker(columns, command.output);
      const sorted = sorting(command.keys, next?.kind === 'limit' ? next.count : null, columns, warnings);
      return { ...sorted, finish: () => sorted.finish().map(kept) };
    }
    case 'limit':
      return limiting(command.count);
    case 'stats': {
      const grouped = grouping(command, columns, warnings);
      const kept = picker([...command.aggregates, ...command.groups], command.output);
      return { ...grouped, finish: () => grouped.finish().map(kept) };
    }
    case 'expand':
      return expanding(command.column, columns, command.output);
  }
}

function computing(command: Extract<Command, { kind: 'eval' }>, columns: readonly Column[], warnings: Warnings): Stage {
  const known = [...columns];
  const fields = command.fields.map(({ name, expression }) => {
    const evaluate = compile(expression, known, warnings);
    // A later column of the same name hides the one that came in.
    known.push({ name, type: expression.type });
    return evaluate;
  });
  const kept = picker(known, command.output);
  return immediate((rows) =>
    rows.map((row) => {
      const values = row.slice();
      for (const evaluate of fields) values.push(evaluate(values));
      return kept(values);
    }),
  );
}

function expanding(column: string, columns: readonly Column[], output: readonly Column[]): Stage {
  const slot = columns.findIndex(({ name }) => name === column);
  const kept = picker(columns, output);
  return immediate((rows) =>
    rows.flatMap((row) => {
      const value = row[slot] ?? null;
      return isList(value) ? value.map((each) => kept(row.with(slot, each))) : [kept(row)];
    }),
  );
}

/** Takes the output's columns out of rows that have more of them; of equal names the last. */
function picker(columns: readonly Pick<Column, 'name'>[], output: readonly Column[]): (row: Row) => Row {
  if (columns.length === output.length && columns.every(({ name }, index) => name === output[index]?.name)) {
    return (row) => row;
  }
  const slots = output.map(({ name }) => columns.findLastIndex((column) => column.name === name));
  return (row) => slots.map((slot) => row[slot] ?? null);
}
