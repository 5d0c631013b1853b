// Whatever is sent, the answer is one that the route's document names, and never a fault of ours. Requests start from a
// right one and have an address, a query or a body that is a little wrong or altogether so.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_TABLE, type RouteRequest } from './support/access-table.js';
import { furnish, type Premises } from './support/access-target.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';
import { type Operation, operationsOf } from './support/operations.js';

let stage: ApiStage;
let premises: Premises;
let operations: ReadonlyMap<string, Operation>;

beforeAll(async () => {
  stage = await openApiStage();
  premises = await furnish(stage.owner, stage.ours);
  const { body } = await stage.call('GET /openapi.json');
  operations = new Map(operationsOf(body).map((operation) => [operation.route, operation]));
});
afterAll(() => stage.close());

// Enough for a fault that one request in twenty shows; the whole takes seconds. `npm run fuzz` looks longer.
const RUNS = 40;
const ROWS = Object.entries(ACCESS_TABLE).filter(([, { isStream }]) => isStream !== true);

/** What PostgreSQL, JSON and people stumble over. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '%',
    "'; drop table x; --",
    '__proto__',
    'NaN',
    '1e999',
    '٣',
    '"',
    'é'.repeat(150),
  ),
  fc.constantFrom(
    '0000-00-00T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    '2026-02-30T00:00:00Z',
    '0001-01-01T00:00:00Z',
  ),
  fc.constantFrom('2026-13', '9999-12', '0000-01', '1000-01-01', '2147483648', '-1', 'WyJhIiwiYiJd'),
  fc.constantFrom('00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'),
);
const value = fc.oneof(
  text,
  fc.constantFrom(-1, 0, 0.5, 2 ** 31, 2 ** 53, 1e308, null, true, [], {}, [null], [[]], ['']),
  fc.array(text, { maxLength: 3 }),
  fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }),
);

/** Which part of the right request is replaced, counted round, and with what. */
const wrongs = fc.record(
  {
    path: fc.tuple(fc.nat(9), text),
    query: fc.array(fc.tuple(fc.nat(19), text), { maxLength: 3 }),
    field: fc.tuple(fc.nat(9), value),
    body: value,
  },
  { requiredKeys: [] },
);
type Wrongs = typeof wrongs extends fc.Arbitrary<infer Made> ? Made : never;

describe.each(ROWS)('%s', (route, row) => {
  test('answers anything with what its document names', async () => {
    const operation = operations.get(route);
    if (operation === undefined) throw new Error(`${route} is not in the document`);
    const named = new Set(Object.keys(operation.operation.responses));
    const property = async (wrong: Wrongs) => {
      const right = (await row.request?.(premises.own, stage.owner)) ?? {};
      const { address, body } = spoil(operation, right, wrong);
      const as = row.access === 'operator' ? 'operator' : aPrincipal(stage.ours);
      const reply = await stage.call(address, { as, body });
      expect(reply.status).not.toBe(500);
      if (!leadsElsewhere(wrong)) expect(named).toContain(String(reply.status));
      if (reply.status < 400 || route === 'GET /readyz') return;
      expect(reply.headers.get('content-type')).toMatch('application/problem+json');
      expect(reply.body).toMatchObject({ status: reply.status, code: expect.stringMatching(/^[a-z0-9_.]+$/) });
    };
    await fc.assert(fc.asyncProperty(wrongs, property), { numRuns: RUNS });
  });
});

function spoil({ route, operation }: Operation, right: RouteRequest, { path, query, field, body }: Wrongs) {
  const parts = replaceOne(right.path ?? {}, path) as Record<string, string>;
  const address = route.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parts[name]?.toWellFormed() ?? ''),
  );
  const names = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const search = new URLSearchParams(
    query?.map(([index, text]): [string, string] => [names[index % (names.length + 1)] ?? 'surplus', text]),
  );
  return {
    address: `${address}?${search.size > 0 ? search.toString() : (right.query ?? '')}`,
    body: /^(GET|HEAD) /.test(route) ? undefined : (body ?? spoilBody(right.body, field)),
  };
}

function spoilBody(right: unknown, field: Wrongs['field']): unknown {
  if (typeof right === 'string') return field === undefined ? right : JSON.stringify(field[1]);
  return typeof right === 'object' && right !== null ? replaceOne(right, field) : undefined;
}

function replaceOne(object: object, replacement: readonly [number, unknown] | undefined): object {
  const names = Object.keys(object);
  const name = names[(replacement?.[0] ?? 0) % names.length];
  return replacement === undefined || name === undefined ? object : { ...object, [name]: replacement[1] };
}

/** An address whose part is nothing, or walks, is another route's. */
const leadsElsewhere = ({ path }: Wrongs): boolean => path !== undefined && ['', '.', '..'].includes(path[1]);
