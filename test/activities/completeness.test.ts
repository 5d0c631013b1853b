// The comparison with SentinelOne's own count, over a real database and the simulator: what a comparison costs, what
// it finds, what it repairs, what it only reports. Instead of waiting, the simulator's clock is set forward.
import { expect, test } from 'vitest';
import { toInstant, toMicros } from '../../src/domain/instant.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { asTenant } from '../support/builders.js';
import {
  appendLate,
  collect,
  collectedHalfADay,
  expectAllCollected,
  halfADay,
  HOUR_MS,
  hoursLater,
  NOW_MS,
} from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import type { Row } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const collected = (options: SceneOptions = {}): Promise<Scene> => collectedHalfADay(stage, options);
const check = (scene: Scene) => scene.call('checkCompleteness', {});
/** Runs until nothing is due; the sum of what was repaired and what was found short. */
async function checkAll(scene: Scene): Promise<{ repaired: number; short: number }> {
  const sum = { repaired: 0, short: 0 };
  for (;;) {
    const { checked, repaired, short } = await check(scene);
    if (checked === 0) return sum;
    sum.repaired += repaired;
    sum.short += short;
  }
}
const checks = (scene: Scene): Promise<Row[]> => scene.rows('completeness_checks', 'order by from_at');
const brief = ({ from_at: from, stage: hours, state, theirs, ours, repaired }: Row) =>
  [String(from).slice(11, 16), hours, state, Number(theirs) - Number(ours), repaired].join(' ');
const equal = (from: string) => `${from} 1 equal 0 0`;
const counts = (scene: Scene) => scene.simulator.requests('/activities').filter(({ query }) => query['countOnly']);
const pages = (scene: Scene) => scene.simulator.requests('/activities').filter(({ query }) => !query['countOnly']);
test('hours are compared once each, and again after six hours and a day', async () => {
  const scene = await collected();
  scene.simulator.control.clearRequests();

  expect(await check(scene)).toEqual({ credentialId: scene.credentialId, checked: 5, repaired: 0, short: 0 });
  expect((await checks(scene)).map(brief)).toEqual(['07:35', '08:00', '09:00', '10:00', '11:00'].map(equal));
  expect(await check(scene)).toMatchObject({ checked: 0 });
  expect(counts(scene)).toHaveLength(5);
  expect(pages(scene)).toEqual([]);

  await hoursLater(scene, 1);
  // The newest hour, and the oldest for the second time.
  expect(await check(scene)).toMatchObject({ checked: 2 });
  await hoursLater(scene, 2);
  expect(await check(scene)).toMatchObject({ checked: 2 });
  await hoursLater(scene, 6);
  await check(scene);
  await hoursLater(scene, 30);
  await checkAll(scene);
  const rows = await checks(scene);
  expect(rows[0]).toMatchObject({ stage: 24, state: 'equal', checks: 3, repaired: 0, cause: null });
  expect(rows.every(({ state }) => state === 'equal')).toBe(true);
  const total = rows.reduce((sum, { theirs }) => sum + Number(theirs), 0);
  expect(total).toBe(scene.truth({ beforeMicros: toMicros(String(rows.at(-1)?.['to_at'])) }).length);
});

test('the request is the count of the frozen window, without skipCount', async () => {
  const scene = await collected();
  scene.simulator.control.clearRequests();
  await check(scene);
  expect(
    counts(scene)
      .map(({ query }) => query)
      .at(-1),
  ).toEqual({
    accountIds: scene.s1AccountId,
    createdAt__gte: '2026-06-10T07:35:00.000000Z',
    createdAt__lt: '2026-06-10T08:00:00.000000Z',
    countOnly: 'true',
  });
});

test('rows that became visible late are found after six hours and after a day, and collected', async () => {
  const scene = await collected();
  await check(scene);
  appendLate(scene, { hoursAgo: 2.5, count: 3 });
  await collect(scene);
  expect((await scene.collected()).size).toBe(scene.truth().length - 3);
  expect(await check(scene)).toMatchObject({ checked: 0, repaired: 0 });

  await hoursLater(scene, 6);
  expect(await check(scene)).toMatchObject({ repaired: 3, short: 0 });
  await expectAllCollected(scene);
  const late = (await checks(scene)).filter(({ repaired }) => Number(repaired) > 0);
  expect(late).toMatchObject([{ state: 'repaired', repaired: 3, cause: 'late_rows', stage: 6 }]);
  expect(late[0]?.['from_at']).toBe('2026-06-10T09:00:00.000000Z');

  appendLate(scene, { hoursAgo: 3.5, count: 2 });
  await hoursLater(scene, 30);
  expect(await checkAll(scene)).toEqual({ repaired: 2, short: 0 });
  await expectAllCollected(scene);
});

