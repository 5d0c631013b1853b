// The README's table of variables against src/config.ts, which alone reads them: the same names, the same defaults.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shapes } from '../../../src/config.js';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const documented = new Map(
  [...readme.matchAll(/^\| `([A-Z0-9_]+)` \| ([^|]+) \|/gm)].map(([, name = '', cell = '']) => [name, cell.trim()]),
);

type Shape = z.ZodObject<Record<string, z.ZodType>>;
/** The shape of a process, or those of a group. */
const shapesIn = (of: unknown): Shape[] =>
  of instanceof z.ZodObject ? [of] : Object.values(of as object).flatMap(shapesIn);

const { start, ...others } = shapes;
/** The one-machine stack last: where its default is another, the table names it last. */
const all = [...shapesIn(others), ...shapesIn(start)];
const variables = [...new Set(all.flatMap((shape) => Object.keys(shape.shape)))];

/** As a person would type it. A list that is parsed is typed under `npm start`, which hands it on. */
function defaultIn(shape: Shape, name: string): string[] {
  const result = shape.shape[name]?.safeParse(undefined);
  return result?.success === true && ['string', 'number'].includes(typeof result.data) ? [String(result.data)] : [];
}

test('every variable is documented, and nothing else', () => {
  expect([...documented.keys()].sort()).toEqual(variables.sort());
});

/** Made where they are used: from other variables, or from where the project is. */
const WORKED_OUT = ['PUBLIC_URL', 'DATA_DIR'];

test.each(variables.filter((name) => !WORKED_OUT.includes(name)))('%s has the default that is documented', (name) => {
  const typed = [...(documented.get(name) ?? '').matchAll(/`([^`]+)`/g)].map(([, value]) => value);
  const defaults = new Set(all.flatMap((shape) => defaultIn(shape, name)));
  expect(typed.filter((value) => value !== 'npm start')).toEqual([...defaults]);
});
