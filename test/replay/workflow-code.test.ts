// Workflow code does not change by accident: what changed has been replayed over every history, or begins behind a
// guard.
import { expect, test } from 'vitest';
import { changedModules, codeOnRecord, presentCode, readModule } from './workflow-code.js';

const WHAT_TO_DO = `
Workflow code has changed. Connections that run now will be continued by it, from histories that the code before has written.
  - What a run does or orders differently (activities, timers, children, signals, their order) belongs behind patched(), or
    begins with a new SCHEMA_VERSION (workflows/connection/messages.ts).
  - Add a scenario for what is new (test/replay/scenarios), then: npx tsx test/replay/record.ts
    It replays every history that is there, records what is missing, and puts the code on record. It writes nothing when a
    history does not replay.
Changed:`;

test('is the code that the histories were last replayed with', async () => {
  const before = await codeOnRecord();
  const now = presentCode();

  expect(changedModules(before, now), `${WHAT_TO_DO} ${changedModules(before, now).join(', ')}`).toEqual([]);
  expect(before?.schemaVersion, WHAT_TO_DO).toBe(now.schemaVersion);
});

test('is everything that the entry reaches, and no type', () => {
  const { modules } = presentCode();
  expect(Object.keys(modules)).toEqual(
    expect.arrayContaining([
      'workflows/index.ts',
      'workflows/connection/lock.ts',
      'src/domain/connection/connection-events.ts',
    ]),
  );
  expect(Object.keys(modules).filter((name) => !/^(workflows|src\/domain)\//.test(name))).toEqual([]);
});

const SOURCE = `import { apply } from './apply.js';
import type { Row } from './row.js';
// why
export const run = (rows: readonly Row[]) => rows.map((row) => apply(row, { at: 1, of: \`\${row.id} x\` }));
`;
const hashOf = (source: string) => readModule('/m/run.ts', source).hash;

test.each([
  ['a comment', SOURCE.replace('// why', '/* because */')],
  ['a line break', SOURCE.replace('{ at: 1, of: `${row.id} x` }', '{\n  at: 1,\n  of: `${row.id} x`,\n}')],
  ['a type', SOURCE.replace('readonly Row[]', 'Row[]')],
])('%s is not code', (_, source) => {
  expect(source).not.toBe(SOURCE);
  expect(hashOf(source)).toBe(hashOf(SOURCE));
});

test.each([
  ['a number', SOURCE.replace('at: 1', 'at: 2')],
  ['a text', SOURCE.replace(' x`', ' y`')],
  ['an import', SOURCE.replace('./apply.js', './apply-twice.js')],
  ['an operator', SOURCE.replace('rows.map', 'rows?.map')],
])('%s is', (_, source) => {
  expect(hashOf(source)).not.toBe(hashOf(SOURCE));
});

test('imports of values are followed, those of types are not', () => {
  expect(readModule('/m/run.ts', SOURCE).imports).toEqual(['/m/apply.ts']);
  expect(readModule('/m/index.ts', "export { a } from '../b/a.js';").imports).toEqual(['/b/a.ts']);
});
