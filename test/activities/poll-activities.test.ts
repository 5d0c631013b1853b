// The live poll: what it stores and where, what it asks SentinelOne for, and when it says that there is nothing new.
import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { toInstant, toMicros } from '../../src/domain/instant.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import { eventually, sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const MINUTE_MS = 60_000;
const MAPPED = { 0: 1, 1: 2 };

/** Collecting since ten minutes ago; the third site is not mapped. */
async function collecting(options: SceneOptions = {}): Promise<Scene> {
  const scene = await stage.scene({ collectFromAgoMs: 10 * MINUTE_MS, historyWindowMs: 9 * MINUTE_MS, ...options });
  await scene.accept();
  await scene.map(MAPPED);
  scene.simulator.control.clearRequests();
  return scene;
}

const ago = (scene: Scene, ms: number) => toInstant((scene.simulator.state.clock.nowMs() - ms) * 1000);
const activityRequests = (scene: Scene) => scene.simulator.requests('/activities');

/** A row that the simulator serves word for word. */
function addRaw(scene: Scene, fields: object, options: { readonly at?: string; readonly count?: number } = {}): void {
  const text = JSON.stringify({ id: '{{id}}', createdAt: '{{createdAt}}', activityType: 27, ...fields });
  scene.simulator.control.appendRaw({ text, ...options });
}

test('every row is filed by the mapping, with the last digit of its time', async () => {
  const scene = await collecting({ historyRows: 2_500 });

  const outcome = await scene.poll();

  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  const stored = await scene.rows('events');
  const times = new Map(scene.truth().map(({ id, createdAt }) => [id, createdAt]));
  expect(stored.every((row) => times.get(String(row['activity_id'])) === row['occurred_at'])).toBe(true);
  const discards = await scene.discarded();
  const watermark = scene.truth().at(-1)?.createdAt;
  expect(outcome).toEqual({
    credentialId: scene.credentialId,
    stored: stored.length,
    discarded: discards.size,
    rejected: 0,
    watermark,
    backfillQueued: false,
  });
  expect(await scene.watermark()).toBe(watermark);
  expect(await scene.connection()).toMatchObject({
    stored_count: stored.length,
    discarded_count: discards.size,
    consecutive_failures: 0,
    degraded_since: null,
  });
  const scopes = new Set(scene.truth().map(({ siteId, agentId }) => `${siteId === null} ${agentId === null}`));
  expect(scopes.size).toBe(4);
});

test('without any mapping, what belongs to a site is discarded and the rest goes to the default organization', async () => {
  const scene = await stage.scene({
    collectFromAgoMs: 10 * MINUTE_MS,
    historyWindowMs: 9 * MINUTE_MS,
    historyRows: 300,
  });
  await scene.accept();
  await scene.poll();
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected({})));
});

test('an idle poll fails benignly, asks to be tried again after the interval, and leaves no row', async () => {
  const scene = await collecting();
  const failure = await scene.failedPoll();
  expect(failure).toMatchObject({ type: 'idle', category: 'BENIGN', nonRetryable: false, nextRetryDelay: INTERVAL_MS });
  expect(await scene.collected()).toEqual(new Map());
  const { collected_through } = await scene.connection();
  const consoleMicros = scene.simulator.state.clock.nowMs() * 1000;
  expect(Math.abs(toMicros(String(collected_through)) - consoleMicros)).toBeLessThan(5_000_000);
});

test('reading the overlap again adds nothing and is idle', async () => {
  const scene = await collecting({ historyRows: 500, historyWindowMs: MINUTE_MS });
  await scene.poll();
  const before = await scene.collected();
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
  expect(await scene.collected()).toEqual(before);
  expect(activityRequests(scene)).toHaveLength(2);
});

test('more rows of one instant than a page holds are all stored once', async () => {
  const scene = await collecting();
  const at = ago(scene, MINUTE_MS);
  scene.simulator.control.appendActivities({ count: 2_300, type: 5126, at });
  await scene.poll();
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  expect(await scene.watermark()).toBe(at);
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
});

