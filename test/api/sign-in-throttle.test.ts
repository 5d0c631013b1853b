import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  SIGN_INS_PER_ADDRESS,
  SIGN_INS_PER_EMAIL,
  SIGN_INS_PER_EMAIL_AND_ADDRESS,
  throttleKey,
  WINDOW_SECONDS,
} from '../../src/api/auth/throttle.js';
import { ADMIN_EMAIL, openSignInStage, PASSWORD } from './support/sign-in-stage.js';

type Stage = Awaited<ReturnType<typeof openSignInStage>>;
let stage: Stage;
beforeAll(async () => (stage = await openSignInStage({ trustedProxies: 'loopback' })));
afterAll(() => stage.close());
beforeEach(() => stage.owner.kysely.deleteFrom('authRateLimits').execute());

const from = (address: number) => ({ 'x-forwarded-for': `198.51.100.${address}` });
const pass = (seconds: number) =>
  stage.owner.pool.query('update auth_rate_limits set last_request = last_request - $1', [seconds * 1000]);

/** `spread`: each from an address of its own. */
async function guess(times: number, { at = stage, spread = false } = {}): Promise<number[]> {
  const statuses: number[] = [];
  for (let each = 0; each < times; each++) {
    const { status } = await at.browser().signIn(ADMIN_EMAIL, `guess ${each}`, from(spread ? each + 1 : 1));
    statuses.push(status);
  }
  return statuses;
}

const NARROW = SIGN_INS_PER_EMAIL_AND_ADDRESS.max;

test('guesses from one address end after ten, and so does the right password from there', async () => {
  expect(await guess(NARROW)).toEqual(Array(NARROW).fill(401));
  const refused = await stage.browser().signIn(ADMIN_EMAIL.toUpperCase(), PASSWORD, from(1));
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
  const retryAfter = Number(refused.headers.get('retry-after'));
  expect(retryAfter).toBeGreaterThan(WINDOW_SECONDS - 60);
  expect(retryAfter).toBeLessThanOrEqual(WINDOW_SECONDS);
  expect((await stage.browser().signIn('other@example.com', PASSWORD, from(1))).status).toBe(401);
});

test('whoever guesses at an address keeps nobody out but himself', async () => {
  await guess(NARROW + 10);
  await guess(NARROW, { spread: true });
  expect((await stage.browser().signIn(ADMIN_EMAIL, PASSWORD, from(99))).status).toBe(200);
});

test('an address spelled like another one’s count does not use that up', async () => {
  for (const key of [`${ADMIN_EMAIL}|198.51.100.99`, `198.51.100.99|${ADMIN_EMAIL}`]) {
    for (let each = 0; each < NARROW; each++) await stage.browser().signIn(key, PASSWORD, from(each));
  }
  expect((await stage.browser().signIn(ADMIN_EMAIL, PASSWORD, from(99))).status).toBe(200);
});

test('guesses from many addresses end too', async () => {
  await guess(1);
  const { numUpdatedRows } = await stage.owner.kysely
    .updateTable('authRateLimits')
    .set({ count: SIGN_INS_PER_EMAIL.max - 1 })
    .where('key', '=', throttleKey.signInEmail(ADMIN_EMAIL))
    .executeTakeFirst();
  expect(Number(numUpdatedRows)).toBe(1);
  expect(await guess(3, { spread: true })).toEqual([401, 429, 429]);
  expect((await stage.browser().signIn(ADMIN_EMAIL, PASSWORD, from(99))).status).toBe(429);
});

test('five minutes after the last guess that was heard the right password works again, whatever came in between', async () => {
  await guess(NARROW);
  await pass(WINDOW_SECONDS - 60);
  expect((await stage.browser().signIn(ADMIN_EMAIL, PASSWORD, from(1))).status).toBe(429);
  await pass(61);
  expect((await stage.browser().signIn(ADMIN_EMAIL, PASSWORD, from(1))).status).toBe(200);
});

test('who has signed in starts from nothing', async () => {
  await guess(NARROW - 1);
  expect((await stage.browser().signIn(ADMIN_EMAIL, PASSWORD, from(1))).status).toBe(200);
  expect(await guess(NARROW)).not.toContain(429);
});

test('two api processes count together', async () => {
  const second = await openSignInStage({ database: stage.database, trustedProxies: 'loopback' });
  await guess(NARROW / 2);
  await guess(NARROW / 2, { at: second });
  expect(await guess(1)).toEqual([429]);
  expect(await guess(1, { at: second })).toEqual([429]);
  await second.close();
});

test('twenty guesses at once are no more than ten', async () => {
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, each) => stage.browser().signIn(ADMIN_EMAIL, `guess ${each}`, from(1))),
  );
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(NARROW);
});

test('one address cannot try many people, and no header that it sends makes it another', async () => {
  await stage.browser().signIn('nobody@example.com', PASSWORD, from(7));
  await stage.owner.kysely
    .updateTable('authRateLimits')
    .set({ count: SIGN_INS_PER_ADDRESS.max })
    .where('key', 'like', '198.51.100.7|%')
    .execute();
  const headers = { ...from(7), 'x-sign-in-client-address': '203.0.113.1', 'x-real-ip': '203.0.113.1' };
  expect((await stage.browser().signIn('somebody@example.com', PASSWORD, headers)).status).toBe(429);
  expect((await stage.browser().signIn('somebody@example.com', PASSWORD, from(8))).status).toBe(401);
});

test('without a trusted proxy nobody says for himself where he comes from', async () => {
  const direct = await openSignInStage({ database: stage.database });
  await direct.browser().signIn('nobody@example.com', PASSWORD, from(1));
  const keys = await stage.owner.kysely.selectFrom('authRateLimits').select('key').execute();
  expect(keys.map(({ key }) => key)).toContain('127.0.0.1|/sign-in/email');
  await direct.close();
});
