// What a test can make the simulator do: dead tokens, faults, limits, a wrong clock, raw rows, and its ground truth.
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import { clientOf, order } from './simulator-client.js';

let simulator: Simulator;
let client: ReturnType<typeof clientOf>;

beforeEach(async () => {
  simulator = await startSimulator({ historyRows: 200 });
  client = clientOf(simulator);
});
afterEach(() => simulator.close());

const status = async (path: string, query = {}) => (await client.send(path, query)).status;

describe('tokens', () => {
  test('kills the old token the moment a new one is made', async () => {
    const { token } = simulator.control.regenerateToken({ token: 'account-1' });
    expect(await status('/system/info')).toBe(401);
    expect((await clientOf(simulator, token).send('/system/info')).status).toBe(200);
  });

  test('of another start are alive, where they are kept in a file', async () => {
    const tokensFile = join(mkdtempSync(join(tmpdir(), 'tokens-')), 'tokens.jsonl');
    onTestFinished(() => rmSync(dirname(tokensFile), { recursive: true }));
    const first = await startSimulator({ tokensFile });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19);
    const dead = first.control.regenerateToken({ token: 'account-1' }).token;
    const { token, expiresAt: said } = first.control.regenerateToken({
      token: 'account-1',
      expiresAt: `${expiresAt}Z`,
    });
    await first.close();
    appendFileSync(tokensFile, '{"label":"account-1","tok'); // a crash in the middle of a line
    const second = await startSimulator({ tokensFile });
    onTestFinished(() => second.close());
    const statusWith = async (each: string) => (await clientOf(second, each).send('/system/info')).status;
    expect([await statusWith(dead), await statusWith(token)]).toEqual([401, 200]);
    expect(second.state.tokens.find(token)?.expiresAtMicros).toBe(Date.parse(said) * 1000);
    expect(statSync(tokensFile).mode & 0o777).toBe(0o600);
    const last = second.control.regenerateToken({ token: 'account-1' }).token;
    const third = await startSimulator({ tokensFile });
    onTestFinished(() => third.close());
    expect((await clientOf(third, last).send('/system/info')).status).toBe(200);
  });

  test('expires at console time', async () => {
    simulator.control.setTokenExpiry({ token: 'account-1', expiresAt: new Date(Date.now() + 60_000).toISOString() });
    expect(await status('/system/info')).toBe(200);
    simulator.control.setClock({ skewMs: 61_000 });
    expect(await status('/system/info')).toBe(401);
  });

  test('can be revoked and restored', async () => {
    simulator.control.revokeToken({ token: simulator.token });
    expect(await status('/activities')).toBe(401);
    simulator.control.restoreToken({ token: simulator.token });
    expect(await status('/activities')).toBe(200);
  });
});

describe('faults', () => {
  test('hit as many matching requests as ordered, then stop', async () => {
    simulator.control.addFault({ requests: 2, pathPrefix: '/activities', status: 503 });
    expect(await status('/system/info')).toBe(200);
    expect([await status('/activities'), await status('/activities'), await status('/activities')]).toEqual([
      503, 503, 200,
    ]);
  });

  test('can wait for a request with a cursor', async () => {
    simulator.control.addFault({ queryContains: 'cursor=', status: 429, retryAfter: '7' });
    const { pagination } = await client.page({ limit: 10 });
    const limited = await client.send('/activities', { limit: 10, cursor: pagination.nextCursor ?? '' });
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('7');
    expect(limited.headers.get('content-type')).toBe('text/html');
    expect(await limited.text()).toContain('<title>429 Too Many Requests</title>');
  });

  test('cut JSON, put errors into a 200, and replace the body', async () => {
    simulator.control.addFault({ cutJson: true });
    const cut = await (await client.send('/activities')).text();
    expect(() => JSON.parse(cut) as unknown).toThrow(SyntaxError);
    simulator.control.addFault({ errorsIn200: true });
    const odd = await client.send('/activities');
    expect(odd.status).toBe(200);
    expect(await odd.json()).toMatchObject({ errors: [{ code: 5000010 }] });
    simulator.control.addFault({ body: '404 page not found', status: 404 });
    expect(await (await client.send('/activities')).text()).toBe('404 page not found');
  });

  test('are counted by name when they really hit', async () => {
    const injected = async () => (await fetch(`${simulator.url}/control/injected`)).json();
    simulator.control.addFault({ name: 'busy', requests: 3, pathPrefix: '/activities', status: 503 });
    simulator.control.addFault({ pathPrefix: '/sites', status: 503 });
    expect(await injected()).toEqual({ faults: {}, deadCursors: 0 });
    for (const path of ['/activities', '/sites', '/activities']) await status(path);
    simulator.control.clearFaults();
    expect(await injected()).toEqual({ faults: { busy: 2 }, deadCursors: 0 });
  });

  test.each(['before', 'mid-body'] as const)('reset the connection %s', async (reset) => {
    simulator.control.addFault({ reset });
    await expect(client.send('/activities').then((response) => response.text())).rejects.toThrow();
    expect(await status('/activities')).toBe(200);
  });
});

