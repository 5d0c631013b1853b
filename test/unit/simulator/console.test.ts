// The rest of the simulated console over HTTP: tokens and permissions, sites, agents, users, settings, the system.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import { clientOf } from './simulator-client.js';

let simulator: Simulator;
let client: ReturnType<typeof clientOf>;

beforeEach(async () => {
  simulator = await startSimulator({ historyRows: 50 });
  client = clientOf(simulator);
});
afterEach(() => simulator.close());

const accountId = (n = 0) => simulator.state.world.accounts[n]?.id ?? '';
const siteId = (n = 0) => simulator.state.world.sites[n]?.id ?? '';
const tokenOf = (label: string) => simulator.state.tokens.find(label)?.token ?? '';

interface SiteReply {
  data: {
    allSites: { activeLicenses: number };
    sites: { id: string; name: string; state: string; activeLicenses: number | null }[];
  };
  pagination: { totalItems: number; nextCursor: string | null };
}

describe('authentication', () => {
  test('takes the scheme in any case and refuses everything else', async () => {
    const ask = (authorization: string) =>
      fetch(`${simulator.url}/web/api/v2.1/system/info`, { headers: { authorization } });
    expect((await ask(`APITOKEN ${simulator.token}`)).status).toBe(200);
    for (const wrong of [`Bearer ${simulator.token}`, 'ApiToken wrong', '']) {
      const refused = await ask(wrong);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({
        errors: [{ code: 4010010, title: 'Authentication Failed', detail: null }],
      });
    }
  });

  test('needs no token for the status', async () => {
    const response = await fetch(`${simulator.url}/web/api/v2.1/system/status`);
    expect(await response.json()).toEqual({ data: { health: 'ok' } });
  });

  test('answers 404 to a path or a method it does not have', async () => {
    expect((await client.send('/nowhere')).status).toBe(404);
    expect((await client.send('/users/api-token-details')).status).toBe(404);
  });

  test('answers 403 without the permission and 200 with it again', async () => {
    simulator.control.setPermissions({ token: 'account-1', permissions: { 'Activity Page.view': false } });
    const refused = await client.send('/activities');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ errors: [{ code: 4030010, title: 'Insufficient permissions' }] });
    simulator.control.setPermissions({ token: 'account-1', permissions: { 'Activity Page.view': true } });
    expect((await client.send('/activities')).status).toBe(200);
  });
});

describe('scope', () => {
  test('shows an account, a site or everything', async () => {
    const totals = await Promise.all(
      ['account-1', 'account-2', 'site', 'tenant'].map(async (label) => {
        const { pagination } = await clientOf(simulator, tokenOf(label)).page({ countOnly: true, includeHidden: true });
        return pagination.totalItems;
      }),
    );
    const rows = [...simulator.truth()];
    expect(totals).toEqual([
      rows.filter((row) => row.accountId === accountId(0)).length,
      rows.filter((row) => row.accountId === accountId(1)).length,
      rows.filter((row) => row.siteId === siteId(0)).length,
      50,
    ]);
  });

  test('lists the account of an account token, both for the tenant, and refuses a site token', async () => {
    const accounts = async (label: string) =>
      (await clientOf(simulator, tokenOf(label)).get<{ data: { id: string }[] }>('/accounts')).data.map(({ id }) => id);
    expect(await accounts('account-2')).toEqual([accountId(1)]);
    expect(await accounts('tenant')).toEqual([accountId(0), accountId(1)]);
    expect((await clientOf(simulator, tokenOf('site')).send('/accounts')).status).toBe(403);
  });
});

describe('sites', () => {
  test('pages over an object and leaves out deleted sites unless they are asked for', async () => {
    simulator.control.setSiteState({ siteId: siteId(2), state: 'deleted' });
    const first = await client.get<SiteReply>('/sites', { limit: 3 });
    const rest = await client.get<SiteReply>('/sites', { limit: 3, cursor: first.pagination.nextCursor ?? '' });
    const ids = [...first.data.sites, ...rest.data.sites].map((site) => site.id);
    expect(ids).toEqual([0, 1, 3, 4, 5].map((n) => siteId(n)));
    expect(rest.pagination).toEqual({ totalItems: 5, nextCursor: null });
    const deleted = await client.get<SiteReply>('/sites', { states: 'deleted' });
    expect(deleted.data.sites.map((site) => site.id)).toEqual([siteId(2)]);
  });

  test('counts installed agents as licences, or says what it was told, null too', async () => {
    const licenses = async () =>
      (await client.get<SiteReply>('/sites', { siteIds: siteId() })).data.sites[0]?.activeLicenses;
    expect(await licenses()).toBe(9);
    simulator.control.setAgentState({ agentId: simulator.state.world.agents[0]?.id ?? '', isUninstalled: true });
    expect(await licenses()).toBe(8);
    simulator.control.setActiveLicenses({ siteId: siteId(), activeLicenses: null });
    expect(await licenses()).toBeNull();
  });

  test('knows one site by id and no other account’s', async () => {
    expect(await client.get(`/sites/${siteId()}`)).toMatchObject({
      data: { id: siteId(), name: 'Alder Dental Group' },
    });
    const foreign = await client.send(`/sites/${siteId(6)}`);
    expect(foreign.status).toBe(404);
    expect(await foreign.json()).toMatchObject({ errors: [{ detail: 'Site not found' }] });
  });

  test('keeps the old name on old rows after a rename', async () => {
    const old = simulator.control.appendActivities({ type: 5126, siteId: siteId() });
    simulator.control.setClock({ skewMs: 60_000 });
    simulator.control.renameSite({ siteId: siteId(), name: 'Alder & Partners' });
    const renamed = simulator.control.appendActivities({ type: 5126, siteId: siteId() });
    const { data } = await client.page({ ids: `${old.lastId},${renamed.lastId}` });
    expect(data.map((row) => row.siteName)).toEqual(['Alder Dental Group', 'Alder & Partners']);
  });
});

