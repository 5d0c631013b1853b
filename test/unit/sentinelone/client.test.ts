// The client against the simulated console: the whole conversation that a connection has with SentinelOne.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import { parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { checkPermissions, missingPermissions } from '../../../src/domain/connection/permissions.js';
import { Secret } from '../../../src/domain/secret.js';
import { type ActivityPage, parseActivityPage } from '../../../src/sentinelone/calls/activity-page.js';
import type { ActivityQuery } from '../../../src/sentinelone/calls/activity-query.js';
import { effectOf } from '../../../src/sentinelone/calls/permission-effects.js';
import { createSentinelOne, type SentinelOne, type SentinelOneSession } from '../../../src/sentinelone/client.js';

const HISTORY = { historyRows: 2500, historyEndsAt: '2026-01-15T09:00:00.000000Z' };

let simulator: Simulator;
let client: SentinelOne;
let session: SentinelOneSession;
let accountId: string;

beforeEach(async () => {
  simulator = await startSimulator(HISTORY);
  const origins = parseAllowedOrigins(simulator.url);
  client = createSentinelOne({
    allowedOrigins: origins.ok ? origins.origins : [],
    userAgent: 'test',
    requestsPerSecond: 0,
  });
  session = sessionWith(simulator.token);
  accountId = simulator.control.describe().accounts[0]?.id ?? '';
});
afterEach(async () => {
  await client.close();
  await simulator.close();
});

const sessionWith = (token: string) => client.session({ origin: simulator.url, token: new Secret(token) });
const tokenOf = (label: string) => simulator.state.tokens.find(label)?.token ?? '';

async function wholeChain(query: ActivityQuery): Promise<readonly ActivityPage[]> {
  const pages: ActivityPage[] = [];
  let cursor: string | null = null;
  do {
    const page: ActivityPage = await session.pageOfActivities(query, cursor, parseActivityPage);
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages;
}

describe('activities', () => {
  test('are read to the last page, in order, every one of them and as many as the console counts', async () => {
    const query = {
      accountId,
      createdAtGte: '2026-01-01T00:00:00.000000Z',
      createdAtLt: '2026-01-15T09:00:00.000001Z',
    };
    const pages = await wholeChain(query);
    const truth = [...simulator.truth({ accountIds: [accountId], hidden: false })];
    expect(pages.length).toBeGreaterThan(1);
    const rows = pages.flatMap((page) => page.rows);
    expect(rows.map((row) => row.read().value.id)).toEqual(truth.map((row) => row.id));
    expect(await session.countActivities(query)).toBe(truth.length);
  });

  test('are filtered by site, id and agent', async () => {
    const [site] = simulator.control.describe().sites;
    const siteIds = [site?.id ?? ''];
    const { ids } = simulator.control.appendActivities({ type: 5021, count: 2, siteId: siteIds[0] });
    const wanted = ids.filter((id) => id !== null);
    const bySite = await wholeChain({ accountId, siteIds });
    expect(new Set(bySite.flatMap((page) => page.rows).map((row) => row.read().value.siteId))).toEqual(
      new Set(siteIds),
    );
    const byId = await session.pageOfActivities({ accountId, ids: wanted }, null, parseActivityPage);
    expect(byId.rows.map((row) => row.read().value.id).toSorted()).toEqual(wanted.toSorted());
  });

  test('keep the text they came in, down to the digits', async () => {
    const text =
      '{"id":"{{id}}", "createdAt":"{{createdAt}}","data":{"ruleId":1400000000000000999, "n":[1.50,"}],{"]}}';
    const { ids } = simulator.control.appendRaw({ text, accountId });
    const page = await session.pageOfActivities(
      { accountId, createdAtGte: '2026-01-15T09:00:00.000001Z' },
      null,
      parseActivityPage,
    );
    expect(page.rows).toHaveLength(1);
    const activity = page.rows[0]?.read();
    expect(activity?.text).toContain('"data":{"ruleId":1400000000000000999, "n":[1.50,"}],{"]}}');
    expect(activity?.value).toMatchObject({
      id: ids[0],
      data: { ruleId: '1400000000000000999', n: [1.5, '}],{'] },
    });
  });

  test('start again from the checkpoint when the cursor dies', async () => {
    const { nextCursor } = await session.pageOfActivities({ accountId }, null, parseActivityPage);
    simulator.control.expireCursors();
    await expect(session.pageOfActivities({ accountId }, nextCursor, parseActivityPage)).rejects.toMatchObject({
      code: 's1.bad_request',
      cursorRejected: true,
    });
  });

  test('have types', async () => {
    const types = await session.listActivityTypes();
    expect(types.length).toBeGreaterThan(100);
    expect(types.find((type) => type.id === 5020)?.action).toEqual(expect.any(String));
  });
});

describe('the inventory', () => {
  test('has one account for an account’s token', async () => {
    expect((await session.listAccounts()).map((account) => account.id)).toEqual([accountId]);
    expect((await sessionWith(tokenOf('tenant')).listAccounts()).length).toBe(2);
  });

  test('has the sites of every state with their license counts', async () => {
    const [first, second, third] = simulator.control.describe().sites;
    simulator.control.setSiteState({ siteId: first?.id ?? '', state: 'deleted' });
    simulator.control.setSiteState({ siteId: second?.id ?? '', state: 'expired' });
    simulator.control.setActiveLicenses({ siteId: third?.id ?? '', activeLicenses: null });
    const truth = simulator.control.describe().sites.filter((site) => site.accountId === accountId);
    const sites = await session.listSites(accountId);
    const { accounts } = simulator.control.describe();
    const accountName = accounts.find(({ id }) => id === accountId)?.name;
    expect(sites).toEqual(
      truth.map(({ id, name, state, activeLicenses }) => ({ id, name, accountId, accountName, state, activeLicenses })),
    );
  });

  test('has agents by id, also those that are gone, and counts those that are there', async () => {
    const mine = simulator.control.describe().sites.filter((site) => site.accountId === accountId);
    const agentIds = mine.flatMap((site) => site.agentIds);
    simulator.control.setAgentState({ agentId: agentIds[0] ?? '', isDecommissioned: true });
    simulator.control.setAgentState({ agentId: agentIds[1] ?? '', isUninstalled: true });
    const agents = await session.listAgentsByIds(accountId, [...agentIds, '999']);
    expect(agents.map((agent) => agent.id).toSorted()).toEqual(agentIds.toSorted());
    expect(agents.find((agent) => agent.id === agentIds[0])?.siteId).toBe(mine[0]?.id);
    expect(await session.countAgents(accountId)).toBe(agentIds.length - 2);
  });
});

describe('the token', () => {
  test('has an owner of account scope and an expiry', async () => {
    simulator.control.setTokenExpiry({ token: simulator.token, expiresAt: '2099-07-01T00:00:00Z' });
    expect(await session.getSystemInfo()).toMatchObject({ version: expect.any(String) as string });
    expect(await session.getUser()).toMatchObject({ scope: 'account', scopeRoles: [{ id: accountId }] });
    expect(await session.getTokenDetails()).toMatchObject({ expiresAt: '2099-07-01T00:00:00.000000Z' });
  });

  test('is rejected everywhere once it is revoked', async () => {
    simulator.control.revokeToken({ token: simulator.token });
    for (const call of [
      () => session.getSystemInfo(),
      () => session.listSites(accountId),
      () => session.pageOfActivities({ accountId }, null, parseActivityPage),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 's1.token_rejected' });
    }
  });

  test('that lacks a permission is not taken for a dead one', async () => {
    simulator.control.addFault({
      pathPrefix: '/settings/syslog',
      status: 401,
      body: '{"errors":[{"detail":"An error occurred."}]}',
    });
    await expect(session.getSyslogSettings(accountId)).rejects.toMatchObject({
      code: 's1.permission_missing',
      endpoint: 'settings/syslog',
      detail: 'An error occurred.',
    });
  });
});