describe('limits', () => {
  test('lets a burst of 30 pages pass and then answers 429 in HTML', async () => {
    simulator.control.configure({ rateLimit: true, retryAfter: 'date' });
    const replies = await Promise.all(Array.from({ length: 60 }, () => client.send('/activities', { limit: 1 })));
    const limited = replies.filter((reply) => reply.status === 429);
    expect(replies.filter((reply) => reply.status === 200).length).toBeGreaterThanOrEqual(30);
    expect(limited.length).toBeGreaterThan(0);
    expect(Date.parse(limited[0]?.headers.get('retry-after') ?? '')).toBeGreaterThan(Date.now() - 1000);
    expect(await limited[0]?.text()).toContain('nginx');
  });

  test('refuses every cursor after they expired', async () => {
    const { pagination } = await client.page({ limit: 10 });
    simulator.control.expireCursors();
    expect(await status('/activities', { limit: 10, cursor: pagination.nextCursor ?? '' })).toBe(400);
    const injected = await fetch(`${simulator.url}/control/injected`);
    expect(await injected.json()).toMatchObject({ deadCursors: 1 });
  });
});

describe('the clock', () => {
  test('moves the Date header and new rows', async () => {
    simulator.control.setClock({ skewMs: -3_600_000 });
    const { lastId } = simulator.control.appendActivities({ type: 27 });
    const response = await client.send('/activities', { ids: lastId ?? '' });
    const behindMs = Date.now() - Date.parse(response.headers.get('date') ?? '');
    expect(behindMs).toBeGreaterThan(3_590_000);
    expect(
      Date.now() - Date.parse([...simulator.truth()].find((row) => row.id === lastId)?.createdAt ?? ''),
    ).toBeGreaterThan(3_590_000);
  });
});

describe('raw rows', () => {
  test('are served untouched, escapes and digits included', async () => {
    const text =
      '{"id":"{{id}}","createdAt":"{{createdAt}}","siteId":"777","data":{"n":12345678901234567890,"z":"a\\u0000b\\ud800"}}';
    const { lastId } = simulator.control.appendRaw({ text });
    const served = await (await client.send('/activities', { ids: lastId ?? '' })).text();
    expect(served).toContain('"siteId":"777","data":{"n":12345678901234567890,"z":"a\\u0000b\\ud800"}}');
    expect((await client.page({ siteIds: '777' })).data.map(({ id }) => id)).toEqual([lastId]);
  });

  test('may have no id and no time', async () => {
    simulator.control.appendRaw({ text: '{"activityType":27}', at: '2026-02-01T00:00:00Z' });
    const { data } = await client.page({
      createdAt__gte: '2026-02-01T00:00:00Z',
      createdAt__lte: '2026-02-01T00:00:00Z',
    });
    expect(data).toEqual([{ activityType: 27 }]);
    expect([...simulator.truth()].filter((row) => row.id === null)).toHaveLength(1);
  });
});