test('a row that becomes visible late, but within the overlap, is collected', async () => {
  const scene = await collecting({ historyRows: 100 });
  scene.simulator.control.appendActivities({ count: 1 });
  await scene.poll();
  const watermark = await scene.watermark();
  scene.simulator.control.appendActivities({ count: 20, at: ago(scene, 100_000), stepMicros: 1 });
  expect((await scene.poll()).watermark).toBe(watermark);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('rows dated ahead wait, so that they cannot carry the watermark past rows still to come', async () => {
  const scene = await collecting();
  scene.simulator.control.appendActivities({ count: 1, at: ago(scene, -5 * MINUTE_MS) });
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
});

test('what it asks for: the frozen filter with every cursor, a whole page, no count, this account only', async () => {
  const scene = await collecting({ historyRows: 2_500, clockSkewMs: 3_600_000 });
  await scene.poll();
  const [first, ...others] = activityRequests(scene).map(({ query }) => query);
  const filter = {
    accountIds: scene.s1AccountId,
    createdAt__gte: (await scene.connection())['collect_from'],
    createdAt__lt: first?.['createdAt__lt'],
    limit: '1000',
    skipCount: 'true',
    sortBy: 'createdAt',
    sortOrder: 'asc',
  };
  expect(first).toEqual(filter);
  const aheadMicros = toMicros(String(first?.['createdAt__lt'])) - scene.simulator.state.clock.nowMs() * 1000;
  expect(Math.abs(aheadMicros - 60_000_000)).toBeLessThan(10_000_000);
  expect(others.length).toBeGreaterThan(0);
  for (const { cursor, ...rest } of others) {
    expect(rest).toEqual(filter);
    expect(cursor).toBeTruthy();
  }
  const lastSeen = await scene.watermark();
  scene.simulator.control.clearRequests();
  await scene.failedPoll();
  const [next] = activityRequests(scene).map(({ query }) => query);
  expect(next?.['createdAt__gte']).toBe(toInstant(toMicros(String(lastSeen)) - 120_000_000));
});

test('rows that name only an agent go by its site, also when it is decommissioned or uninstalled', async () => {
  const scene = await collecting();
  const { control } = scene.simulator;
  control.setAgentState({ agentId: scene.agentId(0), isDecommissioned: true, announce: false });
  control.setAgentState({ agentId: scene.agentId(1), isUninstalled: true, announce: false });
  for (const agentId of [scene.agentId(0), scene.agentId(1), scene.agentId(2)]) {
    control.appendActivities({ type: 120, agentId, siteId: null, count: 2 });
  }
  await scene.poll();
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  expect([...(await scene.discarded()).values()]).toMatchObject([
    { site_id: scene.siteId(2), site_from: 'agent', reason: 'site_unmapped' },
    { site_id: scene.siteId(2), site_from: 'agent', reason: 'site_unmapped' },
  ]);
  const asked = scene.simulator.requests('/agents');
  expect(asked).toHaveLength(1);
  expect(asked[0]?.query).toMatchObject({ isDecommissioned: 'True,False', isUninstalled: 'True,False' });
});

test('an agent that SentinelOne does not know is a discard, which a later site sync puts under its site', async () => {
  const scene = await collecting();
  const unknown = '9999';
  addRaw(scene, { agentId: unknown, siteId: null });
  await scene.poll();
  expect([...(await scene.discarded()).values()]).toMatchObject([
    { site_id: null, agent_id: unknown, site_from: 'agent', reason: 'agent_unresolved' },
  ]);

  scene.simulator.control.addFault({
    pathPrefix: '/agents',
    body: JSON.stringify({ data: [{ id: unknown, siteId: scene.siteId(0) }], pagination: { nextCursor: null } }),
  });
  await scene.call('syncSites', {});
  expect([...(await scene.discarded()).values()]).toMatchObject([
    { site_id: scene.siteId(0), reason: 'site_unmapped', agent_id: unknown },
  ]);
  expect(await scene.rows('sites', `and site_id = '${scene.siteId(0)}'`)).toMatchObject([{ discarded_count: 1 }]);
});

test('when agents cannot be asked for, the poll fails and the checkpoint stays', async () => {
  const scene = await collecting();
  scene.simulator.control.appendActivities({ type: 120, agentId: scene.agentId(0), siteId: null });
  scene.simulator.control.addFault({ pathPrefix: '/agents', status: 500 });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.unavailable' });
  expect(await scene.watermark()).toBeNull();
  expect(await scene.collected()).toEqual(new Map());
  expect(await scene.poll()).toMatchObject({ stored: 1 });
});

test.each([{ agentId: 'not,an id' }, { agentId: { id: 1 } }, { agentId: '1'.repeat(30) }])(
  'an agent id that SentinelOne would refuse to look up (%j) stops nothing',
  async (fields) => {
    const scene = await collecting();
    addRaw(scene, { ...fields, siteId: null });
    scene.simulator.control.appendActivities({ type: 120, agentId: scene.agentId(0), siteId: null });
    expect(await scene.poll()).toMatchObject({ stored: 1, discarded: 1 });
    expect([...(await scene.discarded()).values()]).toMatchObject([{ reason: 'agent_unresolved', site_id: null }]);
    await scene.call('syncSites', {});
  },
);

test('bad rows are kept aside with a reason, once, and the page goes on', async () => {
  const scene = await collecting();
  const at = ago(scene, MINUTE_MS);
  const years = ['0000-01-01T00:00:00Z', '2012-12-31T23:59:59Z', '9999-12-31T23:59:59-12:00', 'yesterday'];
  for (const createdAt of years) addRaw(scene, { createdAt }, { at });
  addRaw(scene, { createdAt: ago(scene, -25 * 60 * MINUTE_MS) }, { at });
  addRaw(scene, { id: null, primaryDescription: 'a \u0000 null' }, { at });
  for (const text of ['null', '[1]', '"text"', '17']) scene.simulator.control.appendRaw({ text, at });
  scene.simulator.control.appendActivities({ count: 3, type: 33, siteId: scene.siteId(0) });

  expect(await scene.poll()).toMatchObject({ stored: 3, discarded: 0, rejected: 10 });

  const reasons = (await scene.rows('rejects', 'order by reason')).map((row) => row['reason']);
  expect(Object.entries(Object.groupBy(reasons, String)).map(([reason, of]) => [reason, of?.length])).toEqual([
    ['no_id', 1],
    ['no_time', 3],
    ['not_an_object', 4],
    ['time_out_of_range', 2],
  ]);
  expect(await scene.connection()).toMatchObject({ rejected_count: 10 });
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
  expect(await scene.rows('rejects')).toHaveLength(10);
});

test('numbers beyond 2^53 keep every digit, and U+0000 and lone surrogates become U+FFFD', async () => {
  const scene = await collecting();
  const id = '{{id}}';
  const text = `{"id":"${id}","createdAt":"{{createdAt}}","activityType":27,"siteId":"${scene.siteId(0)}",
    "primaryDescription":"a\\u0000b\\ud800c","data":{"ruleId":17000000000000129001,"tiny":0.1}}`;
  scene.simulator.control.appendRaw({ text });
  await scene.poll();
  const [event] = await scene.rows('events');
  expect(event?.['activity']).toContain('17000000000000129001');
  expect(event).toMatchObject({ message: 'a\ufffdb\ufffdc', sanitized: true });
});

test('a cursor that dies in the middle of a chain loses and doubles nothing', async () => {
  const scene = await collecting({ historyRows: 3_500 });
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'cursor=', after: 1, status: 400 });
  const outcome = await scene.poll();
  const expected = scene.expected(MAPPED);
  expect(outcome.stored + outcome.discarded).toBe(expected.size);
  expect(sorted(await scene.collected())).toEqual(sorted(expected));
  expect(activityRequests(scene).filter(({ query }) => query['cursor'] === undefined)).toHaveLength(2);
});

