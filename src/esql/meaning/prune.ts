// Takes out of a plan every column that nobody reads, so that only the fields asked for are made of an event. It goes
// from the result backwards; the result keeps all its columns.
import { type BoundExpression, eachColumn } from '../plan/expression.js';
import type { Column, Command, Plan, Source } from '../plan/plan.js';

type Needed = ReadonlySet<string>;

export function pruned(source: Source, commands: readonly Command[]): Plan {
  const columns = commands.at(-1)?.output ?? source.columns;
  let needed: Needed = new Set(columns.map(({ name }) => name));
  const kept: Command[] = [];
  for (const command of commands.toReversed()) {
    const narrowed = withoutUnread(command, needed);
    if (narrowed !== null) kept.push(narrowed);
    needed = before(narrowed ?? command, needed);
  }
  return { source: { ...source, columns: only(source.columns, needed) }, commands: kept.reverse(), columns };
}

const only = (columns: readonly Column[], needed: Needed) => columns.filter(({ name }) => needed.has(name));

/** The command with what is needed of it; null when nothing is left to do. */
function withoutUnread(command: Command, needed: Needed): Command | null {
  const output = only(command.output, needed);
  switch (command.kind) {
    case 'eval': {
      const fields = neededFields(command, needed);
      return fields.length === 0 ? null : { ...command, fields, output };
    }
    case 'project':
      return { ...command, columns: command.columns.filter(({ to }) => needed.has(to)), output };
    case 'stats':
      // The groups make the rows, so none of them goes.
      return { ...command, aggregates: command.aggregates.filter(({ name }) => needed.has(name)), output };
    case 'where':
    case 'sort':
    case 'limit':
    case 'expand':
      return { ...command, output };
  }
}

/** Fields that a later one reads are needed too. */
function neededFields({ fields }: Extract<Command, { kind: 'eval' }>, needed: Needed) {
  const wanted = new Set(needed);
  const kept = fields.toReversed().filter(({ name, expression }) => {
    if (!wanted.has(name)) return false;
    // Above this field the name means the column that came in, if it reads that.
    wanted.delete(name);
    eachColumn(expression, (column) => wanted.add(column));
    return true;
  });
  return kept.reverse();
}

/** What has to come into the command. */
function before(command: Command, needed: Needed): Needed {
  const wanted = new Set(needed);
  const read = (expression: BoundExpression) => eachColumn(expression, (name) => wanted.add(name));
  switch (command.kind) {
    case 'where':
      read(command.condition);
      return wanted;
    case 'eval':
      for (const { name, expression } of command.fields.toReversed()) {
        wanted.delete(name);
        read(expression);
      }
      return wanted;
    case 'project':
      return new Set(command.columns.map(({ from }) => from));
    case 'sort':
      for (const { expression } of command.keys) read(expression);
      return wanted;
    case 'limit':
      return wanted;
    case 'stats':
      wanted.clear();
      for (const { expression } of command.groups) read(expression);
      for (const { args, condition } of command.aggregates) {
        for (const arg of args) read(arg);
        if (condition !== null) read(condition);
      }
      return wanted;
    case 'expand':
      return wanted.add(command.column);
  }
}
