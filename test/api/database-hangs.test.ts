// A database that takes a query and never answers (its process stopped, its disk stuck, a lock that nobody gives back):
// whoever waits is told within six seconds, and nothing is left behind to trip over.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Proxy, startProxy } from '../support/proxy.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';
import { ADMIN_EMAIL, openSignInStage, PASSWORD, type SignInStage } from './support/sign-in-stage.js';

const PATIENCE_MS = 6_000;

let toDatabase: Proxy;
let nouns: ApiStage;
let people: SignInStage;
beforeAll(async () => {
  toDatabase = await startProxy();
  toDatabase.point(new URL(inject('databaseUrl')).host);
  [nouns, people] = await Promise.all([
    openApiStage({ databaseThrough: toDatabase.address }),
    openSignInStage({ databaseThrough: toDatabase.address }),
  ]);
});
afterAll(async () => {
  toDatabase.freeze(false);
  await Promise.all([nouns.close(), people.close()]);
  await toDatabase.close();
});

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string };
}

async function inTime(work: Promise<Answer>): Promise<string> {
  const startedAtMs = performance.now();
  const { status, body } = await work;
  expect(performance.now() - startedAtMs).toBeLessThan(PATIENCE_MS);
  return `${status} ${body?.code ?? ''}`.trim();
}

test('a database that stands still is 503 in time, and all is well the moment it goes on', async () => {
  const browser = await people.signedIn();
  const as = aPrincipal(nouns.ours);
  let names = 0;
  const ask = () => [
    nouns.call('GET /v1/organizations', { as }),
    nouns.call('POST /v1/organizations', { as, body: { name: `Acme ${names++}` } }),
    people.withKey('GET /v1/me'),
    browser.send('GET /v1/me'),
    browser.send('GET /v1/auth/get-session'),
    people.browser().signIn(ADMIN_EMAIL, PASSWORD),
  ];
  const well = ['200', '201', '200', '200', '200', '200'];
  expect(await Promise.all(ask().map(inTime))).toEqual(well);
  toDatabase.freeze(true);
  // On connections that stood already, and then on those that are made meanwhile.
  for (let round = 0; round < 2; round++) {
    const answers = await Promise.all(ask().map(inTime));
    expect(answers).toEqual(answers.map(() => '503 store.unavailable'));
  }
  toDatabase.freeze(false);
  expect(await Promise.all(ask().map(inTime))).toEqual(well);
});

test('a statement that waits for a lock is ended in the database too, where it would wait on and hold what it has', async () => {
  const client = await nouns.owner.pool.connect();
  const list = () => nouns.call('GET /v1/organizations', { as: aPrincipal(nouns.ours) });
  await client.query('begin; lock table organizations in access exclusive mode');
  expect(await inTime(list())).toBe('503 store.unavailable');
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  expect((await client.query(waiting)).rowCount).toBe(0);
  await client.query('rollback');
  client.release();
  expect(await inTime(list())).toBe('200');
});