test('a cursor that dies while the overlap is read again does not stop the poll either', async () => {
  const scene = await collecting({ historyRows: 2_500, historyWindowMs: 100_000 });
  await scene.poll();
  scene.simulator.control.appendActivities({ count: 5 });
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'cursor=', status: 404 });
  const { stored, discarded } = await scene.poll();
  expect(stored + discarded).toBeGreaterThan(0);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('a cursor that never lives gives up instead of going in circles', async () => {
  const scene = await collecting({ historyRows: 2_500, historyWindowMs: 100_000 });
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'cursor=', status: 400, requests: 99 });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.bad_request', nextRetryDelay: 300_000 });
  expect(activityRequests(scene).length).toBeLessThan(8);
});

test('a long silence is handed to a backfill at once, and live rows need not wait for it', async () => {
  const scene = await stage.scene({
    collectFromAgoMs: 120 * MINUTE_MS,
    historyWindowMs: 90 * MINUTE_MS,
    historyRows: 900,
  });
  await scene.accept();
  await scene.map(MAPPED);
  const { collect_from } = await scene.connection();

  const outcome = await scene.poll();

  expect(outcome).toMatchObject({ backfillQueued: true });
  const [backfill, ...others] = await scene.rows('backfills');
  expect(others).toEqual([]);
  expect(backfill).toMatchObject({ kind: 'history', from_at: collect_from, state: 'queued', site_ids: null });
  expect(await scene.watermark()).toBe(backfill?.['to_at']);
  const last2Minutes = toMicros(String(backfill?.['to_at'])) - 120_000_000;
  const recent = scene.truth({ fromMicros: last2Minutes });
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED, recent)));

  scene.simulator.control.appendActivities({ count: 5 });
  await scene.poll();
  expect(await scene.rows('backfills')).toHaveLength(1);
});

