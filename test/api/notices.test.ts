// Notices open with their cause and go with it, whoever learns of it first; never two for one subject.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reconcileNotices } from '../../src/store/connections/notice.repository.js';
import { openDatabase } from '../../src/store/database.js';
import { withTenant } from '../../src/store/tenant.js';
import { aPrincipal } from './support/api-stage.js';
import { type ConnectedStage, eventually, openConnectedStage, type Partner } from './support/connected-stage.js';

let stage: ConnectedStage;
beforeAll(async () => {
  stage = await openConnectedStage();
  await stage.startWorker();
});
afterAll(() => stage[Symbol.asyncDispose]());

const DAY_MS = 24 * 3600_000;

interface Notice {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly state: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly details: Readonly<Record<string, unknown>>;
  readonly resolvedAt: string | null;
}

const open = async (partner: Partner): Promise<Notice[]> =>
  (await partner.call('GET /v1/notices?state=open')).body.items;
const kinds = async (partner: Partner) =>
  (await open(partner)).map(({ kind, severity }) => `${kind} ${severity}`).sort();
const becomes = (partner: Partner, expected: readonly string[]) =>
  eventually(
    () => kinds(partner),
    (now) => JSON.stringify(now) === JSON.stringify([...expected].sort()),
  );
const connected = async () => {
  const partner = await (await stage.partner()).connect();
  const { organizationId } = partner.account;
  await partner.map({ 0: organizationId, 1: organizationId, 2: organizationId });
  return partner;
};

test('a token that expires is announced ever more urgently, in one notice, and a new one resolves it', async () => {
  const partner = await connected();
  const { simulator } = partner;
  const expire = (days: number) =>
    simulator.control.setTokenExpiry({
      token: simulator.token,
      expiresAt: new Date(Date.now() + days * DAY_MS).toISOString(),
    });
  expect(await open(partner)).toEqual([]);
  const ids = new Set<string>();
  for (const [days, severity] of [
    [29, 'low'],
    [6, 'high'],
    [0.5, 'critical'],
  ] as const) {
    expire(days);
    expect((await partner.on('POST /recheck')).status).toBe(200);
    await becomes(partner, [`token_expiring ${severity}`]);
    for (const { id } of await open(partner)) ids.add(id);
  }
  expect(ids.size).toBe(1);
  const fresh = simulator.control.regenerateToken({ token: simulator.token });
  expect((await partner.on('POST /token', { body: { apiToken: fresh.token } })).status).toBe(200);
  await becomes(partner, []);
  const resolved = (await partner.call('GET /v1/notices?state=resolved')).body.items as Notice[];
  // Between the two tokens a poll may have met the dead one, which is a notice of its own.
  expect(resolved.find(({ kind }) => kind === 'token_expiring')).toMatchObject({
    id: [...ids][0],
    state: 'resolved',
    resolvedAt: expect.stringMatching(/Z$/) as string,
  });
});

test('a rejected token is critical until it works again', async () => {
  const partner = await connected();
  partner.simulator.control.revokeToken({ token: partner.simulator.token });
  await becomes(partner, ['token_rejected critical']);
  partner.simulator.control.restoreToken({ token: partner.simulator.token });
  await partner.on('POST /recheck');
  await becomes(partner, []);
});

test('missing permissions are named, and syslog that somebody took over is told', async () => {
  const partner = await connected();
  const { control, token, state } = partner.simulator;
  const scopeId = state.world.accounts[0]?.id ?? '';
  control.setSyslogTaken({ scopeId, taken: true });
  control.setPermissions({ token, permissions: { 'Accounts.view': false } });
  await partner.on('POST /recheck');
  await becomes(partner, ['permission_missing critical', 'syslog_taken high']);
  const named = (await open(partner)).find(({ kind }) => kind === 'permission_missing');
  expect(named).toMatchObject({
    details: { permissions: ['Accounts (View)'] },
    subject: { type: 'connection', id: partner.connectionId },
    title: expect.stringContaining('permissions') as string,
    helpUrl: '/help/setup-sentinelone#permissions',
  });
  control.setPermissions({ token, permissions: { 'Accounts.view': true } });
  control.setSyslogTaken({ scopeId, taken: false });
  await partner.on('POST /recheck');
  await becomes(partner, []);
});

