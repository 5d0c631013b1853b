import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY, openSignInStage, type SignInStage } from './support/sign-in-stage.js';

let stage: SignInStage;
beforeAll(async () => (stage = await openSignInStage()));
afterAll(() => stage.close());

const NOBODY = '00000000-0000-4000-8000-000000000000';

const aKey = async (body: object = { role: 'read_only' }) =>
  (await stage.withKey('POST /v1/api-keys', { name: 'script', ...body })).body;

describe('an API key', () => {
  test('is shown with its secret once, and never again', async () => {
    const created = await stage.withKey('POST /v1/api-keys', { name: ' nightly export ', role: 'finance' });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'nightly export',
      role: 'finance',
      organizationIds: [],
      createdBy: 'bootstrap',
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
    });
    expect(Buffer.from(created.body.secret, 'base64url')).toHaveLength(32);
    const { secret, ...rest } = created.body;
    const list = await stage.withKey('GET /v1/api-keys?limit=200');
    expect(list.body.items).toContainEqual(rest);
    expect(list.text).not.toContain(secret);
  });

  test('acts with its role, and says what it is', async () => {
    const key = await aKey({ role: 'finance' });
    const me = await stage.withKey('GET /v1/me', undefined, key);
    expect(me.body).toMatchObject({ kind: 'api_key', id: key.id, name: 'script', email: null, role: 'finance' });
    expect((await stage.withKey('GET /v1/api-keys', undefined, key)).body.code).toBe('forbidden');
  });

  test('of an org_user sees its organizations', async () => {
    const [mine] = [await stage.anOrganization(), await stage.anOrganization()];
    const key = await aKey({ role: 'org_user', organizationIds: [mine] });
    expect((await stage.withKey('GET /v1/me', undefined, key)).body.organizations).toEqual([{ id: mine, name: mine }]);
    await stage.owner.kysely
      .updateTable('organizations')
      .set({ deletedAt: new Date().toISOString() })
      .where('id', '=', mine)
      .execute();
    expect((await stage.withKey('GET /v1/me', undefined, key)).body.organizations).toEqual([]);
  });

  test('is made once for one Idempotency-Key; a repeated answer has no secret', async () => {
    const again = async () => {
      const authorization = `Basic ${btoa(`${API_KEY.key}:${API_KEY.secret}`)}`;
      const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'the-same' };
      const body = JSON.stringify({ name: 'once', role: 'read_only' });
      return (await fetch(`${stage.url}/v1/api-keys`, { method: 'POST', headers, body })).json();
    };
    const [first, second] = [await again(), await again()];
    expect(second).toEqual(Object.assign({}, first, { secret: null }));
  });

  test.each([
    ['a role that nobody has', { role: 'root' }],
    ['org_user without organizations', { role: 'org_user' }],
    ['organizations beside another role', { role: 'finance', organizationIds: [NOBODY] }],
    ['an organization that is not there', { role: 'org_user', organizationIds: [NOBODY] }],
    ['an end in the past', { role: 'finance', expiresAt: '2020-01-01T00:00:00Z' }],
    ['no name', { role: 'finance', name: ' ' }],
    ['a field that is none', { role: 'finance', secret: 'mine' }],
  ])('with %s is not made', async (_, body) => {
    const reply = await stage.withKey('POST /v1/api-keys', { name: 'script', ...body });
    expect([reply.status, reply.body.code]).toEqual([422, 'invalid_input']);
  });
});

