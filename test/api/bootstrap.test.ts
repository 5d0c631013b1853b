import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bootstrap, bootstrap } from '../../src/api/auth/bootstrap.js';
import { Secret } from '../../src/domain/secret.js';
import { openApiDatabase } from '../../src/store/api-database.js';
import { ADMIN_EMAIL, API_KEY, openSignInStage, PASSWORD } from './support/sign-in-stage.js';

let stage: Awaited<ReturnType<typeof openSignInStage>>;
beforeAll(async () => (stage = await openSignInStage()));
afterAll(() => stage.close());

const wanted = (changes: Partial<Bootstrap> = {}): Bootstrap => ({
  account: 'Acme',
  admin: { email: ADMIN_EMAIL, password: new Secret(PASSWORD) },
  apiKey: { key: API_KEY.key, secret: new Secret(API_KEY.secret) },
  ...changes,
});

async function anotherAccount(name: string): Promise<string> {
  const { rows } = await stage.owner.pool.query(
    'insert into accounts (id, name) values (gen_random_uuid(), $1) returning id',
    [name],
  );
  return rows[0].id;
}

async function nameOf(accountId: string): Promise<string> {
  const { rows } = await stage.owner.pool.query('select name from accounts where id = $1', [accountId]);
  return rows[0].name;
}

describe('bootstrap', () => {
  test('makes an account with an admin and a key that work', async () => {
    expect((await stage.withKey('GET /v1/me')).body).toMatchObject({ role: 'admin', account: { name: 'Acme' } });
    const me = await (await stage.signedIn()).send('GET /v1/me');
    expect(me.body).toMatchObject({ name: 'root', role: 'admin', account: { name: 'Acme' } });
  });

  test('again changes nothing, not even another password or secret', async () => {
    const again = wanted({
      admin: { email: ADMIN_EMAIL, password: new Secret('another password') },
      apiKey: { key: API_KEY.key, secret: new Secret('another secret') },
    });
    expect(await bootstrap(stage.owner, again)).toEqual({ accountId: stage.accountId, admin: 'kept', apiKey: 'kept' });
    expect((await stage.browser().signIn(ADMIN_EMAIL, PASSWORD)).status).toBe(200);
    expect((await stage.withKey('GET /v1/me')).status).toBe(200);
  });

  test('makes what is missing', async () => {
    const more = wanted({ admin: { email: 'second@example.com', password: new Secret(PASSWORD) } });
    expect(await bootstrap(stage.owner, more)).toEqual({ accountId: stage.accountId, admin: 'made', apiKey: 'kept' });
    expect(await bootstrap(stage.owner, { account: 'Acme' })).toMatchObject({ admin: null, apiKey: null });
  });

  test('leaves what belongs to another account where it is', async () => {
    const { accountId, ...made } = await bootstrap(stage.owner, wanted({ account: 'Another' }));
    expect(accountId).not.toBe(stage.accountId);
    expect(made).toEqual({ admin: 'elsewhere', apiKey: 'elsewhere' });
    expect((await stage.withKey('GET /v1/me')).body.account.name).toBe('Acme');
  });

  test('knows its account by what it has made, not by a name that others can take', async () => {
    const [mine, theirs] = [await bootstrap(stage.owner, { account: 'Operator' }), await anotherAccount('Tenant')];
    const rename = (id: string, name: string) =>
      stage.owner.kysely.updateTable('accounts').set({ name }).where('id', '=', id).execute();
    await rename(mine.accountId, 'Operator, renamed');
    await rename(theirs, 'Operator');
    const again = await bootstrap(stage.owner, {
      account: 'Operator',
      admin: { email: 'operator@example.com', password: new Secret(PASSWORD) },
      apiKey: { key: 'operator', secret: new Secret(API_KEY.secret) },
    });
    expect(again).toEqual({ accountId: mine.accountId, admin: 'made', apiKey: 'made' });
    const first = await bootstrap(stage.owner, { account: await nameOf(theirs) });
    expect(first.accountId).toBe(mine.accountId);
  });

  test('makes its own account beside one of the same name that it has not made', async () => {
    const theirs = await anotherAccount('Squatted');
    const { accountId } = await bootstrap(stage.owner, { account: 'Squatted' });
    expect(accountId).not.toBe(theirs);
    expect(await bootstrap(stage.owner, { account: 'Squatted' })).toMatchObject({ accountId });
  });

  test('an admin who was removed stays out, and a key that was revoked too', async () => {
    const email = 'leaver@example.com';
    const leaving = wanted({ admin: { email, password: new Secret(PASSWORD) } });
    expect(await bootstrap(stage.owner, leaving)).toMatchObject({ admin: 'made' });
    const { items } = (await stage.withKey('GET /v1/users?limit=200')).body;
    const { id } = items.find((user: { email: string }) => user.email === email);
    expect((await stage.withKey(`DELETE /v1/users/${id}`)).status).toBe(204);
    expect(await bootstrap(stage.owner, leaving)).toMatchObject({ admin: 'removed' });
    expect((await stage.browser().signIn(email, PASSWORD)).status).toBe(401);

    const spare = { key: 'spare', secret: 'another-secret-of-the-operator-32' };
    const withSpare = wanted({ apiKey: { key: spare.key, secret: new Secret(spare.secret) } });
    expect(await bootstrap(stage.owner, withSpare)).toMatchObject({ apiKey: 'made' });
    const keys = (await stage.withKey('GET /v1/api-keys?limit=200')).body.items;
    const revoked = keys.find(({ key }: { key: string }) => key === spare.key);
    expect((await stage.withKey(`DELETE /v1/api-keys/${revoked.id}`)).status).toBe(204);
    expect(await bootstrap(stage.owner, withSpare)).toMatchObject({ apiKey: 'kept' });
    expect((await stage.withKey('GET /v1/me', undefined, spare)).status).toBe(401);
  });

  test('twenty at once make one of each', async () => {
    const same = wanted({
      account: 'Busy',
      admin: { email: 'busy@example.com', password: new Secret(PASSWORD) },
      apiKey: { key: 'busy', secret: new Secret(API_KEY.secret) },
    });
    const reports = await Promise.all(Array.from({ length: 20 }, () => bootstrap(stage.owner, same)));
    expect(new Set(reports.map(({ accountId }) => accountId)).size).toBe(1);
    expect(reports.filter(({ admin }) => admin === 'made')).toHaveLength(1);
    expect(reports.filter(({ apiKey }) => apiKey === 'made')).toHaveLength(1);
  });

  test('is in the audit log, as the operator', async () => {
    const { items } = (await stage.withKey('GET /v1/audit-log?limit=200')).body;
    expect(items).toContainEqual(
      expect.objectContaining({ action: 'user.created', actor: { kind: 'operator', id: null, label: 'bootstrap' } }),
    );
  });
});

