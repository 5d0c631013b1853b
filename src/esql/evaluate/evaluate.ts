// A whole query over documents at hand: the definition of what it means. Whoever has more rows than fit into memory, or
// another way to do the first commands, uses `execute`.
import type { Column, Plan } from '../plan/plan.js';
import type { Row } from '../values/value.js';
import { type Document, rowReader } from './documents.js';
import { execute } from './execute.js';
import { Warnings } from './warnings.js';

export interface Result {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly warnings: readonly string[];
}

const BATCH = 256;

export function evaluate(plan: Plan, documents: Iterable<Document>): Result {
  const warnings = new Warnings();
  const execution = execute(plan.source.columns, plan.commands, warnings);
  const rows: Row[] = [];
  const take = (some: readonly Row[]) => {
    for (const row of execution.push(some)) rows.push(row);
  };
  if (plan.source.kind === 'row') {
    take([[]]);
  } else {
    const read = rowReader(plan.source.columns);
    let batch: Row[] = [];
    for (const document of documents) {
      if (execution.isDone()) break;
      batch.push(read(document));
      if (batch.length === BATCH) {
        take(batch);
        batch = [];
      }
    }
    take(batch);
  }
  for (const row of execution.finish()) rows.push(row);
  return { columns: plan.columns, rows, warnings: warnings.all };
}
