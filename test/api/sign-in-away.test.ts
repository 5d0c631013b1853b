// While the database is away nobody can be told apart, and everybody is told why.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Proxy, startProxy } from '../support/proxy.js';
import { ADMIN_EMAIL, openSignInStage, PASSWORD, type SignInStage } from './support/sign-in-stage.js';

let toDatabase: Proxy;
let stage: SignInStage;
const address = new URL(inject('databaseUrl')).host;
beforeAll(async () => {
  toDatabase = await startProxy();
  toDatabase.point(address);
  stage = await openSignInStage({ databaseThrough: toDatabase.address });
});
afterAll(async () => {
  await stage.close();
  await toDatabase.close();
});

test('keys, sessions, sign-ins and invitations answer 503 and work again afterwards', async () => {
  const browser = await stage.signedIn();
  const ask = [
    () => stage.withKey('GET /v1/me'),
    () => browser.send('GET /v1/me'),
    () => browser.send('GET /v1/auth/get-session'),
    () => stage.browser().signIn(ADMIN_EMAIL, PASSWORD),
    () => stage.browser().send('POST /v1/invitations/x/accept', { name: 'Guest', password: PASSWORD }),
  ];
  toDatabase.point(null);
  for (const each of ask) expect((await each()).body).toMatchObject({ status: 503, code: 'store.unavailable' });
  toDatabase.point(address);
  const statuses: number[] = [];
  for (const each of ask) statuses.push((await each()).status);
  expect(statuses).toEqual([200, 200, 200, 200, 404]);
});
