import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { signInTables } from '../../src/api/sign-in/sign-in.tables.js';
import { createReplyCheck } from './support/reply-schema.js';
import { ADMIN_EMAIL, openSignInStage, PASSWORD, PUBLIC_URL } from './support/sign-in-stage.js';

let stage: Awaited<ReturnType<typeof openSignInStage>>;
beforeAll(async () => (stage = await openSignInStage()));
afterAll(() => stage.close());
afterEach(() => stage.owner.kysely.deleteFrom('authRateLimits').execute());

const COOKIE = 'sentinelone.session_token';

describe('signing in', () => {
  test('makes a session cookie that scripts cannot read and other sites cannot use', async () => {
    const browser = stage.browser();
    expect((await browser.signIn(ADMIN_EMAIL, PASSWORD)).status).toBe(200);
    const [cookie = ''] = browser.setCookies;
    expect(cookie).toMatch(new RegExp(`^${COOKIE}=`));
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).toMatch(/; Path=\//i);
    expect(cookie).not.toMatch(/; Secure/i);
    const me = await browser.send('GET /v1/me');
    expect(me.body).toMatchObject({
      kind: 'user',
      email: ADMIN_EMAIL,
      role: 'admin',
      account: { name: 'Acme' },
      organizations: null,
    });
  });

  test('under https makes a Secure cookie with the prefix that browsers guard', async () => {
    const other = await openSignInStage({ publicUrl: new URL('https://siem.example.com') });
    const browser = other.browser();
    expect((await browser.signIn(ADMIN_EMAIL, PASSWORD)).status).toBe(200);
    expect(browser.setCookies[0]).toMatch(new RegExp(`^__Secure-${COOKIE}=.*; Secure`, 'i'));
    expect((await browser.send('GET /v1/me')).status).toBe(200);
    await other.close();
  });

  test.each([
    ['a wrong password', ADMIN_EMAIL, 'wrong horse battery'],
    ['an unknown address', 'nobody@example.com', PASSWORD],
  ])('with %s is refused in the same words', async (_, email, password) => {
    const { status, body } = await stage.browser().signIn(email, password);
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'unauthenticated', detail: 'Invalid email or password', status: 401 });
  });

  test('out ends the session for whoever has copied the cookie', async () => {
    const browser = await stage.signedIn();
    const copied = stage.browser();
    copied.cookies(stage.url).set(COOKIE, browser.cookies(stage.url).get(COOKIE) ?? '');
    expect((await copied.send('GET /v1/me')).status).toBe(200);
    expect((await browser.send('POST /v1/auth/sign-out')).status).toBe(200);
    expect((await copied.send('GET /v1/me')).status).toBe(401);
  });

  test('is not believed from a cookie whose signature does not fit', async () => {
    const browser = await stage.signedIn();
    const jar = browser.cookies(stage.url);
    jar.set(COOKIE, (jar.get(COOKIE) ?? '').replace(/\.[^.]{5}/, '.AAAAA'));
    expect((await browser.send('GET /v1/me')).status).toBe(401);
  });

  test('ends when the session has expired', async () => {
    const browser = await stage.signedIn();
    await stage.owner.pool.query("update auth_sessions set expires_at = now() - interval '1 second'");
    expect((await browser.send('GET /v1/me')).status).toBe(401);
  });

  test.each([{}, { revokeOtherSessions: false }])(
    'with another password ends the other sessions: %o',
    async (asked) => {
      const email = `changer${JSON.stringify(asked).length}@example.com`;
      const id = await stage.member(email);
      const [here, there] = [await stage.signedIn(email), await stage.signedIn(email)];
      const changed = { currentPassword: PASSWORD, newPassword: 'another horse battery', ...asked };
      expect((await here.send('POST /v1/auth/change-password', { ...changed, newPassword: 'short' })).body.code).toBe(
        'invalid_input',
      );
      expect((await here.send('POST /v1/auth/change-password', changed)).status).toBe(200);
      expect((await here.send('GET /v1/me')).body.id).toBe(id);
      expect((await there.send('GET /v1/me')).status).toBe(401);
    },
  );
});

