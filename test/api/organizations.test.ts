import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockLivingOrganizations } from '../../src/store/people/organization.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { aConnection, aSite, remap } from '../support/builders.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';

let stage: ApiStage;
const admin = () => aPrincipal(stage.ours);

beforeAll(async () => {
  stage = await openApiStage();
});
afterAll(() => stage.close());

const create = (body: object, headers = {}) => stage.call('POST /v1/organizations', { as: admin(), body, headers });

async function created(name = `Created ${randomUUID()}`): Promise<{ id: string; name: string }> {
  return (await create({ name })).body;
}

describe('an organization', () => {
  test('is created, read, renamed and deleted', async () => {
    const made = await create({ name: '  Alder GmbH ', externalKey: 'C-1001' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'Alder GmbH', externalKey: 'C-1001', mappedSites: 0 });
    const { id } = made.body;

    const renamed = await stage.call(`PATCH /v1/organizations/${id}`, { as: admin(), body: { name: 'Alder AG' } });
    expect(renamed).toMatchObject({ status: 200, body: { id, name: 'Alder AG', externalKey: 'C-1001' } });
    const keyless = await stage.call(`PATCH /v1/organizations/${id}`, { as: admin(), body: { externalKey: null } });
    expect(keyless.body).toEqual({ ...renamed.body, externalKey: null });
    expect((await stage.call(`GET /v1/organizations/${id}`, { as: admin() })).body).toEqual(keyless.body);

    const deleted = await stage.call(`DELETE /v1/organizations/${id}`, { as: admin() });
    expect(deleted).toMatchObject({ status: 204, text: '' });
    for (const method of ['GET', 'DELETE']) {
      const gone = await stage.call(`${method} /v1/organizations/${id}`, { as: admin() });
      expect(gone).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect((await create({ name: 'Alder AG' })).status).toBe(201); // its name is free again
  });

  test('has a name and a key of its own', async () => {
    await create({ name: 'Birch', externalKey: 'B' });
    expect(await create({ name: 'BIRCH' })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    const sameKey = await create({ name: 'Birch 2', externalKey: 'B' });
    expect(sameKey).toMatchObject({ status: 409, body: { code: 'external_key_taken' } });
    const { id } = await created();
    const renamed = await stage.call(`PATCH /v1/organizations/${id}`, { as: admin(), body: { name: 'birch' } });
    expect(renamed).toMatchObject({ status: 409, body: { code: 'name_taken' } });
  });

  test.each([
    [{}, 'name'],
    [{ name: ' ' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ name: 'a\nb' }, 'name'],
    [{ name: '\ud800' }, 'name'],
    [{ name: 'Ok', externalKey: '' }, 'externalKey'],
    [{ name: 'Ok', color: 'red' }, ''],
  ])('is refused as %j', async (body, path) => {
    const reply = await create(body);
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_input', errors: [{ path }] } });
  });

  test('is listed by name, page by page, and found by a part of its name', async () => {
    const as = aPrincipal(stage.theirs);
    for (const name of ['Page 100%', 'Page 1', 'Page 2']) {
      await stage.call('POST /v1/organizations', { as, body: { name } });
    }
    const names: string[] = [];
    let token: string | null = '';
    while (token !== null) {
      const page = await stage.call(`GET /v1/organizations?limit=2${token && `&pageToken=${token}`}`, { as });
      names.push(...page.body.items.map(({ name }: { name: string }) => name));
      token = page.body.nextPageToken;
    }
    expect(names).toHaveLength(5);
    expect(new Set(names).size).toBe(5);
    const found = await stage.call(`GET /v1/organizations?search=${encodeURIComponent('E 100%')}`, { as });
    expect(found.body).toMatchObject({ items: [{ name: 'Page 100%' }], nextPageToken: null });
  });

  test.each(['x', '!', Buffer.from('["a"]').toString('base64url'), Buffer.from('["a","b"]').toString('base64url')])(
    'has no page after the made-up token %s',
    async (token) => {
      const reply = await stage.call(`GET /v1/organizations?pageToken=${token}`, { as: admin() });
      expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    },
  );

  test('of a single organization’s user is the only one in the list, without what is mapped', async () => {
    const list = await stage.call('GET /v1/organizations', { as: aPrincipal(stage.ours, 'org_user') });
    expect(list.body.items).toMatchObject([{ id: stage.ours.organizationId, mappedSites: null }]);
  });
});

describe('the same Idempotency-Key', () => {
  test('with the same body gives the same organization, as it is now', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await create({ name: 'Once', externalKey: null }, key);
    const again = await create({ name: ' Once' }, key);
    expect(again).toMatchObject({ status: 201, body: first.body });
    await stage.call(`PATCH /v1/organizations/${first.body.id}`, { as: admin(), body: { name: 'Once more' } });
    expect((await create({ name: 'Once' }, key)).body).toMatchObject({ id: first.body.id, name: 'Once more' });
  });

  test('with another body is refused', async () => {
    const key = { 'idempotency-key': randomUUID() };
    await create({ name: 'Reused' }, key);
    expect(await create({ name: 'Reused 2' }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  test('of an organization that was deleted finds nothing', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { body } = await create({ name: 'Short-lived' }, key);
    await stage.call(`DELETE /v1/organizations/${body.id}`, { as: admin() });
    expect(await create({ name: 'Short-lived' }, key)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('twenty times at once makes one', async () => {
    const key = { 'idempotency-key': 'twenty' };
    const replies = await Promise.all(Array.from({ length: 20 }, () => create({ name: 'Twenty' }, key)));
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
  });

  test('is free again after a refusal, after a day, and for another account', async () => {
    await create({ name: 'Taken' });
    const key = { 'idempotency-key': 'refused' };
    expect((await create({ name: 'Taken' }, key)).status).toBe(409);
    expect((await create({ name: 'Not taken' }, key)).status).toBe(201);

    await stage.owner.kysely
      .updateTable('idempotencyKeys')
      .set({ createdAt: new Date(Date.now() - 25 * 3_600_000).toISOString() })
      .where('key', '=', 'refused')
      .execute();
    expect((await create({ name: 'A day later' }, key)).status).toBe(201);

    const as = aPrincipal(stage.theirs);
    const theirs = await stage.call('POST /v1/organizations', { as, body: { name: 'Theirs' }, headers: key });
    expect(theirs.status).toBe(201);
  });

  test.each(['x'.repeat(256), 'a b', 'é'])('is refused as %s', async (key) => {
    expect((await create({ name: `Key ${key.length}` }, { 'idempotency-key': key })).status).toBe(422);
  });
});

describe('deletion', () => {
  test('is refused while a site is mapped to it, and says how many', async () => {
    const { id } = await created();
    const connection = await aConnection(stage.owner, { account: stage.ours });
    const siteId = await aSite(stage.owner, connection, { siteId: '1', organizationId: id });
    const read = await stage.call(`GET /v1/organizations/${id}`, { as: admin() });
    expect(read.body.mappedSites).toBe(1);
    const refused = await stage.call(`DELETE /v1/organizations/${id}`, { as: admin() });
    expect(refused).toMatchObject({ status: 409, body: { code: 'organization_in_use', mappedSites: 1 } });
    await remap(stage.owner, connection, [{ siteId, organizationId: null }]);
    expect((await stage.call(`DELETE /v1/organizations/${id}`, { as: admin() })).status).toBe(204);
  });

  test('is refused while a living connection defaults to it', async () => {
    const [live, gone] = [await created(), await created()];
    const account = (organizationId: string) => ({ accountId: stage.ours.accountId, organizationId });
    const { connectionId } = await aConnection(stage.owner, { account: account(live.id) });
    await aConnection(stage.owner, { account: account(gone.id), state: 'disconnected' });
    expect(await stage.call(`DELETE /v1/organizations/${live.id}`, { as: admin() })).toMatchObject({
      status: 409,
      body: { code: 'organization_in_use', defaultOfConnections: [{ id: connectionId }] },
    });
    expect((await stage.call(`DELETE /v1/organizations/${gone.id}`, { as: admin() })).status).toBe(204);
  });

  test('waits for a mapping in progress and then sees it', async () => {
    const { id } = await created();
    const connection = await aConnection(stage.owner, { account: stage.ours });
    await aSite(stage.owner, connection, { siteId: '2' });
    const { accountId, connectionId } = connection;
    let deletion: Promise<{ status: number }> | undefined;
    await withTenant(stage.owner, accountId, 'all', async (tenant) => {
      expect(await lockLivingOrganizations(tenant, [id])).toEqual([]);
      deletion = stage.call(`DELETE /v1/organizations/${id}`, { as: admin() });
      await expect.poll(() => waitingForALock(), { timeout: 10_000 }).toBe(true);
      const mapping = { accountId, connectionId, siteId: '2', organizationId: id };
      await tenant.db.insertInto('siteMappings').values(mapping).execute();
    });
    expect((await deletion)?.status).toBe(409);
  });
});

async function waitingForALock(): Promise<boolean> {
  const { rows } = await stage.owner.pool.query(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length > 0;
}
