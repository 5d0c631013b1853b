import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { record } from '../../src/api/audit/audit.service.js';
import { operator } from '../../src/api/http/request-facts.js';
import { API_ROLE, type Database, openDatabase } from '../../src/store/database.js';
import { withTenant } from '../../src/store/tenant.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';

let stage: ApiStage;
let api: Database;
const admin = () => aPrincipal(stage.ours);

beforeAll(async () => {
  stage = await openApiStage({ trustedProxies: 'loopback' });
  api = openDatabase({ url: stage.owner.pool.options.connectionString ?? '', role: API_ROLE, maxConnections: 2 });
});
afterAll(async () => {
  await api.close();
  await stage.close();
});

describe('the audit log', () => {
  test('says who did what to what, from where, with old and new values', async () => {
    const as = admin();
    const headers = { 'user-agent': 'curl/8', 'x-forwarded-for': '192.0.2.7' };
    const made = await stage.call('POST /v1/organizations', { as, headers, body: { name: 'Alder' } });
    const { id } = made.body;
    const renamed = await stage.call(`PATCH /v1/organizations/${id}`, { as, headers, body: { name: 'Birch' } });
    await stage.call(`DELETE /v1/organizations/${id}`, { as });
    const log = await stage.call(`GET /v1/audit-log?subjectType=organization&subjectId=${id}`, { as });
    const actor = { kind: 'user', id: as.id, label: as.label };
    expect(log).toMatchObject({
      status: 200,
      body: {
        items: [
          {
            action: 'organization.deleted',
            before: { name: 'Birch', externalKey: null },
            after: null,
            ip: '127.0.0.1',
          },
          {
            action: 'organization.changed',
            actor,
            subject: { type: 'organization', id },
            ip: '192.0.2.7',
            userAgent: 'curl/8',
            requestId: renamed.headers.get('x-request-id'),
            before: { name: 'Alder', externalKey: null },
            after: { name: 'Birch', externalKey: null },
          },
          { action: 'organization.created', before: null, after: { name: 'Alder', externalKey: null } },
        ],
        nextPageToken: null,
      },
    });
  });

  test('has no entry for what was refused', async () => {
    await stage.call('POST /v1/organizations', { as: admin(), body: { name: 'Twice' } });
    const refused = await stage.call('POST /v1/organizations', { as: admin(), body: { name: 'Twice' } });
    expect(refused.status).toBe(409);
    const { body } = await stage.call('GET /v1/audit-log?action=organization.created&limit=200', { as: admin() });
    const names = body.items.map((entry: { after: { name: string } }) => entry.after.name);
    expect(names.filter((name: string) => name === 'Twice')).toHaveLength(1);
  });

  test('is filtered by actor and time, and paged, newest first', async () => {
    const as = admin();
    for (const name of ['P1', 'P2', 'P3']) await stage.call('POST /v1/organizations', { as, body: { name } });
    const first = await stage.call(`GET /v1/audit-log?actorId=${as.id}&limit=2`, { as });
    expect(first.body.items.map((entry: { after: { name: string } }) => entry.after.name)).toEqual(['P3', 'P2']);
    const next = `GET /v1/audit-log?actorId=${as.id}&limit=2&pageToken=${first.body.nextPageToken}`;
    const second = await stage.call(next, { as });
    expect(second.body).toMatchObject({ items: [{ after: { name: 'P1' } }], nextPageToken: null });
    const [{ at }] = second.body.items;
    const between = await stage.call(`GET /v1/audit-log?actorId=${as.id}&from=${at}&to=${first.body.items[0].at}`, {
      as,
    });
    expect(between.body.items).toHaveLength(2);
    expect((await stage.call('GET /v1/audit-log?from=yesterday', { as })).status).toBe(422);
  });

  test('shows an account nothing of another', async () => {
    const log = await stage.call('GET /v1/audit-log', { as: aPrincipal(stage.theirs) });
    expect(log.body.items).toEqual([]);
  });

  test('takes entries without a request: of an operator', async () => {
    const { accountId } = stage.ours;
    const entry = { action: 'account.created', subject: { type: 'account', id: accountId }, after: { name: 'Acme' } };
    await withTenant(api, accountId, 'all', (tenant) => record(tenant, operator(accountId, 'root@console'), entry));
    const log = await stage.call('GET /v1/audit-log?action=account.created', { as: admin() });
    expect(log.body.items).toMatchObject([{ actor: { kind: 'operator', id: null, label: 'root@console' }, ip: null }]);
  });
});

describe('an entry can never be changed', () => {
  const statements = ['update audit_log set action = action', 'delete from audit_log', 'truncate audit_log'];

  test.each(statements)('by the owner: %s', async (statement) => {
    await expect(stage.owner.pool.query(statement)).rejects.toThrow('append-only');
  });

  test.each(statements)('by a session that plays a replica: %s', async (statement) => {
    const asReplica = `begin; set local session_replication_role = replica; ${statement}`;
    const client = await stage.owner.pool.connect();
    await expect(client.query(asReplica)).rejects.toThrow('append-only');
    await client.query('rollback');
    client.release();
  });

  test.each(statements)('by the api: %s', async (statement) => {
    await expect(api.pool.query(statement)).rejects.toThrow('permission denied');
  });

  test('and none be added for another account', async () => {
    const { accountId } = stage.ours;
    const foreign = withTenant(api, accountId, 'all', (tenant) =>
      tenant.db
        .insertInto('auditLog')
        .values({
          accountId: stage.theirs.accountId,
          actorKind: 'user',
          actorId: randomUUID(),
          actorLabel: 'x',
          action: 'x',
          subjectType: 'x',
          subjectId: 'x',
        })
        .execute(),
    );
    await expect(foreign).rejects.toThrow('row-level security');
  });

  test('but people of a single organization add theirs without reading any', async () => {
    const { accountId, organizationId } = stage.ours;
    const count = await withTenant(api, accountId, [organizationId], async (tenant) => {
      const subject = { type: 'finding', id: '1' };
      await record(tenant, { ...operator(accountId, 'x') }, { action: 'finding.closed', subject });
      return (await tenant.db.selectFrom('auditLog').selectAll().execute()).length;
    });
    expect(count).toBe(0);
  });
});