describe('an API key is refused', () => {
  const refusal = async (apiKey: { key: string; secret: string }) => {
    const { status, body, headers } = await stage.withKey('GET /v1/me', undefined, apiKey);
    expect(headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    return { status, code: body.code, detail: body.detail };
  };
  const REFUSED = { status: 401, code: 'unauthenticated', detail: 'this API key is not valid' };

  test('in the same words whether it is unknown, or its secret is wrong, or it is revoked or expired', async () => {
    const { body: soon } = await stage.withKey('POST /v1/api-keys', {
      name: 'x',
      role: 'finance',
      expiresAt: '2099-01-01T00:00:00Z',
    });
    await stage.owner.pool.query("update api_keys set expires_at = now() - interval '1 second' where id = $1", [
      soon.id,
    ]);
    const revoked = await aKey();
    expect((await stage.withKey('GET /v1/me', undefined, revoked)).status).toBe(200);
    expect((await stage.withKey(`DELETE /v1/api-keys/${revoked.id}`)).status).toBe(204);
    expect(await refusal({ key: 'unknown', secret: API_KEY.secret })).toEqual(REFUSED);
    expect(await refusal({ key: API_KEY.key, secret: `${API_KEY.secret}x` })).toEqual(REFUSED);
    expect(await refusal(soon)).toEqual(REFUSED);
    expect(await refusal(revoked)).toEqual(REFUSED);
  });

  test.each([
    ['no scheme', 'boot:a-secret-of-the-operator'],
    ['another scheme', 'Bearer abc'],
    ['nothing after the scheme', 'Basic '],
    ['no base64', 'Basic ***'],
    ['no colon', `Basic ${btoa('boot')}`],
    ['no key', `Basic ${btoa(':secret')}`],
    ['no secret', `Basic ${btoa('boot:')}`],
    ['a NUL', `Basic ${btoa('bo\0ot:secret')}`],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x41]).toString('base64')}`],
    ['a key without end', `Basic ${btoa(`${'k'.repeat(500)}:s`)}`],
  ])('when the header holds %s', async (_, authorization) => {
    const reply = await fetch(`${stage.url}/v1/me`, { headers: { authorization } });
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  test('although a session cookie is good', async () => {
    const browser = await stage.signedIn();
    expect((await browser.send('GET /v1/me', undefined, { authorization: 'Bearer abc' })).status).toBe(401);
  });
});

describe('the use of an API key', () => {
  const lastUse = async (id: string) => {
    const { rows } = await stage.owner.pool.query('select last_used_at, xmin::text from api_keys where id = $1', [id]);
    return rows[0];
  };

  test('is noted at most once a minute, however many use it at once', async () => {
    const key = await aKey();
    const uses = Array.from({ length: 20 }, () => stage.withKey('GET /v1/me', undefined, key));
    expect((await Promise.all(uses)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    const first = await lastUse(key.id);
    expect(first.last_used_at).not.toBeNull();
    await stage.withKey('GET /v1/me', undefined, key);
    expect(await lastUse(key.id)).toEqual(first);
    await stage.owner.pool.query("update api_keys set last_used_at = now() - interval '61 seconds' where id = $1", [
      key.id,
    ]);
    await stage.withKey('GET /v1/me', undefined, key);
    expect((await lastUse(key.id)).last_used_at >= first.last_used_at).toBe(true);
  });

  test('with a wrong secret is not noted', async () => {
    const key = await aKey();
    await stage.withKey('GET /v1/me', undefined, { ...key, secret: 'wrong' });
    expect((await lastUse(key.id)).last_used_at).toBeNull();
  });
});

describe('the list of API keys', () => {
  test('pages without losing or repeating one', async () => {
    await Promise.all([aKey(), aKey(), aKey()]);
    const all = (await stage.withKey('GET /v1/api-keys?limit=200')).body.items;
    const paged: unknown[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { body } = await stage.withKey(`GET /v1/api-keys?limit=2${next === '' ? '' : `&pageToken=${next}`}`);
      paged.push(...body.items);
      next = body.nextPageToken;
    }
    expect(paged).toEqual(all);
    const madeUp = Buffer.from('["never","mind"]').toString('base64url');
    expect((await stage.withKey(`GET /v1/api-keys?pageToken=${madeUp}`)).body.code).toBe('invalid_input');
  });

  test('is of one account', async () => {
    const foreign = await aKey();
    const { rows } = await stage.owner.pool.query(
      "insert into accounts (id, name) values (gen_random_uuid(), 'Other') returning id",
    );
    await stage.owner.pool.query('update api_keys set account_id = $1 where id = $2', [rows[0].id, foreign.id]);
    expect((await stage.withKey('GET /v1/api-keys?limit=200')).text).not.toContain(foreign.id);
    expect((await stage.withKey(`DELETE /v1/api-keys/${foreign.id}`)).body.code).toBe('not_found');
    expect((await stage.withKey('GET /v1/me', undefined, foreign)).body.account.name).toBe('Other');
  });
});

test('revoking twice is no error, and a key that was never there is', async () => {
  const { id } = await aKey();
  expect((await stage.withKey(`DELETE /v1/api-keys/${id}`)).status).toBe(204);
  expect((await stage.withKey(`DELETE /v1/api-keys/${id}`)).status).toBe(204);
  expect((await stage.withKey(`DELETE /v1/api-keys/${NOBODY}`)).status).toBe(404);
});

test('no secret is in the log, the audit log or the database', async () => {
  const { secret, id } = await aKey();
  await stage.withKey('GET /v1/me', undefined, { key: 'unknown', secret: 'a-mistyped-secret' });
  const { rows } = await stage.owner.pool.query('select to_jsonb(k) k from api_keys k');
  const audit = await stage.withKey('GET /v1/audit-log?limit=200');
  expect(audit.body.items).toContainEqual(
    expect.objectContaining({ action: 'api_key.created', subject: { type: 'api_key', id } }),
  );
  const everything = [JSON.stringify(rows), audit.text, ...stage.logged].join('\n');
  for (const text of [secret, API_KEY.secret, 'a-mistyped-secret']) expect(everything).not.toContain(text);
});
