// Connections over HTTP, with a real workflow, worker and console behind them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPrincipal } from './support/api-stage.js';
import { type ConnectedStage, eventually, openConnectedStage, type Partner } from './support/connected-stage.js';

let stage: ConnectedStage;
beforeAll(async () => {
  stage = await openConnectedStage();
  await stage.startWorker();
});
afterAll(() => stage[Symbol.asyncDispose]());

const DAY_MS = 24 * 3600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const SENTENCE = 'Unable to create SentinelOne data source: ';

describe('creating', () => {
  test('gives the connection as it is, awaiting its mapping', async () => {
    const partner = await stage.partner();
    const reply = await partner.create();
    expect(reply).toMatchObject({
      status: 201,
      body: {
        name: 'Northwind',
        consoleUrl: partner.simulator.url,
        state: 'awaiting_mapping',
        pauseReasons: [],
        refusal: null,
        defaultOrganizationId: partner.account.organizationId,
        sentinelOneAccount: { name: 'Northwind MSP' },
        token: { lastFour: partner.simulator.token.slice(-4) },
        counts: { stored: 0, discarded: 0, rejected: 0, sites: 3, mappedSites: 0 },
      },
    });
    expect(reply.headers.get('location')).toBe(`/v1/connections/${reply.body.id}`);
    expect(reply.text).not.toContain(partner.simulator.token);
    const list = await partner.call('GET /v1/connections');
    expect(list.body).toEqual({ items: [reply.body], nextPageToken: null });
    const audit = await partner.call('GET /v1/audit-log');
    const { url, token } = partner.simulator;
    expect(audit.body.items).toMatchObject([
      {
        action: 'connection.created',
        subject: { id: reply.body.id },
        before: null,
        after: { name: 'Northwind', consoleUrl: url, token: { lastFour: token.slice(-4) }, collectFrom: null },
      },
    ]);
    expect(audit.text).not.toContain(partner.simulator.token);
  });

  test.each<[string, string, string, (partner: Partner) => object | undefined]>([
    ['a dead token', 's1.token_rejected', 'Invalid API token', () => ({ apiToken: 'x'.repeat(80) })],
    ['an empty token', 's1.token_rejected', 'Invalid API token', () => ({ apiToken: '  ' })],
    [
      'another address',
      's1.address_refused',
      'Not a SentinelOne console address',
      () => ({ consoleUrl: 'https://evil.example' }),
    ],
    [
      'syslog in use',
      's1.syslog_in_use',
      'Syslog already setup',
      ({ simulator }) =>
        void simulator.control.setSyslogTaken({ scopeId: simulator.state.world.accounts[0]?.id ?? '', taken: true }),
    ],
    [
      'a missing permission',
      's1.permission_missing',
      'Insufficient permissions',
      ({ simulator }) =>
        void simulator.control.setPermissions({ token: simulator.token, permissions: { 'Sites.view': false } }),
    ],
  ])('is refused for %s with the exact sentence, and nothing is listed', async (_, code, reason, prepare) => {
    const partner = await stage.partner();
    const reply = await partner.create(prepare(partner));
    expect(reply).toMatchObject({ status: 422, body: { code, detail: `${SENTENCE}${reason}`, reason } });
    expect(reply.body.whatToDo).toMatch(/\w/);
    expect(reply.body.helpUrl).toMatch(/^\/help\/setup-sentinelone#[\w-]+$/);
    const missing = (reply.body.permissions ?? []).filter((line: { status: string }) => line.status === 'missing');
    expect(missing.map((line: { name: string }) => line.name)).toEqual(
      code === 's1.permission_missing' ? ['Sites (View)'] : [],
    );
    expect((await partner.call('GET /v1/connections')).body.items).toEqual([]);
  });

  test('says which field is wrong', async () => {
    const partner = await stage.partner();
    const unknown = await partner.create({ defaultOrganizationId: stage.api.theirs.organizationId });
    expect(unknown).toMatchObject({ status: 422, body: { code: 'mapping_unknown_organization' } });
    const old = await partner.create({ collectFrom: ago(400 * DAY_MS) });
    expect(old).toMatchObject({ status: 422, body: { code: 'collect_from_too_old' } });
    expect(await partner.create({ surprise: 1 })).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  });

  test('twenty times at once with one key makes one connection and one entry in the audit log', async () => {
    const partner = await stage.partner();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => partner.create({}, { 'idempotency-key': 'monday-1' })),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    expect((await partner.call('GET /v1/connections')).body.items).toHaveLength(1);
    const audit = await partner.call('GET /v1/audit-log?action=connection.created');
    expect(audit.body.items).toHaveLength(1);
    const other = await partner.create({ name: 'Other' }, { 'idempotency-key': 'monday-1' });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  test('twenty times at once for one SentinelOne account makes one, and the rest get the named error', async () => {
    const partner = await stage.partner();
    const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => partner.create({ name: `Number ${n}` })));
    const refused = replies.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(19);
    for (const { status, body } of refused) {
      expect({ status, code: body.code, detail: body.detail }).toEqual({
        status: 422,
        code: 's1.already_connected',
        detail: `${SENTENCE}This SentinelOne account is already connected`,
      });
    }
    expect((await partner.call('GET /v1/connections')).body.items).toHaveLength(1);
    const { rows } = await stage.api.owner.pool.query(
      'select count(*)::int as tokens from credentials where account_id = $1 and token_jwe is not null',
      [partner.account.accountId],
    );
    expect(rows).toEqual([{ tokens: 1 }]);
  });

  test('a refused creation is refused again under its key, and shown by its id', async () => {
    const partner = await stage.partner();
    const headers = { 'idempotency-key': 'refused-1' };
    const first = await partner.create({ apiToken: 'y'.repeat(80) }, headers);
    const second = await partner.create({ apiToken: 'y'.repeat(80) }, headers);
    expect(second).toMatchObject({ status: 422, body: { code: 's1.token_rejected', detail: first.body.detail } });
    const { rows } = await stage.api.owner.pool.query('select id from connections where account_id = $1', [
      partner.account.accountId,
    ]);
    expect(rows).toHaveLength(1);
    const shown = await partner.call(`GET /v1/connections/${rows[0]?.id}`);
    expect(shown).toMatchObject({
      status: 200,
      body: { state: 'refused', refusal: { code: 's1.token_rejected', message: first.body.detail } },
    });
  });
});