test('a late row of the latest hour is found one hour after the hour began', async () => {
  const scene = await collected();
  await check(scene);
  await hoursLater(scene, 0.9);
  // Older than the overlap of two minutes, so no poll will see it.
  appendLate(scene, { hoursAgo: -10 / 60 });
  await hoursLater(scene, 1);
  expect(await check(scene)).toMatchObject({ repaired: 1, short: 0 });
  await expectAllCollected(scene);
});

test('a late row goes where the mapping says when it is stored', async () => {
  const scene = await collected();
  await check(scene);
  const [mapped, unmapped] = [0, 2].map((n) => appendLate(scene, { hoursAgo: 3, site: n }));
  await hoursLater(scene, 6);
  expect(await check(scene)).toMatchObject({ repaired: 2 });
  expect((await scene.stored()).get(String(mapped?.lastId))).toBe(scene.organizationId(1));
  expect((await scene.discarded()).has(String(unmapped?.lastId))).toBe(true);
});

test('rows held by another connection of the same account count, and so do discards and dated rejects', async () => {
  const scene = await collected();
  scene.simulator.control.appendRaw({
    text: '{"createdAt":"{{createdAt}}"}',
    at: toInstant((NOW_MS - HOUR_MS / 2) * 1000),
  });
  await hoursLater(scene, 0.1);
  await scene.query('update discards set connection_id = $1 where connection_id = $2', [
    '00000000-0000-4000-8000-000000000000',
    scene.connectionId,
  ]);
  await check(scene);
  await hoursLater(scene, 1);
  expect(await check(scene)).toMatchObject({ short: 0 });
  const [reject] = await scene.rows('rejects');
  expect(reject).toMatchObject({ reason: 'no_id' });
});

test('what SentinelOne counts and does not list is short, and opens a notice when a day has not helped', async () => {
  const scene = await collected();
  const { control } = scene.simulator;
  const of11 = `createdAt__lt=${encodeURIComponent('2026-06-10T12:00:00.000000Z')}&countOnly`;
  control.addFault({
    pathPrefix: '/activities',
    queryContains: of11,
    requests: 1_000,
    status: 200,
    body: countOf(1_234),
  });
  const notices = () => scene.rows('notices', "and kind = 'completeness_short'");
  const hour11 = async () => (await checks(scene)).find(({ from_at: from }) => String(from).includes('T11:'));

  expect(await check(scene)).toMatchObject({ checked: 5, short: 1 });
  expect(await hour11()).toMatchObject({ theirs: 1_234, state: 'short', cause: 'not_listed', stage: 1, repaired: 0 });
  expect(await notices()).toEqual([]);

  await hoursLater(scene, 24);
  await checkAll(scene);
  expect(await hour11()).toMatchObject({ state: 'short', stage: 24, checks: 2 });
  const missing = 1_234 - Number((await hour11())?.['ours']);
  expect(await notices()).toMatchObject([
    { state: 'open', severity: 'high', details: { since: '2026-06-10T11:00:00.000000Z', missing } },
  ]);

  control.clearFaults();
  await hoursLater(scene, 47);
  await check(scene);
  expect(await hour11()).toMatchObject({ state: 'short', checks: 2 });
  await hoursLater(scene, 49);
  await checkAll(scene);
  expect(await hour11()).toMatchObject({ state: 'equal', cause: null, short_since: null });
  expect(await notices()).toMatchObject([{ state: 'resolved' }]);
});

const countOf = (totalItems: number) => JSON.stringify({ data: [], pagination: { totalItems, nextCursor: null } });

