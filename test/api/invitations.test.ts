import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { INVITATIONS_PER_ADDRESS } from '../../src/api/auth/throttle.js';
import { ADMIN_EMAIL, openSignInStage, PASSWORD, PUBLIC_URL, type SignInStage } from './support/sign-in-stage.js';

let stage: SignInStage;
beforeAll(async () => (stage = await openSignInStage()));
afterAll(() => stage.close());
beforeEach(() => stage.owner.kysely.deleteFrom('authRateLimits').execute());

let names = 0;
const anEmail = () => `guest${++names}@example.com`;
const invite = (body: object) => stage.withKey('POST /v1/invitations', { role: 'read_only', ...body });
const tokenOf = ({ body }: { body: { link: string } }) => body.link.split('/').at(-1) ?? '';
const accept = (token: string, body: object = { name: 'Guest', password: PASSWORD }) =>
  stage.browser().send(`POST /v1/invitations/${token}/accept`, body, { origin: null });

describe('an invitation', () => {
  test('is a link that makes a user who can sign in', async () => {
    const email = anEmail();
    const organizationId = await stage.anOrganization();
    const invited = await invite({
      email: ` ${email.toUpperCase()} `,
      role: 'org_user',
      organizationIds: [organizationId],
    });
    expect(invited.status).toBe(201);
    expect(invited.body).toMatchObject({
      email,
      role: 'org_user',
      organizationIds: [organizationId],
      createdBy: 'bootstrap',
    });
    expect(Date.parse(invited.body.expiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect(Buffer.from(tokenOf(invited), 'base64url')).toHaveLength(32);
    expect(invited.body.link).toBe(`${PUBLIC_URL.origin}/invitations/${tokenOf(invited)}`);

    const accepted = await accept(tokenOf(invited));
    expect([accepted.status, accepted.body]).toEqual([201, { email }]);
    const me = await (await stage.signedIn(email)).send('GET /v1/me');
    expect(me.body).toMatchObject({ name: 'Guest', email, role: 'org_user', organizations: [{ id: organizationId }] });
  });

  test('works once, also when twenty use it at once', async () => {
    const token = tokenOf(await invite({ email: anEmail() }));
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => accept(token)))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, ...Array(19).fill(404)]);
  });

  test('is over when it is withdrawn, replaced or too old', async () => {
    const withdrawn = await invite({ email: anEmail() });
    expect((await stage.withKey(`DELETE /v1/invitations/${withdrawn.body.id}`)).status).toBe(204);
    expect((await stage.withKey(`DELETE /v1/invitations/${withdrawn.body.id}`)).status).toBe(404);
    const email = anEmail();
    const replaced = await invite({ email });
    const latest = await invite({ email, role: 'finance' });
    const old = await invite({ email: anEmail() });
    await stage.owner.pool.query("update invitations set expires_at = now() - interval '1 second' where id = $1", [
      old.body.id,
    ]);
    for (const reply of [withdrawn, replaced, old]) expect((await accept(tokenOf(reply))).body.code).toBe('not_found');
    expect((await accept(tokenOf(latest))).status).toBe(201);
  });

  test('two for the same address at once leave one', async () => {
    const email = anEmail();
    const replies = await Promise.all([invite({ email }), invite({ email }), invite({ email })]);
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201]);
    const { items } = (await stage.withKey('GET /v1/invitations?limit=200')).body;
    expect(items.filter((each: { email: string }) => each.email === email)).toHaveLength(1);
  });

  test('asks for a name and a long password, and stays good until it gets them', async () => {
    const token = tokenOf(await invite({ email: anEmail() }));
    expect((await accept(token, { name: 'Guest', password: 'elevenchars' })).status).toBe(422);
    expect((await accept(token, { name: ' ', password: PASSWORD })).status).toBe(422);
    expect((await accept(token, { name: 'Guest', password: PASSWORD, role: 'admin' })).status).toBe(422);
    expect((await accept(token)).status).toBe(201);
  });

  test.each([
    ['no address', { email: 'nobody' }],
    ['a role that nobody has', { email: 'a@example.com', role: 'root' }],
    ['org_user without organizations', { email: 'a@example.com', role: 'org_user' }],
  ])('with %s is not made', async (_, body) => {
    expect((await invite(body)).body.code).toBe('invalid_input');
  });

  test('to a member is refused; to a user of another account it is of no use, and does not say why', async () => {
    expect((await invite({ email: ADMIN_EMAIL })).body).toMatchObject({ status: 409, code: 'already_member' });
    const email = anEmail();
    const id = await stage.member(email);
    const { rows } = await stage.owner.pool.query(
      "insert into accounts (id, name) values (gen_random_uuid(), 'Other') returning id",
    );
    await stage.owner.pool.query('update memberships set account_id = $1 where user_id = $2', [rows[0].id, id]);
    const token = tokenOf(await invite({ email }));
    const [elsewhere, unknown] = [await accept(token), await accept('a-guessed-token')];
    const { instance: _, requestId: __, ...said } = elsewhere.body;
    expect(unknown.body).toMatchObject({ ...said, status: 404, code: 'not_found' });
    expect(elsewhere.text).not.toContain(email);
    expect((await (await stage.signedIn(email)).send('GET /v1/me')).body.account.name).toBe('Other');
  });
});

test('guessing links ends after a while, and works again later', async () => {
  const token = tokenOf(await invite({ email: anEmail() }));
  for (let each = 0; each < INVITATIONS_PER_ADDRESS.max; each++)
    expect((await accept(`guess${each}`)).status).toBe(404);
  const refused = await accept(token);
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await stage.owner.pool.query('update auth_rate_limits set last_request = last_request - $1', [
    INVITATIONS_PER_ADDRESS.windowSeconds * 1000,
  ]);
  expect((await accept(token)).status).toBe(201);
});

test('the token is in no list, log or table, only its hash', async () => {
  const invited = await invite({ email: anEmail() });
  const token = tokenOf(invited);
  await accept('a-guessed-token');
  const list = await stage.withKey('GET /v1/invitations?limit=200');
  const { rows } = await stage.owner.pool.query('select to_jsonb(i) i, token_sha256 from invitations i where id = $1', [
    invited.body.id,
  ]);
  const audit = await stage.withKey('GET /v1/audit-log?limit=200');
  const everything = [list.text, JSON.stringify(rows), audit.text, ...stage.logged].join('\n');
  expect(everything).not.toContain(token);
  expect(everything).not.toContain('a-guessed-token');
  expect(rows[0].token_sha256).toEqual(createHash('sha256').update(token).digest());
});