describe('the OpenAPI document', () => {
  test('says what signing in answers, and signing out, and changing a password', async () => {
    const { body } = await stage.withKey('GET /openapi.json');
    const faultsOf = createReplyCheck(body);
    const email = 'documented@example.com';
    await stage.member(email);
    const browser = stage.browser();
    const evil = { origin: 'https://evil.example' };
    const atProvider = { provider: 'oidc', callbackURL: '/console' };
    const right = { email, password: PASSWORD };
    const changed = { currentPassword: PASSWORD, newPassword: 'another horse battery' };
    const asked: readonly (readonly [string, number, (object | undefined)?, Record<string, string>?])[] = [
      ['GET get-session', 200],
      ['POST sign-in/email', 401, { email, password: 'a wrong horse battery' }],
      ['POST sign-in/email', 422, { email: 'no address', password: PASSWORD }],
      ['POST sign-in/email', 422, {}],
      ['POST sign-in/email', 413, { email, password: 'x'.repeat(20_000) }],
      ['POST sign-in/email', 403, right, evil],
      ['POST sign-in/email', 200, right],
      ['GET get-session', 200],
      ['POST sign-in/social', 404, atProvider],
      ['POST link-social', 404, atProvider],
      ['POST change-password', 422, { ...changed, newPassword: 'short' }],
      ['POST change-password', 422, { ...changed, currentPassword: 'not this one' }],
      ['POST change-password', 403, changed, evil],
      ['POST change-password', 200, changed],
      ['POST sign-out', 403, undefined, evil],
      ['POST sign-out', 200],
      ['POST sign-out', 200],
      ['POST change-password', 401, changed],
    ];
    for (const [route, status, sent, headers] of asked) {
      const full = route.replace(' ', ' /v1/auth/');
      const reply = await browser.send(full, sent, headers);
      expect([route, reply.status]).toEqual([route, status]);
      expect(faultsOf(full, reply), `${route} ${reply.text}`).toEqual([]);
    }
  });
});

describe('the audit log', () => {
  const entriesOf = async (id: string) =>
    (await stage.withKey(`GET /v1/audit-log?subjectType=user&subjectId=${id}&limit=200`)).body.items;

  test('says who signed in and out and changed the password, from where', async () => {
    const email = 'audited@example.com';
    const id = await stage.member(email);
    const browser = stage.browser();
    await browser.signIn(email, 'a wrong horse battery');
    const signedIn = await browser.send(
      'POST /v1/auth/sign-in/email',
      { email, password: PASSWORD },
      { 'user-agent': 'Firefox/200', 'x-sign-in-client-address': '203.0.113.1', 'x-sign-in-request-id': 'forged' },
    );
    await browser.send('POST /v1/auth/change-password', { currentPassword: 'not this', newPassword: 'x'.repeat(12) });
    await browser.send('POST /v1/auth/change-password', { currentPassword: PASSWORD, newPassword: 'x'.repeat(12) });
    await browser.send('GET /v1/auth/get-session');
    await browser.send('POST /v1/auth/sign-out');
    await browser.send('POST /v1/auth/sign-out');
    const actor = { kind: 'user', id, label: email };
    expect(await entriesOf(id)).toMatchObject([
      { action: 'user.signed_out', actor },
      { action: 'user.password_changed', actor, before: null, after: null },
      {
        action: 'user.signed_in',
        actor,
        after: { method: 'password' },
        ip: '127.0.0.1',
        userAgent: 'Firefox/200',
        requestId: signedIn.headers.get('x-request-id'),
      },
      { action: 'invitation.accepted' },
    ]);
  });

  test('says nothing of a session that ended by itself', async () => {
    const email = 'expired@example.com';
    const id = await stage.member(email);
    const browser = await stage.signedIn(email);
    await stage.owner.pool.query(
      "update auth_sessions set expires_at = now() - interval '1 second' where user_id = $1",
      [id],
    );
    await browser.send('GET /v1/auth/get-session');
    const actions = (await entriesOf(id)).map(({ action }: { action: string }) => action);
    expect(actions).toEqual(['user.signed_in', 'invitation.accepted']);
  });
});

test('whoever is refused leaves no line in the log that calls somebody', async () => {
  const before = stage.logged.length;
  const browser = stage.browser();
  await browser.signIn('nobody@example.com', PASSWORD);
  await browser.signIn(ADMIN_EMAIL, 'a wrong horse battery');
  await browser.signIn('no address', PASSWORD);
  await browser.signIn(ADMIN_EMAIL, PASSWORD, { origin: 'https://evil.example' });
  await browser.send('POST /v1/auth/sign-in/social', { provider: 'oidc', callbackURL: 'https://evil.example/' });
  await browser.send('POST /v1/auth/sign-in/social', { provider: 'oidc', callbackURL: '/console' });
  await browser.send('GET /v1/auth/callback/oidc?code=x&state=y');
  await browser.send('POST /v1/auth/change-password', { currentPassword: PASSWORD, newPassword: 'x'.repeat(12) });
  const lines = stage.logged.slice(before).map((line) => JSON.parse(line) as { level: number | string; msg: string });
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter(({ level }) => level === 'error' || Number(level) >= 50)).toEqual([]);
});

