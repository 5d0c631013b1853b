// The pages that errors point to: where to read what a code means and what to do in SentinelOne.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILURES } from '../../src/domain/failures/failures.js';
import { type ProblemCode, statusOf } from '../../src/domain/failures/problem.js';
import { REQUEST_PROBLEMS } from '../../src/domain/failures/request-problems.js';
import { NOTICE_WORDS } from '../../src/domain/notices/notice-words.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';

let stage: ApiStage;
beforeAll(async () => {
  stage = await openApiStage();
});
afterAll(() => stage.close());

test('a refused connection links to the heading that helps, which anybody can read', async () => {
  const body = {
    name: 'New',
    consoleUrl: 'https://not.example.com',
    apiToken: 'x'.repeat(80),
    defaultOrganizationId: stage.ours.organizationId,
  };
  const refused = await stage.call('POST /v1/connections', { as: aPrincipal(stage.ours), body });
  expect(refused).toMatchObject({ status: 422, body: { code: 's1.address_refused' } });
  const [path = '', anchor = ''] = String(refused.body.helpUrl).split('#');
  const page = await stage.call(`GET ${path}`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.text).toContain(`<h2 id="${anchor}">Console address</h2>`);
});

test('the setup guide holds everything that a notice links to, and no Markdown is left of it', async () => {
  const { text } = await stage.call('GET /help/setup-sentinelone');
  for (const { helpAnchor } of Object.values(NOTICE_WORDS)) expect.soft(text).toContain(`id="${helpAnchor}"`);
  expect(text).toContain('<code>Unable to create SentinelOne data source: Insufficient permissions</code>');
  expect(text.replaceAll(/<style>[^]*?<\/style>|<(pre|code)>[^]*?<\/\1>/g, '')).not.toMatch(/\*|`|\|--|\]\(/);
});

test('the type of a problem leads to what its code means', async () => {
  const { body } = await stage.call('GET /v1/account');
  const [path = '', code = ''] = String(body.type).split('#');
  const page = await stage.call(`GET ${path}`);
  expect(page).toMatchObject({ status: 200 });
  expect(page.text).toContain(`<tr id="${code}"><td><code>unauthenticated</code></td><td>401</td>`);
  for (const each of [...Object.keys(REQUEST_PROBLEMS), ...Object.keys(FAILURES)]) {
    const row = `<tr id="${each}"><td><code>${each}</code></td><td>${statusOf(each as ProblemCode)}</td><td>[A-Z]`;
    expect.soft(page.text).toMatch(new RegExp(row));
  }
});