describe("the api's role", () => {
  const asApi = async (sql: string, values: readonly unknown[] = []) => {
    const api = openApiDatabase({ url: stage.database.apiUrl, maxConnections: 1 });
    try {
      return (await api.pool.query(sql, [...values])).rows;
    } finally {
      await api.close();
    }
  };

  test.each(['memberships', 'api_keys', 'invitations', 'membership_organizations', 'api_key_organizations'])(
    'sees no row of %s before it has said for which account',
    async (table) => {
      expect(await asApi(`select * from ${table}`)).toEqual([]);
    },
  );

  test('finds a key by its public id, and nothing without one', async () => {
    expect(await asApi('select name from find_api_key($1)', [API_KEY.key])).toEqual([{ name: 'bootstrap' }]);
    expect(await asApi('select name from find_api_key($1)', ['%'])).toEqual([]);
    expect(await asApi('select name from find_api_key(null)')).toEqual([]);
  });

  test.each(['bootstrapped_accounts', 'bootstrapped_admins'])('neither reads nor writes %s', async (table) => {
    await expect(asApi(`select * from ${table}`)).rejects.toThrow(/permission denied/);
    await expect(asApi(`delete from ${table}`)).rejects.toThrow(/permission denied/);
  });

  test('cannot change a secret, an owner or an end of a key', async () => {
    for (const column of ['secret_sha256', 'account_id', 'expires_at', 'role']) {
      await expect(asApi(`update api_keys set ${column} = null`)).rejects.toThrow(/permission denied/);
    }
  });
});
