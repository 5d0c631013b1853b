import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { chooseFreePorts } from '../../src/embedded/processes/free-port.js';
import type { Browser } from './support/browser.js';
import { asPerson, type OpenIdProvider, startOpenIdProvider } from './support/oidc-provider.js';
import { ADMIN_EMAIL, openSignInStage, type SignInStage } from './support/sign-in-stage.js';

let provider: OpenIdProvider;
let stage: SignInStage;
let providerPort: number;
let redirectUri: string;
beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined); // the provider's, that this is no production
  const [port = 0, ...others] = await chooseFreePorts(2);
  providerPort = others[0] ?? 0;
  const publicUrl = new URL(`http://127.0.0.1:${port}`);
  redirectUri = `${publicUrl.origin}/v1/auth/callback/oidc`;
  provider = await startOpenIdProvider(providerPort, redirectUri);
  const { issuer, clientId, clientSecret } = provider;
  const oidc = { issuer, clientId, clientSecret: new Secret(clientSecret), name: 'Acme single sign-on' };
  stage = await openSignInStage({ port, publicUrl, oidc });
});
afterAll(async () => {
  await stage.close();
  await provider.stop();
});
beforeEach(() => stage.owner.kysely.deleteFrom('authRateLimits').execute());

const begin = (browser: Browser) =>
  browser.send('POST /v1/auth/sign-in/social', {
    provider: 'oidc',
    callbackURL: '/console',
    errorCallbackURL: '/sign-in',
  });

async function signInAt(browser: Browser, login: string): Promise<URL> {
  const { status, body, text } = await begin(browser);
  if (status !== 200) throw new Error(text);
  return browser.follow(body.url, asPerson(login));
}

/** Once, signed in with the password. */
async function link(browser: Browser, login: string): Promise<URL> {
  const asked = { provider: 'oidc', callbackURL: '/linked', errorCallbackURL: '/not-linked' };
  const { status, body, text } = await browser.send('POST /v1/auth/link-social', asked);
  if (status !== 200) throw new Error(text);
  return browser.follow(body.url, asPerson(login));
}

/** A member who has linked the provider. */
async function linkedMember(email: string, login: string, reach?: object): Promise<string> {
  const id = await stage.member(email, reach);
  provider.people.set(login, { email, email_verified: true });
  const end = await link(await stage.signedIn(email), login);
  if (end.pathname !== '/linked') throw new Error(end.href);
  return id;
}

test('the sign-in page is told of the provider', async () => {
  expect((await stage.browser().send('GET /v1/sign-in-methods')).body).toEqual({
    password: true,
    oidc: { provider: 'oidc', name: 'Acme single sign-on' },
  });
});

test('a member who has linked the provider signs in there', async () => {
  const id = await linkedMember('ann@example.com', 'ann', { role: 'finance' });
  provider.people.set('ann', { email: 'Ann@Example.com', email_verified: true, name: 'Ann' });
  for (const browser of [stage.browser(), stage.browser()]) {
    expect((await signInAt(browser, 'ann')).pathname).toBe('/console');
    expect((await browser.send('GET /v1/me')).body).toMatchObject({ id, email: 'ann@example.com', role: 'finance' });
  }
});

test('the admin whom the operator has named needs no link', async () => {
  provider.people.set('root', { email: ADMIN_EMAIL, email_verified: true });
  const browser = stage.browser();
  expect((await signInAt(browser, 'root')).pathname).toBe('/console');
  expect((await browser.send('GET /v1/me')).body).toMatchObject({ email: ADMIN_EMAIL, role: 'admin' });
});

test('somebody whose address another has accepted an invitation for is not taken for that user', async () => {
  const id = await stage.member('victim@example.com');
  provider.people.set('victim', { email: 'victim@example.com', email_verified: true });
  const browser = stage.browser();
  const end = await signInAt(browser, 'victim');
  expect([end.pathname, end.searchParams.get('error')]).toEqual(['/sign-in', 'account_not_linked']);
  expect((await browser.send('GET /v1/me')).status).toBe(401);
  const { rows } = await stage.owner.pool.query(
    `select email_verified, (select array_agg(provider_id) from auth_accounts where user_id = u.id) ways
       from auth_users u where id = $1`,
    [id],
  );
  expect(rows).toEqual([{ email_verified: false, ways: ['credential'] }]);
});

test('the provider is linked under the very same address alone, and only from our own pages', async () => {
  await stage.member('own@example.com');
  const browser = await stage.signedIn('own@example.com');
  provider.people.set('other', { email: 'other@example.com', email_verified: true });
  expect((await link(browser, 'other')).pathname).toBe('/not-linked');
  const again = await stage.signedIn('own@example.com');
  provider.people.set('own', { email: 'own@example.com', email_verified: false });
  expect((await link(again, 'own')).pathname).toBe('/not-linked');
  const asked = { provider: 'oidc', callbackURL: '/linked' };
  const foreign = await browser.send('POST /v1/auth/link-social', asked, { origin: 'https://evil.example' });
  expect([foreign.status, foreign.body.code]).toEqual([403, 'csrf_refused']);
  expect((await stage.browser().send('POST /v1/auth/link-social', asked)).status).toBe(401);
  const { rowCount } = await stage.owner.pool.query("select from auth_accounts where account_id in ('own', 'other')");
  expect(rowCount).toBe(0);
});

