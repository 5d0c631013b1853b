// Pages that cannot be had at their size, and cursors that lead nowhere new: live and backfill get on, or say why not.
import { expect, test } from 'vitest';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { asTenant } from '../support/builders.js';
import { collecting, MAPPED, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import { sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const limits = (scene: Scene) => scene.simulator.requests('/activities').map(({ query }) => Number(query['limit']));
const expectAllCollected = async (scene: Scene) =>
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));

test('a page that passes the size limit is had in halves', async () => {
  const scene = await collecting(stage);
  const description = 'x'.repeat(36_000);
  scene.addRaw(
    { siteId: scene.siteId(0), primaryDescription: description },
    { count: 1_000, at: scene.ago(MINUTE_MS) },
  );
  expect(await scene.poll()).toMatchObject({ stored: 1_000, rejected: 0 });
  expect(limits(scene)).toEqual([1_000, 500, 500]);
});

test('a page that times out is asked for with half as many rows at the next attempt but one', async () => {
  const scene = await collecting(stage, { historyRows: 300, timeouts: { silentMs: 200 } });
  scene.simulator.control.addFault({
    pathPrefix: '/activities',
    queryContains: 'limit=1000',
    slowMs: 600,
    requests: 9,
  });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.unavailable' });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.unavailable' });
  await scene.poll();
  expect(limits(scene)).toContain(500);
  await expectAllCollected(scene);
});

test('a backfill goes on with smaller pages as well', async () => {
  const scene = await collecting(stage, { historyRows: 300, timeouts: { headersMs: 200 } });
  const { accountId, connectionId } = scene;
  const toMicros = scene.simulator.state.clock.nowMs() * 1000;
  const window = { fromMicros: toMicros - 10 * MINUTE_MS * 1000, toMicros };
  await asTenant(stage.database, accountId, (tenant) =>
    queueBackfill(tenant, { connectionId, kind: 'requested', window }),
  );
  scene.simulator.control.addFault({
    pathPrefix: '/activities',
    queryContains: 'limit=1000',
    slowMs: 3_000,
    requests: 9,
  });
  for (let n = 0; n < 2; n += 1)
    expect(await scene.failure('runBackfill', {})).toMatchObject({ type: 's1.unavailable' });
  await scene.call('runBackfill', {});
  expect(limits(scene)).toContain(500);
  await expectAllCollected(scene);
});

const CIRCLE = { pathPrefix: '/activities', queryContains: 'cursor=', repeatsPage: true, requests: 99 };

test('a cursor that leads back to the same rows is left for the checkpoint, and nothing is lost or doubled', async () => {
  const scene = await collecting(stage, { historyRows: 3_500 });
  scene.simulator.control.addFault(CIRCLE);
  await scene.poll();
  await expectAllCollected(scene);
  expect(limits(scene).length).toBeLessThan(20);
  expect(scene.logs.map(({ sentence }) => sentence)).toContain('a chain of pages begins again at its checkpoint');
});

test('where the checkpoint leads into the same circle, the attempt fails as a bad response, and the next goes on', async () => {
  const scene = await collecting(stage, { historyRows: 2_500, historyWindowMs: 100_000 });
  scene.simulator.control.addFault(CIRCLE);
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.bad_response' });
  expect(limits(scene).length).toBeLessThan(20);
  expect(await scene.connection()).toMatchObject({ failure_code: 's1.bad_response', consecutive_failures: 1 });
  scene.simulator.control.clearFaults();
  await scene.poll();
  await expectAllCollected(scene);
});