describe('a connection', () => {
  let partner: Partner;
  beforeAll(async () => {
    partner = await (
      await stage.partner({ historyRows: 60, historyWindowMs: 600_000 })
    ).connect({ collectFrom: ago(620_000) });
  });

  test('shows its sites with license counts and suggestions, which nothing applies', async () => {
    await partner.call('POST /v1/organizations', { body: { name: 'ALDER Dental Group, Inc.' } });
    await partner.call('POST /v1/organizations', { body: { name: 'Cobalt & Sons' } });
    const reply = await partner.on('GET /sites');
    expect(reply.body).toMatchObject({
      version: 0,
      items: [
        { siteName: 'Alder Dental Group', state: 'active', licenseCount: 3, organizationId: null },
        { siteName: 'Brightwater Logistics', licenseCount: 2, suggestedOrganizationId: null },
        { siteName: 'Cobalt & Sons', licenseCount: 1, discarded: { count: 0, first: null, last: null } },
      ],
    });
    const [alder, , cobalt] = reply.body.items;
    expect(alder.suggestedOrganizationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(alder.suggestion).toEqual({
      organizationId: alder.suggestedOrganizationId,
      organizationName: 'ALDER Dental Group, Inc.',
      likeness: 'likely',
    });
    expect(cobalt.suggestion).toMatchObject({ organizationName: 'Cobalt & Sons', likeness: 'exact' });
  });

  test('is mapped by version: an old one is a conflict, what is unknown is named and nothing is applied', async () => {
    const { organizationId, otherOrganizationId } = partner.account;
    const unknownSite = await partner.on('PUT /mapping', {
      body: {
        version: 0,
        changes: [
          { siteId: partner.siteId(0), organizationId },
          { siteId: '42', organizationId },
        ],
      },
    });
    expect(unknownSite).toMatchObject({ status: 422, body: { code: 'mapping_unknown_site', siteIds: ['42'] } });
    const unstorable = { version: 0, changes: [{ siteId: 'a\u0000b', organizationId }] };
    expect(await partner.on('PUT /mapping', { body: unstorable })).toMatchObject({
      status: 422,
      body: { code: 'invalid_input' },
    });
    // Neither a change that is none nor one that contradicts itself makes a version.
    const twice = [organizationId, null].map((each) => ({ siteId: partner.siteId(0), organizationId: each }));
    for (const changes of [[], twice]) {
      const refused = await partner.on('PUT /mapping', { body: { version: 0, changes } });
      expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    }
    const foreign = stage.api.theirs.organizationId;
    const unknownOrganization = await partner.map({ 0: foreign });
    expect(unknownOrganization).toMatchObject({
      status: 422,
      body: { code: 'mapping_unknown_organization', organizationIds: [foreign] },
    });
    const saved = await partner.map({ 0: organizationId, 1: otherOrganizationId });
    expect(saved).toMatchObject({ status: 200, body: { version: 1 } });
    expect(saved.body.items.map((site: { organizationId: string | null }) => site.organizationId)).toEqual([
      organizationId,
      otherOrganizationId,
      null,
    ]);
    const audit = await partner.call('GET /v1/audit-log?action=mapping.changed');
    const to = (first: string | null, second: string | null) => [
      { siteId: partner.siteId(0), organizationId: first },
      { siteId: partner.siteId(1), organizationId: second },
    ];
    expect(audit.body.items).toMatchObject([
      { before: { version: 0, changes: to(null, null) }, after: { changes: to(organizationId, otherOrganizationId) } },
    ]);
    await partner.map({ 0: otherOrganizationId });
    await partner.map({ 0: organizationId });
    const [back] = (await partner.call('GET /v1/audit-log?action=mapping.changed')).body.items;
    expect(back).toMatchObject({
      before: { version: 2, changes: [{ siteId: partner.siteId(0), organizationId: otherOrganizationId }] },
      after: { changes: [{ siteId: partner.siteId(0), organizationId }] },
    });
    const stale = await partner.on('PUT /mapping', {
      body: { version: 0, changes: [{ siteId: partner.siteId(2), organizationId }] },
    });
    expect(stale).toMatchObject({ status: 409, body: { code: 'mapping_conflict', version: 3 } });
  });

  test('collects, and says how far it is', async () => {
    const { simulator } = partner;
    const { length } = [
      ...simulator.truth({ accountIds: [simulator.state.world.accounts[0]?.id ?? ''], hidden: false }),
    ];
    expect(length).toBeGreaterThan(20);
    const view = await eventually(partner.view, ({ counts }) => counts.stored + counts.discarded === length);
    expect(view).toMatchObject({ state: 'active', degradedSince: null, counts: { mappedSites: 2 } });
    const through = await eventually(partner.view, ({ collectedThrough }) => collectedThrough !== null);
    expect(through.lagSeconds).toBeLessThan(30);
    expect(through.watermark).toMatch(/Z$/);
    const sites = await partner.on('GET /sites');
    expect(sites.body.items[2].discarded.count).toBeGreaterThan(0);
  });

  test('is a source in the list of everybody who may see its organization', async () => {
    const all = await partner.call('GET /v1/log-sources');
    expect(all.body.items).toMatchObject([
      { siteName: 'Alder Dental Group', licenseCount: 3, collectionMethod: 'API', connection: { name: 'Northwind' } },
      { siteName: 'Brightwater Logistics', licenseCount: 2 },
    ]);
    const own = await partner.call('GET /v1/log-sources', { as: partner.as('org_user') });
    expect(own.body.items).toMatchObject([
      { siteName: 'Alder Dental Group', organization: { id: partner.account.organizationId }, connection: null },
    ]);
    expect(own.body.items[0].lastEventAt).toMatch(/Z$/);
    const first = await partner.call('GET /v1/log-sources?limit=1');
    const second = await partner.call(`GET /v1/log-sources?limit=1&pageToken=${first.body.nextPageToken}`);
    expect(second.body).toMatchObject({ items: [{ siteName: 'Brightwater Logistics' }], nextPageToken: null });
    const foreign = await stage.api.call('GET /v1/log-sources', { as: aPrincipal(stage.api.ours) });
    expect(foreign.body.items).toEqual([]);
  });

  test('changes its settings', async () => {
    const body = { name: 'Northwind East', pollIntervalSeconds: 10 };
    expect(await partner.on('PATCH ', { body })).toMatchObject({ status: 200, body });
    const wrong = await partner.on('PATCH ', { body: { pollIntervalSeconds: 9 } });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    const unknown = await partner.on('PATCH ', { body: { defaultOrganizationId: stage.api.theirs.organizationId } });
    expect(unknown).toMatchObject({ status: 422, body: { code: 'mapping_unknown_organization' } });
  });

  test('pauses and resumes, as often as somebody says so', async () => {
    for (const _ of [1, 2]) {
      const paused = await partner.on('POST /pause', { headers: { 'idempotency-key': 'p-1' } });
      expect(paused).toMatchObject({
        status: 200,
        body: { state: 'paused', pauseReasons: ['person'], reason: 'pause' },
      });
    }
    expect(await partner.on('POST /resume')).toMatchObject({
      status: 200,
      body: { state: 'active', pauseReasons: [] },
    });
    await partner.on('POST /pause', { headers: { 'idempotency-key': 'p-1' } });
    expect(await partner.view()).toMatchObject({ state: 'active' });
    const audit = await partner.call('GET /v1/audit-log?action=connection.paused');
    expect(audit.body.items).toHaveLength(1);
    await partner.on('POST /pause', { headers: { 'idempotency-key': 'p-2' } });
    await partner.on('POST /resume');
    expect((await partner.call('GET /v1/audit-log?action=connection.paused')).body.items).toHaveLength(2);
  });

  test('is rechecked and its sites are read again', async () => {
    partner.simulator.control.addSite({ name: 'Dunmore', agents: 4 });
    expect(await partner.on('POST /recheck')).toMatchObject({ status: 200, body: { state: 'active' } });
    expect(await partner.on('POST /sync-sites')).toMatchObject({ status: 200, body: { counts: { sites: 4 } } });
    const permissions = await partner.on('GET /permissions');
    expect(permissions.body.items).toHaveLength(12);
    expect(permissions.body.items[0]).toMatchObject({ name: 'Activity (View)', status: 'granted', required: true });
  });

  test('keeps its token when a new one is refused, and takes one that is accepted', async () => {
    const before = (await partner.view()).token;
    const { control, token } = partner.simulator;
    const refused = await partner.on('POST /token', { body: { apiToken: 'z'.repeat(80) } });
    expect(refused).toMatchObject({ status: 422, body: { code: 's1.token_rejected' } });
    expect(refused.body.detail).toBe('The new token was not accepted, the old one stays: Invalid API token');
    const other = partner.simulator.state.tokens.all()[1]?.token;
    expect(await partner.on('POST /token', { body: { apiToken: other } })).toMatchObject({
      status: 422,
      body: { code: 's1.other_account' },
    });
    const weak = control.addToken({ label: 'weak', accountIds: [partner.simulator.state.world.accounts[0]?.id ?? ''] });
    control.setPermissions({ token: weak.token, permissions: { 'Sites.view': false } });
    const poor = await partner.on('POST /token', { body: { apiToken: weak.token } });
    expect(poor).toMatchObject({ status: 422, body: { code: 's1.permission_missing' } });
    expect(poor.body.permissions.filter((line: { status: string }) => line.status === 'missing')).toMatchObject([
      { name: 'Sites (View)' },
    ]);
    expect((await partner.view()).token).toEqual(before);
    expect(await partner.on('GET /permissions').then(({ body }) => body.items[1].status)).toBe('granted');

    const fresh = control.regenerateToken({ token, newToken: `${'n'.repeat(76)}EW12` });
    const request = { body: { apiToken: fresh.token }, headers: { 'idempotency-key': 't-1' } };
    for (const _ of [1, 2]) {
      const replaced = await partner.on('POST /token', request);
      expect(replaced).toMatchObject({ status: 200, body: { state: 'active', token: { lastFour: 'EW12' } } });
    }
    const audit = await partner.call('GET /v1/audit-log?action=connection.token_replaced');
    expect(audit.body.items).toMatchObject([
      { before: { lastFour: before.lastFour }, after: { lastFour: 'EW12', done: true } },
    ]);
    expect(audit.text).not.toContain(fresh.token);
  });

  test('has a timeline, a page at a time, and completeness checks', async () => {
    const first = await partner.on('GET /timeline?limit=2');
    expect(first.body.items).toHaveLength(2);
    const second = await partner.on(`GET /timeline?limit=2&pageToken=${first.body.nextPageToken}`);
    expect(Number(second.body.items[0].id)).toBeLessThan(Number(first.body.items[1].id));
    await stage.api.owner.pool.query(
      `insert into completeness_checks (account_id, connection_id, from_at, to_at, theirs, ours, state, checked_at)
       values ($1, $2, '2026-01-01T00:00Z', '2026-01-01T01:00Z', 5, 5, 'equal', now())`,
      [partner.account.accountId, partner.connectionId],
    );
    expect((await partner.on('GET /completeness')).body).toMatchObject({
      items: [{ from: '2026-01-01T00:00:00.000000Z', theirs: 5, ours: 5, repaired: 0, state: 'equal' }],
      nextPageToken: null,
    });
  });

  test('is not there for another account, nor for roles that may not see it', async () => {
    const stranger = aPrincipal(stage.api.ours);
    const routes = [
      'GET ',
      'GET /sites',
      'GET /timeline',
      'POST /pause',
      'DELETE ',
      'GET /backfills',
      'GET /permissions',
    ];
    for (const route of routes) expect((await partner.on(route, { as: stranger })).status, route).toBe(404);
    const body = { apiToken: 'x'.repeat(80) };
    expect((await partner.on('POST /token', { as: stranger, body })).status).toBe(404);
    for (const role of ['org_user', 'finance'] as const) {
      expect((await partner.on('GET ', { as: partner.as(role) })).status).toBe(403);
    }
    expect((await partner.on('GET /sites', { as: partner.as('finance') })).status).toBe(200);
    expect((await partner.on('POST /pause', { as: partner.as('security_engineer') })).status).toBe(403);
  });

  test('is disconnected for good, and its SentinelOne account can be connected again', async () => {
    expect(await partner.on('DELETE ')).toMatchObject({ status: 202 });
    await eventually(partner.view, ({ state }) => state === 'disconnected');
    expect(await partner.on('POST /pause')).toMatchObject({ status: 409, body: { code: 'illegal_state' } });
    const token = await partner.on('POST /token', { body: { apiToken: 'x'.repeat(80) } });
    expect(token).toMatchObject({ status: 409, body: { code: 'illegal_state' } });
    expect((await partner.call('GET /v1/log-sources')).body.items).toEqual([]);
    expect((await partner.create({ apiToken: `${'n'.repeat(76)}EW12` })).status).toBe(201);
    const actions = (await partner.call('GET /v1/audit-log?limit=200')).body.items.map(
      (entry: { action: string }) => entry.action,
    );
    expect(actions).toEqual(
      expect.arrayContaining([
        'connection.created',
        'connection.changed',
        'connection.paused',
        'connection.token_replaced',
        'connection.disconnected',
        'mapping.changed',
      ]),
    );
  });
});
