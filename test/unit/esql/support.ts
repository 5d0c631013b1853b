// A catalogue and ways to ask, for the tests of the language.
import { evaluate } from '../../../src/esql/evaluate/evaluate.js';
import { type Analysis, analyze } from '../../../src/esql/language.js';
import type { Catalogue } from '../../../src/esql/meaning/catalogue.js';
import type { Parameter } from '../../../src/esql/meaning/context.js';
import { toJson } from '../../../src/esql/values/value.js';

export const CATALOGUE: Catalogue = {
  indices: ['logs'],
  fields: [
    { name: '@timestamp', type: 'date' },
    { name: 'event.action', type: 'keyword' },
    { name: 'event.category', type: 'keyword' },
    { name: 'event.code', type: 'keyword' },
    { name: 'event.severity', type: 'long' },
    { name: 'host.ip', type: 'ip', names: true },
    { name: 'host.name', type: 'keyword', names: true },
    { name: 'message', type: 'text' },
    { name: 'sanitized', type: 'boolean' },
    { name: 'source.ip', type: 'ip', names: true },
    { name: 'user.name', type: 'keyword', names: true },
  ],
  open: [{ prefix: 'data.flattened.', type: 'keyword' }],
  metadata: [{ name: '_id', type: 'keyword' }],
};

export const NOW = Date.parse('2025-10-02T00:00:00Z');

export const DOCUMENTS = [
  {
    _id: '1',
    '@timestamp': '2025-10-01T00:00:00.123456Z',
    'event.code': '27',
    'event.category': ['iam', 'authentication'],
    'event.severity': 3,
    'user.name': 'bob',
    'host.name': 'web-1',
    'source.ip': '10.0.0.5',
    message: 'The user bob logged in.',
  },
  {
    _id: '2',
    '@timestamp': '2025-10-01T01:30:00Z',
    'event.code': '33',
    'event.category': 'authentication',
    'user.name': 'Alice',
    'source.ip': '::1',
    'data.flattened.reason': 'expired',
  },
  {
    _id: '3',
    '@timestamp': '2025-10-01T01:59:59.999Z',
    'event.code': '27',
    'event.severity': 5,
    'source.ip': 'fe80::',
  },
];

export const analysis = (query: string, parameters: readonly Parameter[] = []): Analysis =>
  analyze(query, CATALOGUE, { parameters, now: NOW });

/** The rows as JSON would have them. */
export function run(query: string, parameters: readonly Parameter[] = []) {
  const analysed = analysis(query, parameters);
  if (!analysed.ok) throw new Error(analysed.message);
  const { columns, rows, warnings } = evaluate(analysed.plan, DOCUMENTS);
  return {
    names: columns.map(({ name }) => name),
    types: columns.map(({ type }) => type),
    rows: rows.map((row) => row.map((value, index) => toJson(value, columns[index]?.type ?? 'null'))),
    warnings: [...analysed.warnings, ...warnings],
  };
}

/** The values of one row that an expression needs no event for. */
export const value = (expression: string): unknown => run(`ROW x = ${expression}`).rows[0]?.[0];

/** The ids of the events that a condition finds. */
export const found = (condition: string): string =>
  run(`FROM logs METADATA _id | WHERE ${condition} | KEEP _id`)
    .rows.map(([id]) => String(id))
    .join('');

/** What is wrong with the query, as a person is told. */
export function wrong(query: string): string {
  const analysed = analysis(query);
  return analysed.ok ? '' : analysed.message;
}
