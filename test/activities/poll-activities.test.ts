// The live poll: what it stores and where, what it asks SentinelOne for, and when it says that there is nothing new.
import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { toInstant, toMicros } from '../../src/domain/instant.js';
import { collecting as startCollecting, MAPPED, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import { eventually, sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const collecting = (options: SceneOptions = {}): Promise<Scene> => startCollecting(stage, options);

const activityRequests = (scene: Scene) => scene.simulator.requests('/activities');

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

test.each(['asked', 'always'] as const)('pages that come packed (gzip: %s) are as any others', async (gzip) => {
  const scene = await collecting({ historyRows: 2_500 });
  scene.simulator.control.configure({ gzip });
  await scene.poll();
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
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
  const at = scene.ago(MINUTE_MS);
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
  scene.simulator.control.appendActivities({ count: 20, at: scene.ago(100_000), stepMicros: 1 });
  expect((await scene.poll()).watermark).toBe(watermark);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('rows dated ahead wait, so that they cannot carry the watermark past rows still to come', async () => {
  const scene = await collecting();
  scene.simulator.control.appendActivities({ count: 1, at: scene.ago(-5 * MINUTE_MS) });
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

test('a poll that finds only what is known writes nothing but that it came to its end', async () => {
  const scene = await collecting({ historyRows: 300 });
  await scene.poll();
  const before = await scene.rows('checkpoints');

  await expect(scene.poll()).rejects.toMatchObject({ type: 'idle' });

  expect(await scene.rows('checkpoints')).toEqual(before);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('a row that is known is not read again, whatever it says by now; the row beside it is', async () => {
  const scene = await collecting({ historyRows: 0 });
  const at = scene.ago(MINUTE_MS);
  scene.addRaw({ id: '1400000000000000001' }, { at });
  await scene.poll();
  scene.simulator.control.appendRaw({ text: '{"id":"1400000000000000001","createdAt":"{{createdAt}}","x":?}', at });
  scene.addRaw({ id: '1400000000000000002' }, { at });

  expect(await scene.poll()).toMatchObject({ stored: 1 });

  const ids = (await scene.rows('events')).map((row) => row['activity_id']);
  expect(ids.toSorted()).toEqual(['1400000000000000001', '1400000000000000002']);
});
