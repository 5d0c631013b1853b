// PostgreSQL's own processes stopped by SIGSTOP: at rest, under load, and in the middle of a COMMIT.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic } from './support/api-stage.js';
import { replyOf } from './support/http-reply.js';
import { type OwnPostgres, startOwnPostgres } from './support/own-postgres.js';
import { API_KEY, openSignInStage, type SignInStage } from './support/sign-in-stage.js';

const PATIENCE_MS = 6_000;
/** Longer than a connection may be silent in the middle of a query. */
const REST_MS = 8_000;

let postgres: OwnPostgres;
let stage: SignInStage;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  stage = await openSignInStage({ database: postgres });
});
afterAll(async () => {
  await postgres.goOn();
  await stage.close();
  await postgres.close();
});

async function send(path: string, body?: object, headers: Readonly<Record<string, string>> = {}) {
  const startedAtMs = performance.now();
  const response = await fetch(`${stage.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...basic(API_KEY), 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { body: answer } = await replyOf(response);
  return { status: response.status, body: answer, tookMs: performance.now() - startedAtMs };
}

const burst = (count: number) => Promise.all(Array.from({ length: count }, () => send('/v1/organizations')));

test('at rest: every request of a frozen database is 503 in time, however long its connections have been idle', async () => {
  await burst(6);
  await pause(REST_MS);
  await postgres.freeze();
  const answers = await burst(6);
  await postgres.goOn();
  expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual(Array(6).fill('503 store.unavailable'));
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(PATIENCE_MS);
});

test('under load: so is every one of more requests than there are connections, also of those that come later', async () => {
  await burst(20);
  await postgres.freeze();
  const first = burst(20);
  await pause(2_000);
  const answers = [...(await burst(20)), ...(await first)];
  await postgres.goOn();
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
    new Set(['503 store.unavailable']),
  );
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(PATIENCE_MS);
  await expect.poll(async () => (await send('/v1/organizations')).status, { timeout: 10_000 }).toBe(200);
});

test('during COMMIT: what may have been done is said so, and is found again', async () => {
  // COMMIT checks what is deferred, so it is under way for as long as this takes.
  await stage.owner.pool.query(`
    create function slow_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return null; end $$;
    create constraint trigger slow_commit after insert on api_keys deferrable initially deferred
      for each row execute function slow_commit();
    create constraint trigger slow_commit after insert on organizations deferrable initially deferred
      for each row execute function slow_commit();`);
  const once = { 'idempotency-key': 'the-same' };
  const making = [
    send('/v1/organizations', { name: 'Acme' }, once),
    send('/v1/api-keys', { name: 'script', role: 'read_only' }),
  ];
  await pause(500);
  await postgres.freeze();
  const [organization, apiKey] = await Promise.all(making);
  await postgres.goOn();
  expect(organization).toMatchObject({ status: 503, body: { code: 'store.outcome_unknown' } });
  expect(apiKey).toMatchObject({
    status: 503,
    body: { code: 'store.outcome_unknown', apiKey: { key: expect.any(String) } },
  });

  // It was done: the same key finds it, and the API key that nobody has is named, so that it can be revoked.
  await expect
    .poll(async () => (await send('/v1/organizations?search=Acme')).body.items?.length, { timeout: 10_000 })
    .toBe(1);
  const again = await send('/v1/organizations', { name: 'Acme' }, once);
  expect(again.status).toBe(201);
  const { items } = (await send('/v1/organizations?search=Acme')).body;
  expect(items.map(({ id }: { id: string }) => id)).toEqual([again.body.id]);
  const keys = (await send('/v1/api-keys')).body.items.map(({ key }: { key: string }) => key);
  expect(keys).toContain(apiKey?.body.apiKey.key);
});