test('a handover that cannot be written moves nothing', async () => {
  const scene = await stage.scene({ collectFromAgoMs: 120 * MINUTE_MS });
  await scene.accept();
  await scene.query("alter table backfills add constraint test_full check (kind <> 'history') not valid");
  expect(await scene.failedPoll()).toMatchObject({ type: 'internal', nonRetryable: false, nextRetryDelay: 5_000 });
  expect(await scene.watermark()).toBeNull();
  await scene.query('alter table backfills drop constraint test_full');
  expect(await scene.poll()).toMatchObject({ backfillQueued: true });
});

test('a handover is an outcome even when nothing is live', async () => {
  const scene = await stage.scene({ collectFromAgoMs: 120 * MINUTE_MS });
  await scene.accept();
  expect(await scene.poll()).toMatchObject({ stored: 0, discarded: 0, backfillQueued: true });
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
});

test('nothing is handed over while the console is away: an outage of hours queues one backfill, not one for each try', async () => {
  const scene = await collecting();
  await scene.failedPoll();
  await scene.query(
    "update connections set collected_through = collected_through - interval '3 hours', collect_from = collect_from - interval '3 hours' where id = $1",
    [scene.connectionId],
  );
  scene.simulator.control.addFault({ requests: 100, status: 503 });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.unavailable' });
  expect(await scene.rows('backfills')).toEqual([]);
  expect(await scene.watermark()).toBeNull();
  scene.simulator.control.clearFaults();
  expect(await scene.poll()).toMatchObject({ backfillQueued: true });
  expect(await scene.rows('backfills')).toHaveLength(1);
});