test('the settings say whether syslog is in use', async () => {
  expect(await session.getSyslogSettings(accountId)).toMatchObject({ enabled: false });
  simulator.control.setSyslogTaken({ scopeId: accountId, taken: true });
  expect(await session.getSyslogSettings(accountId)).toMatchObject({ enabled: true });
  expect(await session.getNotificationSettings(accountId)).toEqual({ updatedAt: expect.any(String) as string });
});

test('the checklist names what is missing, by effect and by role', async () => {
  simulator.control.setPermissions({
    token: simulator.token,
    permissions: { 'Endpoints.view': false, 'Notifications.edit': false },
  });
  simulator.control.setUnlistedPermissions({ token: simulator.token, permissions: ['Integrations.create'] });
  const user = await session.getUser();
  const role = await session.getRole(user.scopeRoles[0]?.roleId ?? '');
  const agents = await effectOf('agents', () => session.listAgentsByIds(accountId, ['1']));
  const sites = await effectOf('sites', () => session.listSites(accountId));
  const checks = checkPermissions({ effects: { ...agents.effects, ...sites.effects }, rolePages: role.pages });
  expect(missingPermissions(checks)).toEqual(['Endpoints (View)', 'Notification Settings (Edit)']);
  expect(checks.filter((check) => check.status === 'unknown').map((check) => check.name)).toEqual([
    'Console Integrations (Create)',
  ]);
});

test('a console that is asked too fast says for how long to leave it alone', async () => {
  simulator.control.configure({ rateLimit: true, retryAfter: 'date' });
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => session.countActivities({ accountId })));
  const reasons = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome): unknown => outcome.reason);
  expect(reasons.length).toBeGreaterThan(0);
  for (const reason of reasons) {
    expect(reason).toMatchObject({ code: 's1.rate_limited', retryAfterMs: expect.any(Number) as number });
  }
});

test('times are the console’s, not ours', async () => {
  simulator.control.setClock({ skewMs: -3_600_000 });
  await session.measureClock();
  const skewMicros = session.consoleNowMicros() - Date.now() * 1000;
  expect(Math.abs(skewMicros + 3_600_000_000)).toBeLessThan(2_000_000);
});