describe('agents', () => {
  test('shows decommissioned and uninstalled ones only to who asks', async () => {
    const [a = '', b = ''] = simulator.state.world.agents.map(({ id }) => id);
    simulator.control.setAgentState({ agentId: a, isDecommissioned: true });
    simulator.control.setAgentState({ agentId: b, isUninstalled: true });
    const find = async (query: Record<string, string>) =>
      (await client.get<{ data: { id: string }[] }>('/agents', { ids: `${a},${b}`, ...query })).data.map(
        ({ id }) => id,
      );
    expect(await find({})).toEqual([]);
    expect(await find({ isDecommissioned: 'True,False', isUninstalled: 'True,False' })).toEqual([a, b]);
    expect(await find({ isDecommissioned: 'true' })).toEqual([a]);
  });

  test('counts with the same filters and refuses limit', async () => {
    expect(await client.get('/agents/count', { siteIds: siteId(1) })).toEqual({ data: { total: 12 } });
    const refused = await client.send('/agents/count', { limit: 1 });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("dict_values(['limit']): Unknown field");
  });

  test('moves an agent, and its siteless rows belong to the new site', async () => {
    const agentId = simulator.state.world.agents[0]?.id ?? '';
    const { lastId } = simulator.control.appendActivities({ type: 43, agentId, siteId: null });
    simulator.control.moveAgent({ agentId, siteId: siteId(4) });
    expect(await client.get('/agents', { ids: agentId })).toMatchObject({ data: [{ siteId: siteId(4) }] });
    const row = [...simulator.truth()].find(({ id }) => id === lastId);
    expect(row).toMatchObject({ siteId: null, agentId, resolvedSiteId: siteId(4) });
  });
});

describe('users and roles', () => {
  interface Role {
    data: { pages: { name: string; permissions: { title: string; value: boolean }[] }[] };
  }
  const user = () =>
    client.get<{ data: { id: string; scope: string; scopeRoles: { id: string; roleId: string }[] } }>('/user');

  test('says who the token is and until when it lives', async () => {
    const { data } = await user();
    expect(data).toMatchObject({ scope: 'account', scopeRoles: [{ id: accountId() }] });
    const details = await client.get(`/users/${data.id}/api-token-details`);
    expect(details).toMatchObject({ data: { expiresAt: expect.stringMatching(/T\d\d:\d\d:\d\dZ$/) } });
    const body = JSON.stringify({ data: { apiToken: simulator.token } });
    const posted = await client.send('/users/api-token-details', {}, { method: 'POST', body });
    expect(await posted.json()).toEqual(details);
    const unknown = await client.send(
      '/users/api-token-details',
      {},
      { method: 'POST', body: '{"data":{"apiToken":"x"}}' },
    );
    expect(unknown.status).toBe(400);
  });

  test('lists the role’s permissions under page names that can differ', async () => {
    const pages = async () =>
      (await client.get<Role>(`/rbac/role/${(await user()).data.scopeRoles[0]?.roleId}`)).data.pages;
    simulator.control.setPermissions({ token: 'account-1', permissions: { 'Integrations.edit': false } });
    const integrations = (await pages()).find(({ name }) => name === 'Console Integrations');
    expect(integrations?.permissions.map(({ title, value }) => [title, value])).toEqual([
      ['View', true],
      ['Edit', false],
      ['Create', true],
    ]);
    simulator.control.configure({ integrationsPage: 'Integrations', notificationsPage: 'Notifications' });
    simulator.control.setUnlistedPermissions({
      token: 'account-1',
      permissions: ['Notifications.view', 'Notifications.edit', 'Notifications.create'],
    });
    const names = (await pages()).map(({ name }) => name);
    expect(names).toContain('Integrations');
    expect(names).not.toContain('Notifications');
  });
});

describe('settings', () => {
  test.each(['/settings/syslog', '/settings/notifications'])('%s answers by scope and permission', async (path) => {
    const unscoped = await client.send(path);
    expect(unscoped.status).toBe(401);
    expect(await unscoped.json()).toMatchObject({ errors: [{ detail: 'An error occurred.' }] });
    expect((await client.send('/system/info')).status).toBe(200);
    expect((await client.send(path, { accountIds: accountId() })).status).toBe(200);
    expect((await client.send(path, { accountIds: '12345' })).status).toBe(404);
    expect((await client.send(path, { accountIds: accountId(1) })).status).toBe(403);
    const permission = path.includes('syslog') ? 'Integrations.view' : 'Notifications.view';
    simulator.control.setPermissions({ token: 'account-1', permissions: { [permission]: false } });
    expect((await client.send(path, { accountIds: accountId() })).status).toBe(403);
  });

  test('says when somebody else uses the syslog', async () => {
    const enabled = async () =>
      (await client.get<{ data: { enabled: boolean } }>('/settings/syslog', { accountIds: accountId() })).data.enabled;
    expect(await enabled()).toBe(false);
    simulator.control.setSyslogTaken({ scopeId: accountId(), taken: true });
    expect(await enabled()).toBe(true);
  });
});
