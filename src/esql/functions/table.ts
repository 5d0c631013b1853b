// Every function by its name, operators included.
import { AGGREGATES } from './aggregates.js';
import { ARITHMETIC } from './arithmetic.js';
import { COMPARISONS } from './comparison.js';
import { CONVERSIONS } from './conversion.js';
import { DATES } from './dates.js';
import type { AggregateFunction, FunctionDefinition, ScalarFunction } from './definition.js';
import { LOGIC } from './logic.js';
import { MULTIVALUES } from './multivalue.js';
import { NETWORK } from './network.js';
import { NUMBERS } from './numbers.js';
import { SEARCH } from './search.js';
import { TEXTS } from './texts.js';

const ALL: readonly FunctionDefinition[] = [
  ...AGGREGATES,
  ...ARITHMETIC,
  ...COMPARISONS,
  ...CONVERSIONS,
  ...DATES,
  ...LOGIC,
  ...MULTIVALUES,
  ...NETWORK,
  ...NUMBERS,
  ...SEARCH,
  ...TEXTS,
];

const BY_NAME = new Map<string, FunctionDefinition>(
  ALL.flatMap((each) => [each.name, ...(each.aliases ?? [])].map((name) => [name, each] as const)),
);

/** What the resolver makes of these by itself. */
const RESOLVED: readonly { readonly name: string; readonly summary: string }[] = [
  { name: 'now', summary: 'NOW(): the instant of the query.' },
  { name: 'bucket', summary: 'BUCKET(value, size) or BUCKET(value, n, from, to): the beginning of the bucket.' },
];

/** Those that a query can call. */
export const CALLABLE: readonly { readonly name: string; readonly summary: string; readonly isAggregate: boolean }[] = [
  ...ALL.flatMap(({ name, summary, kind }) =>
    summary === undefined ? [] : [{ name, summary, isAggregate: kind === 'aggregate' }],
  ),
  ...RESOLVED.map((each) => ({ ...each, isAggregate: false })),
];

/** In any case of letters; null for operators, which are not called by name. */
export function callable(name: string): FunctionDefinition | null {
  const found = BY_NAME.get(name.toLowerCase());
  return found?.summary === undefined ? null : found;
}

/** By the exact name that a plan has. */
export function scalarFunction(name: string): ScalarFunction {
  const found = BY_NAME.get(name);
  if (found?.kind !== 'scalar') throw new TypeError(`the plan calls ${name}, which is no scalar function`);
  return found;
}

export function aggregateFunction(name: string): AggregateFunction {
  const found = BY_NAME.get(name);
  if (found?.kind !== 'aggregate') throw new TypeError(`the plan calls ${name}, which is no aggregate`);
  return found;
}
