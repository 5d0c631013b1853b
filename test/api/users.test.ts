import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_EMAIL, openSignInStage, PASSWORD, type SignInStage } from './support/sign-in-stage.js';

let stage: SignInStage;
beforeAll(async () => (stage = await openSignInStage()));
afterAll(() => stage.close());
beforeEach(() => stage.owner.kysely.deleteFrom('authRateLimits').execute());

const NOBODY = '00000000-0000-4000-8000-000000000000';
let names = 0;
const anEmail = () => `user${++names}@example.com`;

const users = async () => (await stage.withKey('GET /v1/users?limit=200')).body.items;
const rootId = async (): Promise<string> =>
  (await users()).find((user: { email: string }) => user.email === ADMIN_EMAIL).id;

describe('a role', () => {
  test('is changed in force with the next request', async () => {
    const email = anEmail();
    const id = await stage.member(email);
    const browser = await stage.signedIn(email);
    expect((await browser.send('GET /v1/users')).status).toBe(403);
    const changed = await stage.withKey(`PATCH /v1/users/${id}`, { role: 'admin' });
    expect(changed.body).toMatchObject({ id, email, name: 'Somebody', role: 'admin', organizationIds: [] });
    expect((await browser.send('GET /v1/users')).status).toBe(200);
    await stage.withKey(`PATCH /v1/users/${id}`, { role: 'read_only' });
    expect((await browser.send('GET /v1/users')).status).toBe(403);
  });

  test('of an org_user goes with organizations, which go when the role does', async () => {
    const email = anEmail();
    const id = await stage.member(email);
    const [one, two] = [await stage.anOrganization(), await stage.anOrganization()];
    const path = `PATCH /v1/users/${id}`;
    expect((await stage.withKey(path, { role: 'org_user' })).body.code).toBe('invalid_input');
    expect((await stage.withKey(path, { role: 'org_user', organizationIds: [NOBODY] })).body.code).toBe(
      'invalid_input',
    );
    expect((await stage.withKey(path, { role: 'org_user', organizationIds: [one] })).body.organizationIds).toEqual([
      one,
    ]);
    const upper = { role: 'org_user', organizationIds: [one, one.toUpperCase()] };
    expect((await stage.withKey(path, upper)).body.organizationIds).toEqual([one]);
    const browser = await stage.signedIn(email);
    expect((await browser.send('GET /v1/me')).body.organizations).toEqual([{ id: one, name: one }]);
    const both = (await stage.withKey(path, { organizationIds: [one, two, two] })).body.organizationIds;
    expect(both.toSorted()).toEqual([one, two].toSorted());
    expect((await stage.withKey(path, { role: 'org_user' })).body.organizationIds.toSorted()).toEqual(
      [one, two].toSorted(),
    );
    expect((await stage.withKey(path, { role: 'finance' })).body.organizationIds).toEqual([]);
  });

  test('of a foreign organization is refused by the database too', async () => {
    const id = await stage.member(anEmail());
    const { rows } = await stage.owner.pool.query(
      `with a as (insert into accounts (id, name) values (gen_random_uuid(), 'Other') returning id)
       insert into organizations (account_id, id, name) select id, gen_random_uuid(), 'Theirs' from a returning id`,
    );
    const foreign = rows[0].id;
    expect(
      (await stage.withKey(`PATCH /v1/users/${id}`, { role: 'org_user', organizationIds: [foreign] })).status,
    ).toBe(422);
    const write = 'insert into membership_organizations (account_id, user_id, organization_id) values ($1, $2, $3)';
    await expect(stage.owner.pool.query(write, [stage.accountId, id, foreign])).rejects.toThrow(/foreign key/);
  });
});

describe('somebody removed', () => {
  test('is out at once, and can be invited again', async () => {
    const email = anEmail();
    const id = await stage.member(email);
    const browser = await stage.signedIn(email);
    expect((await stage.withKey(`DELETE /v1/users/${id}`)).status).toBe(204);
    expect((await browser.send('GET /v1/me')).status).toBe(401);
    expect((await stage.browser().signIn(email, PASSWORD)).status).toBe(401);
    expect((await stage.owner.pool.query('select from auth_sessions where user_id = $1', [id])).rowCount).toBe(0);
    expect((await stage.withKey(`DELETE /v1/users/${id}`)).status).toBe(404);
    expect(await stage.member(email)).not.toBe(id);
  });

  test('is never the last admin', async () => {
    const root = await rootId();
    for (const id of [root, root.toUpperCase()]) {
      for (const reply of [
        await stage.withKey(`PATCH /v1/users/${id}`, { role: 'finance' }),
        await stage.withKey(`DELETE /v1/users/${id}`),
      ]) {
        expect([reply.status, reply.body.code]).toEqual([409, 'last_admin']);
      }
    }
  });

  test('two admins who remove each other at once leave one', async () => {
    const root = await rootId();
    const email = anEmail();
    const other = await stage.member(email, { role: 'admin' });
    const [a, b] = [await stage.signedIn(), await stage.signedIn(email)];
    const replies = await Promise.all([a.send(`DELETE /v1/users/${other}`), b.send(`DELETE /v1/users/${root}`)]);
    expect(
      replies
        .map(({ status }) => status)
        .toSorted()
        .at(0),
    ).toBe(204);
    const admins = (await users()).filter(({ role }: { role: string }) => role === 'admin');
    expect(admins).toHaveLength(1);
    if (admins[0].email !== ADMIN_EMAIL) await restoreRoot(admins[0].id);
  });
});

/** The other tests sign in as root. */
async function restoreRoot(otherId: string): Promise<void> {
  await stage.member(ADMIN_EMAIL, { role: 'admin' });
  await stage.withKey(`DELETE /v1/users/${otherId}`);
}

test('users are listed for admins alone, of their own account alone', async () => {
  const email = anEmail();
  const id = await stage.member(email);
  expect((await users()).map((user: { email: string }) => user.email)).toContain(email);
  const { rows } = await stage.owner.pool.query(
    "insert into accounts (id, name) values (gen_random_uuid(), 'Other') returning id",
  );
  await stage.owner.pool.query('update memberships set account_id = $1 where user_id = $2', [rows[0].id, id]);
  expect((await users()).map((user: { email: string }) => user.email)).not.toContain(email);
  expect((await stage.withKey(`PATCH /v1/users/${id}`, { role: 'admin' })).status).toBe(404);
  expect((await stage.withKey(`DELETE /v1/users/${id}`)).status).toBe(404);
});

test('what was changed is in the audit log, with old and new value', async () => {
  const id = await stage.member(anEmail());
  await stage.withKey(`PATCH /v1/users/${id}`, { role: 'finance' });
  const { items } = (await stage.withKey(`GET /v1/audit-log?subjectId=${id}`)).body;
  expect(items).toMatchObject([
    {
      action: 'user.changed',
      actor: { kind: 'api_key', label: 'bootstrap' },
      before: { role: 'read_only', organizationIds: [] },
      after: { role: 'finance', organizationIds: [] },
    },
    { action: 'invitation.accepted', actor: { kind: 'user', id } },
  ]);
});