test('a poll that takes long shows that it lives; one that finds nothing at once writes nothing to Temporal but its end', async () => {
  const scene = await collecting({ historyRows: 0 });
  const idle = scene.start('pollActivities', { pollIntervalMs: INTERVAL_MS });
  await expect(idle.result).rejects.toMatchObject({ type: 'idle' });
  expect(idle.heartbeats()).toBe(0);

  scene.simulator.control.configure({ pageLatencyMs: 3_200 });
  const slow = scene.start('pollActivities', { pollIntervalMs: INTERVAL_MS });
  await expect(slow.result).rejects.toMatchObject({ type: 'idle' });
  expect(slow.heartbeats()).toBeGreaterThan(0);
});

test('cancelled between two pages it ends as cancelled, and what was stored stays', async () => {
  const scene = await collecting({ historyRows: 5_000 });
  scene.simulator.control.configure({ pageLatencyMs: 100 });
  const run = scene.start('pollActivities', { pollIntervalMs: INTERVAL_MS });
  await eventually(() => scene.watermark(), Boolean);
  run.cancel();
  await expect(run.result).rejects.toBeInstanceOf(CancelledFailure);
  const stored = await scene.collected();
  expect(stored.size).toBeGreaterThan(0);
  expect(stored.size).toBeLessThan(scene.truth().length);
  expect(await scene.connection()).toMatchObject({ consecutive_failures: 0, collected_through: null });

  scene.simulator.control.configure({ pageLatencyMs: 0 });
  await scene.poll();
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('two polls side by side double nothing: the slower one gives way', async () => {
  const scene = await collecting({ historyRows: 3_000 });
  const results = await Promise.allSettled([scene.poll(), scene.poll()]);
  const failures = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
  expect(failures).toMatchObject([{ type: 'checkpoint.conflict', nextRetryDelay: 100, nonRetryable: false }]);
  expect(await scene.connection()).toMatchObject({ consecutive_failures: 0 });
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('a site that only an activity has named so far is added as unmapped', async () => {
  const scene = await collecting();
  const { siteId } = scene.simulator.control.addSite({ name: 'Dunmore Legal', announce: true });
  await scene.poll();
  expect(await scene.rows('sites', `and site_id = '${siteId}'`)).toMatchObject([
    { name: 'Dunmore Legal', state: 'unknown', discarded_count: 1 },
  ]);
});

test('a remap between two polls changes what comes and not what came', async () => {
  const scene = await collecting();
  const append = () => scene.simulator.control.appendActivities({ type: 33, siteId: scene.siteId(0), count: 2 }).ids;
  const before = append();
  await scene.poll();
  await scene.map({ 0: 2 });
  const after = append();
  await scene.poll();
  const stored = await scene.stored();
  expect(before.map((id) => stored.get(String(id)))).toEqual([scene.organizationId(1), scene.organizationId(1)]);
  expect(after.map((id) => stored.get(String(id)))).toEqual([scene.organizationId(2), scene.organizationId(2)]);
});

test('a poll that finds only what is held writes nothing but that it came to its end', async () => {
  const scene = await collecting({ historyRows: 300 });
  await scene.poll();
  const before = await scene.rows('checkpoints');

  await expect(scene.poll()).rejects.toMatchObject({ type: 'idle' });

  expect(await scene.rows('checkpoints')).toEqual(before);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('a row that is held is not read again, whatever it says by now; the row beside it is', async () => {
  const scene = await collecting({ historyRows: 0 });
  const at = ago(scene, MINUTE_MS);
  addRaw(scene, { id: '1400000000000000001' }, { at });
  await scene.poll();
  scene.simulator.control.appendRaw({ text: '{"id":"1400000000000000001","createdAt":"{{createdAt}}","x":?}', at });
  addRaw(scene, { id: '1400000000000000002' }, { at });

  expect(await scene.poll()).toMatchObject({ stored: 1 });

  const ids = (await scene.rows('events')).map((row) => row['activity_id']);
  expect(ids.toSorted()).toEqual(['1400000000000000001', '1400000000000000002']);
});
