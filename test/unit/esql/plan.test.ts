// Plans can be cut behind any command: what came before may have been done elsewhere.
import { describe, expect, test } from 'vitest';
import { rowReader } from '../../../src/esql/evaluate/documents.js';
import { execute } from '../../../src/esql/evaluate/execute.js';
import { Warnings } from '../../../src/esql/evaluate/warnings.js';
import type { Plan } from '../../../src/esql/plan/plan.js';
import { analysis, DOCUMENTS, run } from './support.js';

function plan(query: string): Plan {
  const analysed = analysis(query);
  if (!analysed.ok) throw new Error(analysed.message);
  return analysed.plan;
}

const QUERY = `FROM logs | WHERE event.code == "27" OR user.name LIKE "A*" | EVAL hour = DATE_TRUNC(1 hour, @timestamp)
  | MV_EXPAND event.category | STATS n = COUNT(*), worst = MAX(event.severity) + 1 BY hour, event.category
  | SORT n DESC, hour | RENAME n AS events | KEEP events, worst, *category | LIMIT 3`;

describe('a plan', () => {
  test('is plain data', () => {
    expect(structuredClone(plan(QUERY))).toEqual(plan(QUERY));
  });

  test('reads only the fields that are asked for', () => {
    expect(plan(QUERY).source.columns.map(({ name }) => name)).toEqual([
      '@timestamp',
      'event.category',
      'event.code',
      'event.severity',
      'user.name',
    ]);
    expect(plan('FROM logs | EVAL a = user.name, b = a, a = 1 | KEEP b').source.columns).toHaveLength(1);
    expect(plan('FROM logs | EVAL x = LENGTH(message) | STATS COUNT(*)').commands.map(({ kind }) => kind)).toEqual([
      'stats',
    ]);
  });

  test('gives the same rows wherever it is cut, in batches of any size', () => {
    const { source, commands } = plan(QUERY);
    const read = rowReader(source.columns);
    for (let cut = 0; cut <= commands.length; cut += 1) {
      const first = execute(source.columns, commands.slice(0, cut), new Warnings());
      const between = [...DOCUMENTS.flatMap((document) => first.push([read(document)])), ...first.finish()];
      const second = execute(commands[cut - 1]?.output ?? source.columns, commands.slice(cut), new Warnings());
      expect([...second.push(between), ...second.finish()]).toEqual(run(QUERY).rows);
    }
  });

  test('every command hands on rows as wide as it says', () => {
    const { source, commands } = plan(QUERY);
    const read = rowReader(source.columns);
    for (const [index, { output }] of commands.entries()) {
      const execution = execute(source.columns, commands.slice(0, index + 1), new Warnings());
      const rows = [...execution.push(DOCUMENTS.map(read)), ...execution.finish()];
      expect(rows.every((row) => row.length === output.length)).toBe(true);
    }
  });

  test('is done when a LIMIT has its rows', () => {
    const { source, commands } = plan('FROM logs | LIMIT 2');
    const execution = execute(source.columns, commands, new Warnings());
    expect(execution.isDone()).toBe(false);
    execution.push(DOCUMENTS.map(rowReader(source.columns)));
    expect(execution.isDone()).toBe(true);
  });
});
