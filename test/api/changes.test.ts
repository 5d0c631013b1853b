// Live changes: ids within the caller's scope, soon, and a word when something may have been missed.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Principal } from '../../src/api/http/principal.js';
import { announceChanges } from '../../src/store/change-channel.js';
import { type ApiStage, aPrincipal, openApiStage, principalHeader } from './support/api-stage.js';
import { type ConnectedStage, eventually, openConnectedStage } from './support/connected-stage.js';

const HEARTBEAT_MS = 200;
const revoked = new Set<string>();
/** Those who go while it is being asked who they are. */
const leaving = new Map<string, { readonly abort: AbortController; readonly left: PromiseWithResolvers<void> }>();

let api: ApiStage;
let stage: ConnectedStage;
beforeAll(async () => {
  stage = await openConnectedStage();
  await stage.startWorker();
  api = await openApiStage({
    parts: {
      changes: { heartbeatMs: HEARTBEAT_MS, maxStreamsPerAccount: 3, maxStreamsPerCaller: 2 },
      authenticator: {
        authenticate: async (request) => {
          const text = request.get('x-test-principal');
          if (text === undefined) return null;
          const principal = JSON.parse(Buffer.from(text, 'base64url').toString()) as Principal;
          const leaver = leaving.get(principal.id);
          if (leaver !== undefined && request.res !== undefined) {
            leaver.abort.abort();
            await once(request.res, 'close');
            leaver.left.resolve();
          }
          return revoked.has(principal.id) ? null : principal;
        },
      },
    },
  });
});
afterAll(async () => {
  await api.close();
  await stage[Symbol.asyncDispose]();
});

interface Watch {
  readonly status: number;
  readonly events: { readonly type: string; readonly ids: readonly string[] }[];
  heartbeats: number;
  readonly ended: Promise<void>;
  stop(): void;
}

const open: Watch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.stop();
});

async function watch(url: string, principal: Principal): Promise<Watch> {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/changes`, { headers: principalHeader(principal), signal: abort.signal });
  const started: Watch = {
    status: response.status,
    events: [],
    heartbeats: 0,
    ended: follow(response, (block) => take(started, block)).catch(() => undefined),
    stop: () => abort.abort(),
  };
  open.push(started);
  if (response.status === 200)
    await eventually(
      () => started.events.length + started.heartbeats,
      (n) => n > 0,
    );
  return started;
}

async function follow(response: Response, onBlock: (block: string) => void): Promise<void> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    blocks.forEach(onBlock);
  }
}

function take(into: Watch, block: string): void {
  if (block.startsWith(':')) {
    into.heartbeats += 1;
    return;
  }
  const [, type = '', data = '{}'] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
  into.events.push({ type, ids: (JSON.parse(data) as { ids: string[] }).ids });
}

const listening = (watching: Watch) =>
  eventually(
    () => watching.events,
    (events) => events.some(({ type }) => type === 'resync'),
  );
const seen = (watching: Watch) => watching.events.filter(({ type }) => type !== 'resync');

test('a partner sees its connection come, its counters move and its notices open', async () => {
  const partner = await stage.partner({ historyRows: 40, historyWindowMs: 600_000 });
  const { organizationId, otherOrganizationId } = partner.account;
  const admin = await watch(stage.api.url, partner.admin);
  await listening(admin);
  const customer = await watch(stage.api.url, partner.as('org_user'));
  const neighbour = await watch(stage.api.url, { ...partner.as('org_user'), organizationIds: [otherOrganizationId] });
  const stranger = await watch(stage.api.url, aPrincipal(stage.api.ours));
  await partner.connect({ collectFrom: new Date(Date.now() - 620_000).toISOString() });
  await partner.map({ 0: organizationId });
  partner.simulator.control.addSite({ name: 'Dunmore', agents: 1, announce: false });
  await partner.on('POST /sync-sites');
  await eventually(
    () => new Set(admin.events.map(({ type }) => type)),
    (types) => ['connection', 'counters', 'notice'].every((type) => types.has(type)),
  );
  await eventually(
    () => seen(customer),
    (events) => events.length > 0,
  );
  const { items } = (await partner.call('GET /v1/notices')).body;
  expect(items.map(({ id }: { id: string }) => id)).toEqual(
    expect.arrayContaining(admin.events.flatMap(({ type, ids }) => (type === 'notice' ? ids : []))),
  );
  const told = (type: string) => admin.events.filter((event) => event.type === type).flatMap(({ ids }) => ids);
  expect(new Set([...told('connection'), ...told('counters')])).toEqual(new Set([partner.connectionId]));
  expect(new Set(seen(customer).flatMap(({ type, ids }) => [type, ...ids]))).toEqual(
    new Set(['counters', organizationId]),
  );
  expect(seen(neighbour)).toEqual([]);
  expect(seen(stranger)).toEqual([]);
});

test('many changes at once are one event, at most once a second', async () => {
  const admin = await watch(api.url, aPrincipal(api.ours));
  await listening(admin);
  const { accountId } = api.ours;
  const ids = Array.from({ length: 50 }, (_, n) => `c${n}`);
  for (const id of ids) await announceChanges(api.owner, { accountId, connections: [id] });
  await eventually(
    () => seen(admin).flatMap((event) => event.ids),
    (all) => all.length === ids.length,
  );
  expect(seen(admin).length).toBeLessThanOrEqual(3);
  expect(
    seen(admin)
      .flatMap((event) => event.ids)
      .sort(),
  ).toEqual(ids.sort());
});

test('what is too much to name is a resync, and what is no change is nothing', async () => {
  const admin = await watch(api.url, aPrincipal(api.ours));
  await announceChanges(api.owner, { accountId: api.ours.accountId, notices: ['n'] });
  await eventually(
    () => seen(admin),
    (events) => events.length > 0,
  );
  const before = admin.events.length;
  await api.owner.pool.query(
    `select pg_notify('sentinelone_changes', 'null'), pg_notify('sentinelone_changes', '{"a"')`,
  );
  await announceChanges(api.owner, {
    accountId: api.ours.accountId,
    connections: Array.from({ length: 1_000 }, (_, n) => `connection-${n}`),
  });
  await eventually(
    () => admin.events.length,
    (length) => length > before,
  );
  expect(admin.events.slice(before)).toEqual([{ type: 'resync', ids: [] }]);
});

test('a broken listening connection is made again, and everybody is told to read again', async () => {
  const admin = await watch(api.url, aPrincipal(api.ours));
  const before = admin.events.length;
  await api.owner.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()`,
  );
  await eventually(
    () => admin.events.slice(before),
    (events) => events.some(({ type }) => type === 'resync'),
  );
  await announceChanges(api.owner, { accountId: api.ours.accountId, notices: ['after'] });
  await eventually(
    () => seen(admin),
    (events) => events.some(({ ids }) => ids.includes('after')),
  );
});