test('each new site with licenses is announced until it is mapped', async () => {
  const partner = await connected();
  const { control } = partner.simulator;
  const [first, second] = ['Dunmore', 'Évora'].map(
    (name) => control.addSite({ name, agents: 2, announce: false }).siteId,
  );
  control.addSite({ name: 'Empty', announce: false });
  await partner.on('POST /sync-sites');
  await becomes(partner, ['site_unmapped low', 'site_unmapped low']);
  expect(new Set((await open(partner)).map(({ subject }) => subject.id))).toEqual(new Set([first, second]));
  const { organizationId } = partner.account;
  await partner.on('PUT /mapping', { body: { version: 1, changes: [{ siteId: first, organizationId }] } });
  await becomes(partner, ['site_unmapped low']);
  await partner.on('PUT /mapping', { body: { version: 2, changes: [{ siteId: first, organizationId: null }] } });
  await becomes(partner, ['site_unmapped low', 'site_unmapped low']);
});

test('an outage is told when it has lasted, and resolved by the first good poll', async () => {
  const partner = await connected();
  const { query } = poolOf(stage);
  partner.simulator.control.addFault({ pathPrefix: '/activities', status: 503, requests: 4 });
  await eventually(partner.view, ({ failureCode }) => failureCode === 's1.unavailable');
  await query(
    `update connections set degraded_since = now() - interval '20 minutes', consecutive_failures = 3 where id = $1`,
    [partner.connectionId],
  );
  await partner.on('POST /sync-sites');
  await becomes(partner, ['degraded high']);
  expect(await partner.view()).toMatchObject({
    degradedSince: expect.any(String) as string,
    nextTryAt: expect.any(String) as string,
  });
  await partner.on('POST /pause');
  partner.simulator.control.clearFaults();
  await partner.on('POST /resume');
  await becomes(partner, []);
}, 60_000);

test('what was rejected is news for a week', async () => {
  const partner = await connected();
  const { query } = poolOf(stage);
  const ids = [partner.account.accountId, partner.connectionId];
  await query(
    `insert into rejects (account_id, connection_id, s1_account_id, sha256, reason, raw) values ($1, $2, '1', '\\x01', 'no_id', '{}')`,
    ids,
  );
  await query('update connections set rejected_count = 1 where account_id = $1 and id = $2', ids);
  await partner.on('POST /sync-sites');
  await becomes(partner, ['rejects_seen low']);
  await query(
    `update rejects set received_at = now() - interval '8 days' where account_id = $1 and connection_id = $2`,
    ids,
  );
  await partner.on('POST /sync-sites');
  await becomes(partner, []);
});

test('twenty that learn of it at once open one, and a disconnected connection has none', async () => {
  const partner = await connected();
  const { query } = poolOf(stage);
  await query('update connections set syslog_taken = true where id = $1', [partner.connectionId]);
  const database = openDatabase({ url: stage.api.databaseUrl, maxConnections: 20 });
  const { accountId } = partner.account;
  await Promise.all(
    Array.from({ length: 20 }, () =>
      withTenant(database, accountId, 'all', (tenant) => reconcileNotices(tenant, partner.connectionId)),
    ),
  );
  await database.close();
  expect(await kinds(partner)).toEqual(['syslog_taken high']);
  await partner.on('DELETE ');
  await becomes(partner, []);
});

test('are the account’s: its roles read them a page at a time, an organization sees none', async () => {
  const partner = await connected();
  const { query } = poolOf(stage);
  await query('update connections set syslog_taken = true where id = $1', [partner.connectionId]);
  partner.simulator.control.addSite({ name: 'Dunmore', agents: 2, announce: false });
  await partner.on('POST /sync-sites');
  await becomes(partner, ['syslog_taken high', 'site_unmapped low']);
  for (const role of ['security_engineer', 'finance', 'read_only'] as const) {
    const { body } = await partner.call('GET /v1/notices', { as: partner.as(role) });
    expect(body.items).toHaveLength(2);
  }
  const first = await partner.call('GET /v1/notices?limit=1');
  const second = await partner.call(`GET /v1/notices?limit=1&pageToken=${first.body.nextPageToken}`);
  expect(second.body.items[0].id).not.toBe(first.body.items[0].id);
  expect(second.body.nextPageToken).toBeNull();
  expect((await partner.call('GET /v1/notices', { as: partner.as('org_user') })).body.items).toEqual([]);
  expect((await stage.api.call('GET /v1/notices', { as: aPrincipal(stage.api.ours) })).body.items).toEqual([]);
});

const poolOf = ({ api }: ConnectedStage) => ({
  query: (sql: string, values: unknown[]) => api.owner.pool.query(sql, values),
});