describe('what nobody may do', () => {
  test.each([
    ['POST /v1/auth/sign-up/email', { email: 'new@example.com', password: PASSWORD, name: 'New' }],
    ['POST /v1/auth/delete-user', {}],
    ['POST /v1/auth/update-user', { name: 'Other' }],
    ['POST /v1/auth/change-email', { newEmail: 'other@example.com' }],
    ['POST /v1/auth/request-password-reset', { email: ADMIN_EMAIL }],
    ['GET /v1/auth/sign-in/email', undefined],
    ['POST /v1/auth/sign-in/email/', { email: ADMIN_EMAIL, password: PASSWORD }],
    ['POST /v1/auth//sign-up/email', { email: 'new@example.com', password: PASSWORD, name: 'New' }],
  ])('%s is not there', async (route, body) => {
    const browser = await stage.signedIn();
    const reply = await browser.send(route, body);
    expect(reply.status).toBe(404);
    expect(reply.body.code).toBe('not_found');
  });

  test('a user without a membership gets no session', async () => {
    const id = await stage.member('orphan@example.com');
    await stage.owner.kysely.deleteFrom('memberships').where('userId', '=', id).execute();
    const { status, body } = await stage.browser().signIn('orphan@example.com', PASSWORD);
    expect([status, body.code]).toEqual([403, 'forbidden']);
  });

  test('a body that is no JSON is one that cannot be read', async () => {
    const sent = await fetch(`${stage.url}/v1/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: PUBLIC_URL.origin },
      body: '{"email":',
    });
    const reply = (await sent.json()) as { status: number; code: string };
    expect([sent.status, reply.status, reply.code]).toEqual([400, 400, 'malformed_request']);
  });

  test('a large body and one without an end are refused', async () => {
    const large = await stage.browser().signIn(ADMIN_EMAIL, 'x'.repeat(20_000));
    expect([large.status, large.body.code]).toEqual([413, 'body_too_large']);
    const endless = await fetch(`${stage.url}/v1/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob(['{}']).stream(),
      duplex: 'half',
    });
    expect(endless.status).toBe(400);
  });
});

describe('requests from elsewhere', () => {
  test.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['an origin that hides itself', { origin: 'null' }],
    ['a port of ours that is not', { origin: 'http://127.0.0.1:9999' }],
    ['no origin', { origin: null }],
    ['another site', { origin: null, 'sec-fetch-site': 'cross-site' }],
    ['a neighbour of the same site', { origin: null, 'sec-fetch-site': 'same-site' }],
  ])('with %s change nothing', async (_, headers) => {
    const browser = await stage.signedIn();
    const reply = await browser.send('POST /v1/invitations', { email: 'x@example.com', role: 'admin' }, headers);
    expect([reply.status, reply.body.code]).toEqual([403, 'csrf_refused']);
    expect((await browser.send('GET /v1/invitations')).body.items).toEqual([]);
  });

  test.each([
    ['by its name', { origin: 'http://localhost:8080' }],
    ['as a browser says it without Origin', { origin: null, 'sec-fetch-site': 'same-origin' }],
  ])('from our own pages %s pass', async (_, headers) => {
    const browser = await stage.signedIn();
    const reply = await browser.send('POST /v1/api-keys', { name: 'mine', role: 'read_only' }, headers);
    expect(reply.status).toBe(201);
  });

  test('reading needs no origin', async () => {
    const browser = await stage.signedIn();
    expect((await browser.send('GET /v1/users', undefined, { origin: null })).status).toBe(200);
  });

  test('with an API key need no origin', async () => {
    expect((await stage.withKey('POST /v1/api-keys', { name: 'script', role: 'read_only' })).status).toBe(201);
  });

  test.each([
    ['POST /v1/auth/sign-out', {}],
    ['POST /v1/auth/change-password', { currentPassword: PASSWORD, newPassword: 'another horse battery' }],
  ])('cannot %s', async (route, body) => {
    const browser = await stage.signedIn();
    const reply = await browser.send(route, body, { origin: 'https://evil.example' });
    expect([reply.status, reply.body.code]).toEqual([403, 'csrf_refused']);
    expect((await browser.send('GET /v1/me')).status).toBe(200);
  });

  test('cannot sign somebody in either', async () => {
    const reply = await stage.browser().signIn(ADMIN_EMAIL, PASSWORD, { origin: 'https://evil.example' });
    expect([reply.status, reply.body.code]).toEqual([403, 'csrf_refused']);
  });
});

test('the tables are those that Better Auth expects', async () => {
  const pool = new pg.Pool({ connectionString: stage.databaseUrl });
  const rateLimit = { ...signInTables.rateLimit, storage: 'database' as const };
  const advanced = { database: { generateId: 'uuid' as const } };
  const { options } = betterAuth({ ...signInTables, rateLimit, database: pool, advanced, baseURL: stage.url });
  const { toBeCreated, toBeAdded } = await getMigrations(options);
  await pool.end();
  expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
});

test('neither a password nor a session cookie is in the log or in the database', async () => {
  const browser = await stage.signedIn();
  await stage.browser().signIn(ADMIN_EMAIL, 'a mistyped password');
  const cookie = decodeURIComponent(browser.cookies(stage.url).get(COOKIE) ?? '');
  const { rows } = await stage.owner.pool.query(
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const dump = [stage.logged.join('\n')];
  for (const { table_name: name } of rows) {
    dump.push(JSON.stringify((await stage.owner.pool.query(`select to_jsonb(t) from public.${name} t`)).rows));
  }
  for (const secret of [PASSWORD, 'a mistyped password', cookie]) expect(dump.join('\n')).not.toContain(secret);
});