test('a stream that says nothing shows that it lives, and ends when its caller may no longer watch', async () => {
  const principal = aPrincipal(api.ours);
  const admin = await watch(api.url, principal);
  await eventually(
    () => admin.heartbeats,
    (heartbeats) => heartbeats >= 3,
  );
  revoked.add(principal.id);
  await admin.ended;
  expect((await watch(api.url, principal)).status).toBe(401);
});

test('a caller and an account have so many streams and no more, and a closed one makes room', async () => {
  const [one, other] = [aPrincipal(api.theirs), aPrincipal(api.theirs)];
  const watching = await Promise.all([1, 2].map(() => watch(api.url, one)));
  const refusal = async (principal: Principal) => {
    const { status, headers, body } = await api.call('GET /v1/changes', { as: principal });
    return { status, retryAfter: headers.get('retry-after'), detail: body.detail };
  };
  const expected = { status: 429, retryAfter: '15' };
  expect(await refusal(one)).toMatchObject({ ...expected, detail: expect.stringMatching(/^you have/) });
  expect((await watch(api.url, other)).status).toBe(200);
  expect(await refusal(other)).toMatchObject({ ...expected, detail: expect.stringMatching(/^this account has/) });
  watching[0]?.stop();
  await eventually(
    async () => (await watch(api.url, one)).status,
    (status) => status === 200,
  );
});

test('whoever goes while it is being asked who they are holds no stream', async () => {
  const account = { ...api.theirs, accountId: randomUUID() };
  for (let count = 0; count < 3; count++) {
    const principal = aPrincipal(account);
    const leaver = { abort: new AbortController(), left: Promise.withResolvers<void>() };
    leaving.set(principal.id, leaver);
    const gone = fetch(`${api.url}/v1/changes`, {
      headers: principalHeader(principal),
      signal: leaver.abort.signal,
    });
    await expect(gone).rejects.toThrow(/abort/);
    await leaver.left.promise;
  }
  expect((await watch(api.url, aPrincipal(account))).status).toBe(200);
});