describe('the form of replies', () => {
  const AT = '2026-02-01T00:00:00.123456Z';
  const asked = () => client.page({ createdAt__gte: AT, createdAt__lte: AT });

  test.each([
    ['millis', '2026-02-01T00:00:00.123Z'],
    ['seconds', '2026-02-01T00:00:00Z'],
    ['no-zone', '2026-02-01T00:00:00.123456'],
    ['micros', AT],
  ] as const)('rows state their time in %s, and stay where they are', async (createdAtForm, stated) => {
    const { lastId } = simulator.control.appendActivities({ type: 27, at: AT });
    simulator.control.configure({ createdAtForm });
    expect((await asked()).data).toMatchObject([{ id: lastId, createdAt: stated }]);
    expect([...simulator.truth()].find(({ id }) => id === lastId)?.createdAt).toBe(AT);
  });

  test('is gzip when it was asked for, or always', async () => {
    const encoding = async (acceptEncoding: string) => {
      const headers = { authorization: `ApiToken ${simulator.token}`, 'accept-encoding': acceptEncoding };
      const response = await fetch(`${simulator.url}/web/api/v2.1/activities?limit=5`, { headers });
      expect(((await response.json()) as { data: unknown[] }).data).toHaveLength(5);
      return response.headers.get('content-encoding');
    };
    expect(await encoding('gzip')).toBe(null);
    simulator.control.configure({ gzip: 'asked' });
    expect([await encoding('identity'), await encoding('gzip')]).toEqual([null, 'gzip']);
    simulator.control.configure({ gzip: 'always' });
    expect(await encoding('identity')).toBe('gzip');
  });

  test('speaks of an account by its new name', async () => {
    const [account] = simulator.state.world.accounts;
    const before = (await client.page({ limit: 1 })).data[0];
    simulator.control.renameAccount({ accountId: account?.id ?? '', name: 'Northwind Group' });
    const names = async (path: string) => {
      const { data } = await client.get<{ data: { sites?: { accountName: string }[] } & { name: string }[] }>(path);
      return (data.sites?.map(({ accountName }) => accountName) ?? data.map(({ name }) => name)).slice(0, 1);
    };
    expect([await names('/accounts'), await names('/sites')]).toEqual([['Northwind Group'], ['Northwind Group']]);
    const after = (await client.page({ limit: 1 })).data[0];
    expect(after).toEqual({ ...before, accountName: 'Northwind Group', data: expect.anything() as unknown });
  });
});

describe('the live feed', () => {
  test('adds rows until it is stopped', async () => {
    simulator.control.startFeed({ rowsPerSecond: 500, lateShare: 0.5, lateByMs: 60_000 });
    await vi.waitUntil(() => simulator.state.log.size > 300, { timeout: 5000 });
    simulator.control.stopFeed();
    const rows = await client.all({ includeHidden: true });
    expect(rows).toHaveLength([...simulator.truth()].filter((row) => row.accountId === rows[0]?.accountId).length);
  });
});

describe('the control over HTTP', () => {
  test('takes the same orders and refuses what does not fit', async () => {
    const added = await order(simulator, 'add-site', { name: 'Grünwald Clinic', agents: 2 });
    const { siteId } = (await added.json()) as { siteId: string };
    const { data } = await client.page({ siteIds: siteId });
    expect(data).toMatchObject([{ activityType: 5020, siteId, siteName: 'Grünwald Clinic' }]);
    expect((await order(simulator, 'add-site', { nam: 'x' })).status).toBe(400);
    expect(await (await order(simulator, 'rename-site', { siteId: '1', name: 'x' })).json()).toEqual({
      error: 'unknown site',
    });
    expect((await order(simulator, 'no-such-order', {})).status).toBe(404);
  });

  test('streams the truth and counts it', async () => {
    const lines = (await (await fetch(`${simulator.url}/control/truth`)).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([...simulator.truth()]);
    const counts = await (await fetch(`${simulator.url}/control/truth/counts`)).json();
    expect(counts).toEqual(simulator.truthCounts());
    expect(simulator.truthCounts().total).toBe(200);
  });

  test('logs requests with the last four characters of the token', async () => {
    await client.page({ limit: 3 });
    const response = await fetch(`${simulator.url}/control/requests?pathPrefix=/activities`);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject([
      { method: 'GET', path: '/activities', query: { limit: '3' }, status: 200, tokenLast4: simulator.token.slice(-4) },
    ]);
    expect(text).not.toContain(simulator.token);
    simulator.control.clearRequests();
    expect(simulator.requests()).toEqual([]);
  });
});
