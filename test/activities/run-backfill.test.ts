// History, collected in slices side by side: everything once, whatever interrupts it.
import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { toMicros } from '../../src/domain/instant.js';
import { type NewBackfill, queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { asTenant } from '../support/builders.js';
import { HOUR_MS, MAPPED } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { eventually, type Row, sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const HOUR_MICROS = HOUR_MS * 1000;

/** A day of history, which the first poll has handed over: all of it waits in one backfill. */
async function withHistory(options: SceneOptions = {}): Promise<Scene> {
  const scene = await stage.scene({
    collectFromAgoMs: 23.5 * HOUR_MS,
    historyWindowMs: 23 * HOUR_MS,
    historyRows: 3_000,
    ...options,
  });
  await scene.accept();
  await scene.map(MAPPED);
  await scene.poll();
  return scene;
}

const run = (scene: Scene) => scene.call('runBackfill', {});
const MORE = { drained: false };
const DRAINED = { credentialId: null, drained: true };

async function onlyBackfill(scene: Scene): Promise<Row> {
  const [row] = await scene.rows('backfills');
  if (row === undefined) throw new Error('no backfill');
  return row;
}

const queue = (scene: Scene, backfill: Omit<NewBackfill, 'connectionId'>): Promise<string> =>
  asTenant(stage.database, scene.accountId, (tenant) =>
    queueBackfill(tenant, { connectionId: scene.connectionId, ...backfill }),
  );

const set = (scene: Scene, columns: string) =>
  scene.query(`update backfills set ${columns} where connection_id = $1`, [scene.connectionId]);

test('the whole window is collected, each row once, and the row is done', async () => {
  const scene = await withHistory();
  const live = await scene.collected();

  expect(await run(scene)).toEqual({ credentialId: scene.credentialId, ...MORE });

  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  const backfill = await onlyBackfill(scene);
  expect(backfill).toMatchObject({ state: 'done', consecutive_failures: 0, unavailable_count: 0, rejected_count: 0 });
  expect(backfill['finished_at']).not.toBeNull();
  expect(Number(backfill['stored_count']) + Number(backfill['discarded_count'])).toBe(scene.truth().length - live.size);
  const slices = await scene.rows('checkpoints', "and kind = 'backfill' order by from_at");
  expect(slices).toHaveLength(4);
  expect(slices.every((slice) => slice['done_at'] !== null)).toBe(true);
  expect(await run(scene)).toEqual(DRAINED);
});

test('six slices at once, and no more', async () => {
  const scene = await withHistory({
    collectFromAgoMs: 71.5 * HOUR_MS,
    historyWindowMs: 71 * HOUR_MS,
    historyRows: 1_000,
  });
  scene.simulator.control.clearRequests();
  scene.simulator.control.configure({ pageLatencyMs: 150 });
  await run(scene);
  const spans = scene.simulator.requests('/activities').map(({ at, tookMs }) => {
    const endMs = Date.parse(at);
    return { startMs: endMs - tookMs, endMs };
  });
  const sideBySide = spans.map(
    ({ startMs }) => spans.filter((s) => s.startMs <= startMs && startMs < s.endMs - 20).length,
  );
  expect(spans).toHaveLength(12);
  expect(Math.max(...sideBySide)).toBe(6);
});

test('cancelled in the middle it ends as cancelled, and the next run goes on without a double', async () => {
  const scene = await withHistory({ historyRows: 12_000 });
  scene.simulator.control.configure({ pageLatencyMs: 60 });
  const first = scene.start('runBackfill', {});
  await eventually(async () => Number((await onlyBackfill(scene))['stored_count']), Boolean);
  first.cancel();
  await expect(first.result).rejects.toBeInstanceOf(CancelledFailure);
  const half = await onlyBackfill(scene);
  expect(half).toMatchObject({ state: 'running', consecutive_failures: 0, failure_code: null });
  expect((await scene.collected()).size).toBeLessThan(scene.truth().length);

  scene.simulator.control.configure({ pageLatencyMs: 0 });
  scene.simulator.control.clearRequests();
  await run(scene);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  const from = scene.simulator.requests('/activities').map(({ query }) => toMicros(String(query['createdAt__gte'])));
  expect(Math.min(...from)).toBeGreaterThan(toMicros(String(half['from_at'])));
});

test('two runs at once on one row double nothing', async () => {
  const scene = await withHistory();
  await Promise.allSettled([run(scene), run(scene)]);
  await run(scene).catch(() => undefined);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  expect(await onlyBackfill(scene)).toMatchObject({ state: 'done' });
});

test.each([
  ['a pause', 'pause_requested = true'],
  ['a cancel', 'cancel_requested = true'],
])('%s that is asked for while it runs stops it between two pages', async (_, columns) => {
  const scene = await withHistory({ historyRows: 40_000 });
  scene.simulator.control.configure({ pageLatencyMs: 300 });
  const running = run(scene);
  await eventually(async () => Number((await onlyBackfill(scene))['stored_count']), Boolean);
  await set(scene, columns);
  expect(await running).toMatchObject(MORE);
  expect((await scene.collected()).size).toBeLessThan(scene.truth().length);
  expect(await onlyBackfill(scene)).toMatchObject({ state: 'running', running_since: null, consecutive_failures: 0 });
});

test('its speed is measured from where it went on', async () => {
  const scene = await withHistory({ historyRows: 40_000 });
  scene.simulator.control.configure({ pageLatencyMs: 300 });
  const running = run(scene);
  await eventually(async () => Number((await onlyBackfill(scene))['stored_count']), Boolean);
  expect(await onlyBackfill(scene)).toMatchObject({ covered_before_ms: 0 });
  await set(scene, 'pause_requested = true');
  await running;
  await set(scene, 'pause_requested = false');
  scene.simulator.control.addFault({ pathPrefix: '/activities', status: 503 });
  await scene.failure('runBackfill', {});
  const row = await onlyBackfill(scene);
  expect(row['running_since']).not.toBeNull();
  expect(Number(row['covered_before_ms'])).toBeGreaterThan(0);
});

test('a paused row is left alone until it is resumed; a cancelled one ends, also when it is paused', async () => {
  const scene = await withHistory();
  scene.simulator.control.clearRequests();
  await set(scene, 'pause_requested = true');
  expect(await run(scene)).toEqual(DRAINED);
  await set(scene, 'cancel_requested = true');
  expect(await run(scene)).toEqual({ credentialId: null, ...MORE });
  expect(await onlyBackfill(scene)).toMatchObject({ state: 'cancelled' });
  expect(await run(scene)).toEqual(DRAINED);
  expect(scene.simulator.requests()).toEqual([]);
});

test('rows are worked off oldest first', async () => {
  const scene = await withHistory();
  const day = { fromMicros: toMicros('2026-01-01T00:00:00Z'), toMicros: toMicros('2026-01-02T00:00:00Z') };
  const second = await queue(scene, { kind: 'requested', window: day });
  await run(scene);
  expect(await scene.rows('backfills', `and id = '${second}'`)).toMatchObject([{ state: 'queued' }]);
  await run(scene);
  expect(await scene.rows('backfills', `and id = '${second}'`)).toMatchObject([{ state: 'done' }]);
});

test.each(['awaiting_mapping', 'paused', 'disconnecting', 'disconnected'] as const)(
  'a connection that is %s is not collected for',
  async (state) => {
    const scene = await withHistory();
    await scene.project(state);
    expect(await run(scene)).toEqual(DRAINED);
    expect(await onlyBackfill(scene)).toMatchObject({ state: 'queued' });
  },
);

test('a connection that is paused while its backfill runs stops it', async () => {
  const scene = await withHistory({ historyRows: 40_000 });
  scene.simulator.control.configure({ pageLatencyMs: 300 });
  const running = run(scene);
  await eventually(async () => Number((await onlyBackfill(scene))['stored_count']), Boolean);
  await scene.project('paused');
  expect(await running).toMatchObject(MORE);
  expect(await run(scene)).toEqual(DRAINED);
});

test('a requested window over some sites asks for those only', async () => {
  const scene = await withHistory();
  const toMicros = Date.now() * 1000 - HOUR_MICROS;
  const window = { fromMicros: toMicros - 12 * HOUR_MICROS, toMicros };
  await set(scene, "state = 'cancelled'");
  scene.simulator.control.clearRequests();
  await queue(scene, { kind: 'requested', window, siteIds: [scene.siteId(0)] });
  await run(scene);
  const rows = scene.truth({ fromMicros: window.fromMicros, beforeMicros: toMicros });
  const wanted = scene.expected(
    MAPPED,
    rows.filter(({ siteId }) => siteId === scene.siteId(0)),
  );
  const live = scene.expected(MAPPED, scene.truth({ fromMicros: Date.now() * 1000 - 130_000_000 }));
  const collected = [...(await scene.collected())].filter(([id]) => !live.has(id));
  expect(sorted(new Map(collected))).toEqual(sorted(wanted));
  expect(scene.simulator.requests('/activities').map(({ query }) => query['siteIds'])).toEqual([
    scene.siteId(0),
    scene.siteId(0),
  ]);
});

test('failures are counted with their backoff, which only a good page starts over', async () => {
  const scene = await withHistory();
  scene.simulator.control.addFault({ pathPrefix: '/activities', status: 503, requests: 1_000 });
  for (const [n, delay] of [5_000, 10_000, 20_000].entries()) {
    const failure = await scene.failure('runBackfill', {});
    expect(failure).toMatchObject({ type: 's1.unavailable', nonRetryable: false, nextRetryDelay: delay });
    const row = await onlyBackfill(scene);
    expect(row).toMatchObject({ consecutive_failures: n + 1, failure_code: 's1.unavailable', state: 'running' });
    const inMs = Date.parse(String(row['next_try_at'])) - Date.now();
    expect(Math.abs(inMs - delay)).toBeLessThan(3_000);
  }
  scene.simulator.control.clearFaults();
  scene.simulator.control.addFault({
    pathPrefix: '/activities',
    status: 429,
    retryAfter: '33',
    queryContains: 'cursor=',
  });
  expect(await scene.failure('runBackfill', {})).toMatchObject({ type: 's1.rate_limited', nextRetryDelay: 33_000 });
  expect(await onlyBackfill(scene)).toMatchObject({ consecutive_failures: 1 });
  await run(scene);
  const healed = { state: 'done', consecutive_failures: 0, failure_code: null, next_try_at: null };
  expect(await onlyBackfill(scene)).toMatchObject(healed);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('when one slice fails, the others stop at their next page instead of running on', async () => {
  const scene = await withHistory({ historyRows: 40_000 });
  scene.simulator.control.clearRequests();
  scene.simulator.control.addFault({ pathPrefix: '/activities', status: 429, after: 3 });
  expect(await scene.failure('runBackfill', {})).toMatchObject({ type: 's1.rate_limited' });
  expect(scene.simulator.requests('/activities').length).toBeLessThan(12);
});

test('a rejected token ends it and names the credential', async () => {
  const scene = await withHistory();
  scene.simulator.control.revokeToken({ token: scene.simulator.token });
  expect(await scene.failure('runBackfill', {})).toMatchObject({
    type: 's1.token_rejected',
    nonRetryable: true,
    details: [{ credentialId: scene.credentialId }],
  });
});

test('a cursor that dies in a slice loses and doubles nothing', async () => {
  const scene = await withHistory({ historyRows: 12_000 });
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'cursor=', after: 2, status: 400 });
  await run(scene);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});
