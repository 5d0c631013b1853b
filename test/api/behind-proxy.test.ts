// Who a request is from when a proxy stands before the api, and what is logged of those who are refused.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_EMAIL, openSignInStage, PASSWORD, type SignInStage } from './support/sign-in-stage.js';

let trusting: SignInStage;
let alone: SignInStage;
beforeAll(async () => {
  [trusting, alone] = await Promise.all([openSignInStage({ trustedProxies: 'loopback' }), openSignInStage()]);
});
afterAll(() => Promise.all([trusting.close(), alone.close()]));

const from = (address: string) => ({ 'x-forwarded-for': address });
const logOf = (stage: SignInStage) => stage.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
const about = (stage: SignInStage, words: string) => logOf(stage).filter(({ msg }) => String(msg).includes(words));

test('a proxy that is not named is warned of once, with the variable', async () => {
  for (let count = 0; count < 3; count++) {
    await fetch(`${alone.url}/healthz`, { headers: from('192.0.2.1') });
    await fetch(`${trusting.url}/healthz`, { headers: from('192.0.2.1') });
  }
  expect(about(alone, 'TRUSTED_PROXIES')).toHaveLength(1);
  expect(about(trusting, 'TRUSTED_PROXIES')).toEqual([]);
});

test.each([
  ['192.0.2.1:4711', '192.0.2.1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:db8::2]', '2001:db8::2'],
  ['unknown, 192.0.2.3', '192.0.2.3'],
  ['192.0.2.9, nonsense', '127.0.0.1'],
  [`${'x'.repeat(2_000)}`, '127.0.0.1'],
])(
  'a refused sign-in through "%.40s" is logged as from %s, without a word of the stranger’s',
  async (header, address) => {
    const before = logOf(trusting).length;
    const { status, headers } = await trusting.browser().signIn('stranger@example.com', 'wrong', from(header));
    expect(status).toBe(401);
    const lines = logOf(trusting).slice(before);
    const requestId = headers.get('x-request-id');
    expect(lines).toContainEqual(expect.objectContaining({ requestId, address, msg: 'a sign-in was refused' }));
    expect(JSON.stringify(lines)).not.toMatch(/stranger|xxxx|nonsense/);
  },
);

test('ten wrong passwords from one address keep nobody else out', async () => {
  for (let count = 0; count < 11; count++)
    await trusting.browser().signIn(ADMIN_EMAIL, 'wrong', from(`192.0.2.7:${count + 1}`));
  expect((await trusting.browser().signIn(ADMIN_EMAIL, PASSWORD, from('192.0.2.7:99'))).status).toBe(429);
  expect((await trusting.browser().signIn(ADMIN_EMAIL, PASSWORD, from('192.0.2.8:99'))).status).toBe(200);
});

test('a refused key and a refused origin are logged without what was sent', async () => {
  const secret = 'never-log-this';
  expect((await alone.withKey('GET /v1/me', undefined, { key: 'made-up', secret })).status).toBe(401);
  expect(about(alone, 'a key was refused')).toMatchObject([{ address: '127.0.0.1', requestId: expect.any(String) }]);
  const origin = `https://${'evil'.repeat(1_000)}.example`;
  await alone.browser().signIn(ADMIN_EMAIL, PASSWORD, { origin });
  expect(alone.logged.join('')).not.toMatch(/never-log-this|made-up|evilevil/);
});

test('an office behind one address may look at who is signed in as often as every other request', async () => {
  const browser = await alone.signedIn();
  const looks = await Promise.all(Array.from({ length: 320 }, () => browser.send('GET /v1/auth/get-session')));
  expect(looks.filter(({ status }) => status !== 200)).toEqual([]);
});