test('an hour with more rows than SentinelOne counts is cut until it can be counted', async () => {
  const scene = await collected();
  // Throughout the hour from 13:00; counted up to 50,000 and no further.
  const burst = {
    count: 51_000,
    type: 27,
    siteId: scene.siteId(0),
    at: '2026-06-10T13:00:00.000000Z',
    stepMicros: 70_000,
  };
  scene.simulator.control.appendActivities(burst);
  await hoursLater(scene, 2);
  appendLate(scene, { hoursAgo: -1.5, count: 2 });
  scene.simulator.control.clearRequests();
  expect(await checkAll(scene)).toEqual({ repaired: 2, short: 0 });
  const rows = (await checks(scene)).filter(({ from_at: from }) => String(from).includes('T13:'));
  expect(rows.length).toBeGreaterThan(1);
  expect(rows.reduce((sum, { theirs }) => sum + Number(theirs), 0)).toBe(
    scene.truth({ fromMicros: toMicros('2026-06-10T13:00:00Z'), beforeMicros: toMicros('2026-06-10T14:00:00Z') })
      .length,
  );
  // Found by counting: five pages are read, of the 52 that there are.
  expect(pages(scene).length).toBeLessThanOrEqual(6);
  expect(counts(scene).length).toBeLessThan(25);
});

test('a surplus is recorded and nothing is done about it', async () => {
  const scene = await collected();
  await scene.query(
    `insert into discards select account_id, connection_id, s1_account_id, '424242', occurred_at, discarded_at, site_id,
            agent_id, site_from, reason, mapping_version from discards where connection_id = $1
      and occurred_at < '2026-06-10T11:00Z' limit 1`,
    [scene.connectionId],
  );
  scene.simulator.control.clearRequests();
  expect(await check(scene)).toMatchObject({ repaired: 0, short: 0 });
  expect((await checks(scene)).filter(({ state }) => state === 'surplus')).toHaveLength(1);
  expect(pages(scene)).toEqual([]);
});

test('hours that a backfill is still at wait for it, also when it is paused', async () => {
  const scene = await collected();
  const from = NOW_MS - 3 * HOUR_MS;
  const window = { fromMicros: from * 1000, toMicros: (from + HOUR_MS / 2) * 1000 };
  const id = await asTenant(stage.database, scene.accountId, (tenant) =>
    queueBackfill(tenant, { connectionId: scene.connectionId, kind: 'requested', window }),
  );
  await scene.query('update backfills set pause_requested = true where id = $1', [id]);
  await check(scene);
  expect((await checks(scene)).map(brief)).toEqual(['07:35', '08:00', '10:00', '11:00'].map(equal));
  await scene.query('update backfills set pause_requested = false where id = $1', [id]);
  await collect(scene);
  expect(await check(scene)).toMatchObject({ checked: 1 });
});

test('history that a person cancelled is not collected behind their back', async () => {
  const scene = await halfADay(stage, { historyRows: 500 });
  await scene.poll();
  await scene.query('update backfills set cancel_requested = true where connection_id = $1', [scene.connectionId]);
  await collect(scene);
  expect(await check(scene)).toMatchObject({ checked: 0, repaired: 0 });
  // Asked for after all, it is compared like everything else.
  const window = { fromMicros: (NOW_MS - 4.5 * HOUR_MS) * 1000, toMicros: NOW_MS * 1000 };
  await asTenant(stage.database, scene.accountId, (tenant) =>
    queueBackfill(tenant, { connectionId: scene.connectionId, kind: 'requested', window }),
  );
  await collect(scene);
  expect(await check(scene)).toMatchObject({ checked: 5, repaired: 0 });
});

test.each(['awaiting_mapping', 'paused', 'disconnecting'] as const)(
  'a connection that is %s compares nothing',
  async (state) => {
    const scene = await collected();
    await scene.project(state);
    expect(await check(scene)).toMatchObject({ checked: 0 });
    expect(await checks(scene)).toEqual([]);
  },
);

test('long history is compared by the day, thirty requests a run', async () => {
  const days = 60;
  const scene = await collected({
    collectFromAgoMs: days * 24 * HOUR_MS,
    historyWindowMs: days * 24 * HOUR_MS,
    historyRows: 500,
  });
  scene.simulator.control.clearRequests();
  expect(await check(scene)).toMatchObject({ checked: 30, repaired: 0, short: 0 });
  await checkAll(scene);
  expect(counts(scene).length).toBeLessThan(days + 25);
  expect((await checks(scene)).every(({ state }) => state === 'equal')).toBe(true);
});
