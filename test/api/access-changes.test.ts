// A live stream ends with what let its caller watch, long before the next heartbeat, whoever took it away and wherever.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/connected-stage.js';
import { API_KEY, openSignInStage, PASSWORD, type SignInStage } from './support/sign-in-stage.js';

/** A heartbeat comes after fifteen. */
const SOON_MS = 5_000;

let stage: SignInStage;
let elsewhere: SignInStage;
/** With it the process listens; nothing that is taken away here is this one's. */
let bystander: Watch;
beforeAll(async () => {
  const first = await openSignInStage();
  stage = first;
  elsewhere = await openSignInStage({ database: first.database });
  bystander = await watch(basic());
  await eventually(
    () => bystander.heard(),
    (heard) => heard.includes('event: resync'),
  );
});
afterAll(async () => {
  await bystander.stop();
  await elsewhere.close();
  await stage.close();
});
beforeEach(() => stage.owner.kysely.deleteFrom('authRateLimits').execute());

const basic = ({ key, secret } = API_KEY) => ({
  authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
});

interface Watch {
  heard(): string;
  /** True when the stream ends by itself within the time. */
  endsSoon(): Promise<boolean>;
  stop(): Promise<void>;
}

async function watch(headers: Record<string, string>): Promise<Watch> {
  const abort = new AbortController();
  const response = await fetch(`${stage.url}/v1/changes`, { headers, signal: abort.signal });
  expect(response.status).toBe(200);
  let heard = '';
  const read = async () => {
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) heard += text;
    return true;
  };
  const ended = read().catch(() => false);
  return {
    heard: () => heard,
    endsSoon: () => Promise.race([ended, delay(SOON_MS, false)]),
    async stop() {
      abort.abort();
      await ended;
    },
  };
}

let people = 0;
async function somebody(reach: object) {
  const email = `watcher${++people}@example.com`;
  const id = await stage.member(email, reach);
  const browser = await stage.signedIn(email);
  const jar = [...browser.cookies(new URL(stage.url).origin)];
  return { id, email, browser, headers: { cookie: jar.map((pair) => pair.join('=')).join('; ') } };
}

test('with the session', async () => {
  const { browser, headers } = await somebody({ role: 'read_only' });
  const watching = await watch(headers);
  expect((await browser.send('POST /v1/auth/sign-out', {})).status).toBe(200);
  expect(await watching.endsSoon()).toBe(true);
});

test('with the role, and a bystander of the same account goes on watching', async () => {
  const { id, headers } = await somebody({ role: 'read_only' });
  const watching = await watch(headers);
  expect((await elsewhere.withKey(`PATCH /v1/users/${id}`, { role: 'finance' })).status).toBe(200);
  expect(await watching.endsSoon()).toBe(true);
  const again = await watch(headers);
  expect((await elsewhere.withKey(`DELETE /v1/users/${id}`)).status).toBe(204);
  expect(await again.endsSoon()).toBe(true);
  expect(await bystander.endsSoon()).toBe(false);
});

test('with an organization of the caller’s scope', async () => {
  const [one, two] = [await stage.anOrganization(), await stage.anOrganization()];
  const { id, headers } = await somebody({ role: 'org_user', organizationIds: [one] });
  const narrow = await watch(headers);
  expect((await elsewhere.withKey(`PATCH /v1/users/${id}`, { organizationIds: [one, two] })).status).toBe(200);
  expect(await narrow.endsSoon()).toBe(true);
  const wide = await watch(headers);
  expect((await elsewhere.withKey(`DELETE /v1/organizations/${two}`)).status).toBe(204);
  expect(await wide.endsSoon()).toBe(true);
});

test('with the API key', async () => {
  const { body } = await stage.withKey('POST /v1/api-keys', { name: 'Wallboard', role: 'read_only' });
  const watching = await watch(basic(body));
  expect((await elsewhere.withKey(`DELETE /v1/api-keys/${body.id}`)).status).toBeLessThan(300);
  expect(await watching.endsSoon()).toBe(true);
});

test('with a password changed by whoever signs the others out', async () => {
  const { email, headers } = await somebody({ role: 'read_only' });
  const other = await stage.signedIn(email);
  const watching = await watch(headers);
  const change = { currentPassword: PASSWORD, newPassword: `${PASSWORD} again`, revokeOtherSessions: true };
  expect((await other.send('POST /v1/auth/change-password', change)).status).toBe(200);
  expect(await watching.endsSoon()).toBe(true);
});
