import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiText } from '../../src/api/http/openapi.js';
import { SIGN_IN_PATH } from '../../src/api/sign-in/sign-in.openapi.js';
import { type ApiStage, openApiStage } from './support/api-stage.js';
import { type Operation, operationsOf } from './support/operations.js';

let stage: ApiStage;
let text: string;
let operations: readonly Operation[];

beforeAll(async () => {
  stage = await openApiStage();
  text = openApiText(stage.app);
  operations = operationsOf(JSON.parse(text));
});
afterAll(() => stage.close());

describe('the OpenAPI document', () => {
  test('as committed is the one of the routes as they are; if not, run `npm run openapi`', async () => {
    const committed = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(JSON.parse(text));
    expect(committed).toBe(text);
  });

  test('is served as it is committed', async () => {
    const served = await stage.call('GET /openapi.json');
    expect(served).toMatchObject({ status: 200, body: JSON.parse(text) });
    expect(served.body.openapi).toBe('3.1.0');
  });

  test('holds every schema that it names', () => {
    const names = new Set(Object.keys(JSON.parse(text).components.schemas));
    const named = [...text.matchAll(/"\$ref": "#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !names.has(name))).toEqual([]);
    expect(text.replaceAll('"#/components/schemas/', '')).not.toContain('"#/');
  });

  test('says of every route who may call it, what it is for, what it answers and how it fails', () => {
    for (const { route, path, operation } of operations) {
      expect(operation['x-access'], route).toBeDefined();
      expect(operation.summary, route).toMatch(/^[A-Z]/);
      expect(operation.tags, route).toHaveLength(1);
      if (!path.startsWith(SIGN_IN_PATH)) {
        expect(operation.security, route).toEqual(securityOf(operation['x-access']));
      }
      expect(undocumentedReplies(operation), route).toEqual([]);
      const statuses = Object.keys(operation.responses);
      expect(statuses, route).toEqual(expect.arrayContaining(['429', '500']));
      if (operation['x-access'] !== 'public') expect(statuses, route).toEqual(expect.arrayContaining(['401', '403']));
      if (route.includes('{')) expect(statuses, route).toContain('404');
      if (operation.requestBody !== undefined) {
        expect(statuses, route).toEqual(expect.arrayContaining(['400', '413', '415', '422']));
      }
    }
  });

  test('gives every part of an address and every body a schema', () => {
    for (const { route, operation } of operations) {
      const inPath = operation.parameters?.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      const named = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(inPath ?? [], route).toEqual(named);
      if (/^(PUT|PATCH) /.test(route)) expect(operation.requestBody, route).toBeDefined();
    }
  });

  test('takes an Idempotency-Key wherever something is made', () => {
    const making = operations.filter(({ route, operation }) => route.startsWith('POST ') && operation.responses['201']);
    const without = making.filter(
      ({ operation }) => operation.parameters?.some(({ name }) => name === 'Idempotency-Key') !== true,
    );
    // An invitation's link works once, which says the same.
    expect(without.map(({ route }) => route)).toEqual(['POST /v1/invitations/{token}/accept']);
  });
});

test('/docs is readable without anything from elsewhere', async () => {
  const page = await stage.call('GET /docs');
  expect(page.status).toBe(200);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  expect(sources.length).toBeGreaterThan(2);
  for (const source of sources) {
    expect(source).toMatch(/^\.\/docs\//);
    expect((await stage.call(`GET ${source.slice(1)}`)).status, source).toBe(200);
  }
});

function securityOf(access: Operation['operation']['x-access']): object[] {
  if (access === 'public') return [];
  return access === 'operator' ? [{ operator: [] }] : [{ session: [] }, { apiKey: [] }];
}

/** Success replies without a schema, except where there is nothing to describe. */
function undocumentedReplies(operation: Operation['operation']): string[] {
  const success = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
  if (success.length === 0) return ['none'];
  return success
    .filter(([status, { content }]) => status !== '204' && content === undefined && !isStream(operation))
    .map(([status]) => status);
}

const isStream = (operation: Operation['operation']) => operation.summary?.includes('server-sent events') === true;