test('linking and signing in there are in the audit log', async () => {
  const id = await linkedMember('zoe@example.com', 'zoe');
  await signInAt(stage.browser(), 'zoe');
  const { items } = (await stage.withKey(`GET /v1/audit-log?subjectType=user&subjectId=${id}`)).body;
  expect(items).toMatchObject([
    { action: 'user.signed_in', after: { method: 'oidc' }, actor: { id }, ip: '127.0.0.1' },
    { action: 'user.identity_linked', after: { provider: 'oidc' }, actor: { id } },
    { action: 'user.signed_in', after: { method: 'password' } },
    { action: 'invitation.accepted' },
  ]);
});

test('no token of the provider is kept', async () => {
  await linkedMember('tom@example.com', 'tom');
  await signInAt(stage.browser(), 'tom');
  await signInAt(stage.browser(), 'tom');
  const { rows } = await stage.owner.pool.query(
    "select * from auth_accounts where provider_id = 'oidc' and account_id = 'tom'",
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ access_token: null, refresh_token: null, id_token: null, password: null });
});

test.each([
  ['whom nobody has invited', 'eve', { email: 'eve@example.com', email_verified: true }, 'signup_disabled'],
  ['whose address is not verified', 'bob', { email: 'bob@example.com', email_verified: false }, 'account_not_linked'],
  ['who does not say whether it is verified', 'dan', { email: 'bob@example.com' }, 'account_not_linked'],
  ['without an address', 'kim', {}, 'email_not_found'],
])('somebody %s does not', async (_, login, person, error) => {
  if (login === 'bob') await stage.member('bob@example.com');
  provider.people.set(login, person);
  const browser = stage.browser();
  const end = await signInAt(browser, login);
  expect(end.pathname).toBe('/sign-in');
  expect(end.searchParams.get('error')).toBe(error);
  expect((await browser.send('GET /v1/me')).status).toBe(401);
  const { rowCount } = await stage.owner.pool.query('select from auth_accounts where account_id = $1', [login]);
  expect(rowCount).toBe(0);
});

test('somebody who was removed does not, and no user is left behind', async () => {
  const id = await linkedMember('ray@example.com', 'ray');
  const browser = stage.browser();
  await signInAt(browser, 'ray');
  await stage.withKey(`DELETE /v1/users/${id}`);
  expect((await browser.send('GET /v1/me')).status).toBe(401);
  expect((await signInAt(stage.browser(), 'ray')).pathname).toBe('/sign-in');
  const { rowCount } = await stage.owner.pool.query("select from auth_users where email = 'ray@example.com'");
  expect(rowCount).toBe(0);
});

test('the answer to one browser is of no use to another', async () => {
  await linkedMember('mia@example.com', 'mia');
  const [mine, victim] = [stage.browser(), stage.browser()];
  const { body } = await begin(mine);
  // Everything but the last step: the callback that the provider sends the browser to.
  const callback = await mine.follow(body.url, asPerson('mia'), redirectUri);
  expect(callback.searchParams.get('code')).not.toBeNull();
  await victim.follow(callback.href, () => null);
  expect((await victim.send('GET /v1/me')).status).toBe(401);
});

test('a page elsewhere is not where anybody is sent afterwards', async () => {
  const reply = await stage
    .browser()
    .send('POST /v1/auth/sign-in/social', { provider: 'oidc', callbackURL: 'https://evil.example/' });
  expect(reply.status).toBe(403);
});

test.each(['sign-in/social', 'link-social'])('a token that was not fetched here is not taken by %s', async (route) => {
  const browser = await stage.signedIn();
  const reply = await browser.send(`POST /v1/auth/${route}`, { provider: 'oidc', idToken: { token: 'x.y.z' } });
  expect([reply.status, reply.body.detail]).toEqual([404, expect.stringContaining('a token from elsewhere')]);
});

test('a provider that is away when the api starts is found when it is back', async () => {
  const [port = 0, later = 0] = await chooseFreePorts(2);
  const publicUrl = new URL(`http://127.0.0.1:${port}`);
  const { clientId, clientSecret } = provider;
  const issuer = new URL(`http://127.0.0.1:${later}`);
  const oidc = { issuer, clientId, clientSecret: new Secret(clientSecret), name: 'Later' };
  const other = await openSignInStage({ port, publicUrl, oidc });
  expect((await begin(other.browser())).status).toBe(404);
  expect((await (await other.signedIn()).send('GET /v1/me')).status).toBe(200);
  const back = await startOpenIdProvider(later, `${publicUrl.origin}/v1/auth/callback/oidc`);
  expect((await begin(other.browser())).status).toBe(200);
  await back.stop();
  await other.close();
});
