// What each call asks for and what it makes of the answer, in the shapes that consoles of several ages send.
import { afterEach, describe, expect, test } from 'vitest';
import { parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { Secret } from '../../../src/domain/secret.js';
import { effectOf } from '../../../src/sentinelone/calls/permission-effects.js';
import { createSentinelOne, type SentinelOneSession } from '../../../src/sentinelone/client.js';
import { type ConsoleStub, reply, startConsoleStub, type StubRequest } from '../../support/console-stub.js';

const ACCOUNT = '1000000000000000001';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A session with a console that answers every request with what this gives; a number is a status without a body. */
async function aSession(
  answer: (request: StubRequest) => unknown,
): Promise<SentinelOneSession & { readonly stub: ConsoleStub }> {
  const stub = await startConsoleStub((request, response) => {
    const body = answer(request);
    if (typeof body === 'number') reply(response, body, '');
    else reply(response, 200, body);
  });
  const origins = parseAllowedOrigins(stub.origin);
  const client = createSentinelOne({
    allowedOrigins: origins.ok ? origins.origins : [],
    userAgent: 'test',
    requestsPerSecond: 0,
  });
  cleanups.push(
    () => stub.stop(),
    () => client.close(),
  );
  return { ...client.session({ origin: stub.origin, token: new Secret('the-token') }), stub };
}

const badResponse = { code: 's1.bad_response' };

describe('the token', () => {
  test.each([
    [
      'whole seconds',
      { createdAt: '2026-01-01T00:00:00Z', expiresAt: '2026-07-01T00:00:00Z' },
      '2026-07-01T00:00:00.000000Z',
    ],
    ['six digits', { createdAt: null, expiresAt: '2026-07-01T00:00:00.123456Z' }, '2026-07-01T00:00:00.123456Z'],
    ['no zone', { expiresAt: '2026-07-01T00:00:00' }, '2026-07-01T00:00:00.000000Z'],
    ['another zone', { expiresAt: '2026-07-01T02:00:00+02:00' }, '2026-07-01T00:00:00.000000Z'],
    ['null', { createdAt: null, expiresAt: null }, null],
    ['nothing', {}, null],
    ['an empty text', { expiresAt: '' }, null],
  ])('expires: %s', async (_case, data, expiresAt) => {
    const session = await aSession(() => ({ data }));
    expect(await session.getTokenDetails()).toMatchObject({ expiresAt });
    expect(session.stub.requests[0]).toMatchObject({ method: 'POST', endpoint: 'users/api-token-details', query: {} });
    expect(session.stub.requests[0]?.body).toBe('{"data":{"apiToken":"the-token"}}');
  });

  test('with an expiry that is no instant is a bad response', async () => {
    const session = await aSession(() => ({ data: { expiresAt: 'next summer' } }));
    await expect(session.getTokenDetails()).rejects.toMatchObject(badResponse);
  });

  test('belongs to a user with scopes, of whom no name is read', async () => {
    const session = await aSession(() => ({
      data: {
        id: '12',
        email: 'svc@acme.example',
        fullName: 'SIEM',
        scope: 'account',
        siteRoles: [],
        scopeRoles: [{ id: ACCOUNT, name: 'Acme', accountName: 'Acme', roleId: '900', roleName: 'Viewer' }],
        apiToken: { createdAt: '2026-01-01T00:00:00Z', expiresAt: '2026-07-01T00:00:00Z' },
      },
    }));
    expect(await session.getUser()).toEqual({
      id: '12',
      scope: 'account',
      scopeRoles: [{ id: ACCOUNT, name: 'Acme', roleId: '900', roleName: 'Viewer' }],
      apiToken: { createdAt: '2026-01-01T00:00:00.000000Z', expiresAt: '2026-07-01T00:00:00.000000Z' },
    });
  });

  test('may belong to a user of whom next to nothing is told', async () => {
    const session = await aSession(() => ({ data: { id: 12, scope: 'tenant', scopeRoles: null } }));
    expect(await session.getUser()).toEqual({ id: '12', scope: 'tenant', scopeRoles: [], apiToken: null });
  });

  test('has a role with pages', async () => {
    const permissions = [
      { title: 'View', value: true, dependsOn: [] },
      { title: 'Edit', value: false },
      { title: 'Create' },
    ];
    const session = await aSession(() => ({
      data: { name: 'SIEM', pages: [{ name: 'Integrations', permissions }, { name: null }] },
    }));
    expect(await session.getRole('900')).toEqual({
      name: 'SIEM',
      pages: [
        {
          name: 'Integrations',
          permissions: [
            { title: 'View', granted: true },
            { title: 'Edit', granted: false },
            { title: 'Create', granted: null },
          ],
        },
        { name: '', permissions: [] },
      ],
    });
    expect(session.stub.requests[0]).toMatchObject({ method: 'GET', endpoint: 'rbac/role/900' });
  });
});

describe('sites', () => {
  const aSite = (fields: object) => ({
    id: '1',
    name: 'HQ',
    accountId: ACCOUNT,
    accountName: 'Acme',
    state: 'active',
    activeLicenses: 5,
    registrationToken: 'hush',
    ...fields,
  });

  test('of another account are none of this one', async () => {
    const session = await aSession(() => ({
      data: { sites: [aSite({}), aSite({ id: '2', accountId: '1000000000000000002' })] },
      pagination: { nextCursor: null },
    }));
    expect((await session.listSites(ACCOUNT)).map(({ id }) => id)).toEqual(['1']);
  });

  test('of every state are read to the end of the list, without their registration token', async () => {
    const session = await aSession(({ query }) =>
      query['cursor'] === undefined
        ? {
            data: { allSites: {}, sites: [aSite({}), aSite({ id: '2', activeLicenses: null })] },
            pagination: { nextCursor: 'next%3D' },
          }
        : {
            data: { sites: [aSite({ id: '3', state: 'deleted', activeLicenses: 0, name: null, accountId: null })] },
            pagination: { nextCursor: 'null' },
          },
    );
    expect(await session.listSites(ACCOUNT)).toEqual([
      { id: '1', name: 'HQ', accountId: ACCOUNT, accountName: 'Acme', state: 'active', activeLicenses: 5 },
      { id: '2', name: 'HQ', accountId: ACCOUNT, accountName: 'Acme', state: 'active', activeLicenses: null },
      { id: '3', name: '', accountId: null, accountName: 'Acme', state: 'deleted', activeLicenses: 0 },
    ]);
    const filter = {
      accountIds: ACCOUNT,
      states: 'active,expired,deleted',
      sortBy: 'id',
      sortOrder: 'asc',
      limit: '1000',
    };
    expect(session.stub.requests.map((request) => request.query)).toEqual([filter, { ...filter, cursor: 'next=' }]);
  });

  test('with an id beyond 2^53 as a bare number keep its digits', async () => {
    const session = await aSession(() => `{"data":{"sites":[{"id":1100000000000000999}]},"pagination":null}`);
    expect((await session.listSites(ACCOUNT)).map((site) => site.id)).toEqual(['1100000000000000999']);
  });

  test.each([
    ['a list', { data: [] }],
    ['no list of sites', { data: { sites: { 0: aSite({}) } } }],
  ])('in another shape are refused: %s', async (_case, body) => {
    const session = await aSession(() => body);
    await expect(session.listSites(ACCOUNT)).rejects.toMatchObject(badResponse);
  });

  test('are read row by row: what cannot be read is missing for that row, and counted', async () => {
    const odd = [aSite({ id: null }), 17, aSite({ id: '2', activeLicenses: 'many' }), aSite({ id: '3' })];
    const session = await aSession(() => ({ data: { sites: odd } }));
    expect(await session.listSites(ACCOUNT)).toMatchObject([
      { id: '2', activeLicenses: null },
      { id: '3', activeLicenses: 5 },
    ]);
    expect(session.unreadable()).toEqual([{ endpoint: 'sites', left: 2, partly: 1 }]);
  });

  test('that lead back to a page that was read are refused at once', async () => {
    const session = await aSession(() => ({ data: { sites: [aSite({})] }, pagination: { nextCursor: 'again' } }));
    await expect(session.listSites(ACCOUNT)).rejects.toMatchObject(badResponse);
    expect(session.stub.requests).toHaveLength(2);
  });

  test('that never end are refused', async () => {
    const session = await aSession(() => ({ data: { sites: [] }, pagination: { nextCursor: 'again' } }));
    await expect(session.listSites(ACCOUNT)).rejects.toMatchObject(badResponse);
  });
});

describe('agents', () => {
  test('are asked for a hundred at a time, with those that are gone', async () => {
    const session = await aSession(({ query }) => ({
      data: (query['ids'] ?? '')
        .split(',')
        .map((id) => ({ id, siteId: '7', siteName: 'HQ', computerName: null, accountId: ACCOUNT, osType: 'linux' })),
      pagination: { nextCursor: null },
    }));
    const ids = Array.from({ length: 250 }, (_, index) => String(index));
    const agents = await session.listAgentsByIds(ACCOUNT, ids);
    expect(agents.map((agent) => agent.id)).toEqual(ids);
    expect(agents[0]).toEqual({ id: '0', siteId: '7', siteName: 'HQ', computerName: null, accountId: ACCOUNT });
    expect(session.stub.requests.map((request) => request.query['ids']?.split(',').length)).toEqual([100, 100, 50]);
    expect(session.stub.requests[0]?.query).toMatchObject({
      isDecommissioned: 'True,False',
      isUninstalled: 'True,False',
      accountIds: ACCOUNT,
    });
  });

  test('none asked for means no request', async () => {
    const session = await aSession(() => 500);
    expect(await session.listAgentsByIds(ACCOUNT, [])).toEqual([]);
  });

  test('are counted without paging parameters', async () => {
    const session = await aSession(() => ({ data: { total: 2095 } }));
    expect(await session.countAgents(ACCOUNT)).toBe(2095);
    expect(session.stub.requests[0]?.query).toEqual({
      accountIds: ACCOUNT,
      isDecommissioned: 'False',
      isUninstalled: 'False',
    });
  });
});

describe('activities', () => {
  test('are counted by the console, without skipCount', async () => {
    const session = await aSession(() => ({ data: [], pagination: { totalItems: 1234, nextCursor: null } }));
    expect(await session.countActivities({ accountId: ACCOUNT, createdAtGte: 'a', createdAtLt: 'b' })).toBe(1234);
    expect(session.stub.requests[0]?.query).toEqual({
      accountIds: ACCOUNT,
      createdAt__gte: 'a',
      createdAt__lt: 'b',
      countOnly: 'true',
    });
  });

  test('without a count are a bad response', async () => {
    const session = await aSession(() => ({ data: [], pagination: { nextCursor: null } }));
    await expect(session.countActivities({ accountId: ACCOUNT })).rejects.toMatchObject(badResponse);
  });

  test('have types', async () => {
    const session = await aSession(() => ({
      data: [{ id: 5040, action: 'Account Created', descriptionTemplate: null }],
    }));
    expect(await session.listActivityTypes()).toEqual([
      { id: 5040, action: 'Account Created', descriptionTemplate: null },
    ]);
  });
});

describe('settings', () => {
  test.each([
    [
      { enabled: true, host: 'siem.example', port: 514, token: 'hush', format: 'cef2' },
      { enabled: true, host: 'siem.example', format: 'cef2' },
    ],
    [{ enabled: false }, { enabled: false, host: null, format: null }],
    [{}, { enabled: false, host: null, format: null }],
    [null, { enabled: false, host: null, format: null }],
  ])('of syslog %j', async (data, expected) => {
    const session = await aSession(() => ({ data }));
    expect(await session.getSyslogSettings(ACCOUNT)).toEqual(expected);
    expect(session.stub.requests[0]?.query).toEqual({ accountIds: ACCOUNT });
  });

  test('of notifications', async () => {
    const session = await aSession(() => ({
      data: { configurations: {}, lastModified: { updatedAt: 'x' }, notifications: {} },
    }));
    expect(await session.getNotificationSettings(ACCOUNT)).toEqual({ updatedAt: 'x' });
  });
});

describe('the effect of a call', () => {
  test('is 200 with its value, or 403', async () => {
    const session = await aSession(({ endpoint }) =>
      endpoint === 'accounts' ? { data: [{ id: ACCOUNT, name: 'Acme', state: 'active' }] } : 403,
    );
    expect(await effectOf('accounts', () => session.listAccounts())).toEqual({
      effects: { 'Accounts (View)': 200 },
      value: [{ id: ACCOUNT, name: 'Acme', state: 'active' }],
    });
    expect(await effectOf('sites', () => session.listSites(ACCOUNT))).toEqual({
      effects: { 'Sites (View)': 403 },
      value: null,
    });
  });

  test('is unknown when the console has other trouble', async () => {
    const session = await aSession(() => 503);
    await expect(effectOf('sites', () => session.listSites(ACCOUNT))).rejects.toMatchObject({ code: 's1.unavailable' });
  });
});
