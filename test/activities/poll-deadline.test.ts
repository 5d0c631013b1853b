// A poll that hangs ends by itself, counted, and says what it waited for: Temporal's time-out would leave no trace.
import { expect, test } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { lockRouting } from '../../src/store/connection-lock.js';
import { reviewCollectionBehind } from '../../src/store/connections/behind.repository.js';
import { asTenant } from '../support/builders.js';
import { attempt } from './support/late-attempt.js';
import { collecting, MAPPED, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import { eventually, sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

/** A poll that gives itself up after `pollDeadlineMs`. */
const pollFor = (scene: Scene, pollDeadlineMs: number) =>
  attempt(scene, createActivities({ ...scene.deps, pollDeadlineMs }), {
    name: 'pollActivities',
    input: { pollIntervalMs: INTERVAL_MS },
  });

const expectAllCollected = async (scene: Scene) =>
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));

test('a console that is silent is given up by the live poll, counted, and its notice says so; a backfill waits', async () => {
  const scene = await collecting(stage, { historyRows: 300, timeouts: { silentMs: 300 } });
  const { accountId, connectionId, deps } = scene;
  const silence = { pathPrefix: '/activities', queryContains: 'createdAt__gte', slowMs: 1_000 };
  scene.simulator.control.addFault(silence);
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.unavailable', nextRetryDelay: 5_000 });
  expect(await scene.connection()).toMatchObject({ consecutive_failures: 1, failure_code: 's1.unavailable' });

  await asTenant(deps.database, accountId, async ({ db }) => {
    await db.updateTable('connections').set({ createdAt: '2026-01-01T00:00:00Z' }).execute();
    await db.deleteFrom('connectionTimeline').execute();
    await db.insertInto('workers').values({ identity: accountId }).execute();
  });
  await reviewCollectionBehind(deps.database);
  const notice = await scene.rows('notices', `and kind = 'collection_behind'`);
  expect(notice).toMatchObject([{ state: 'open', details: { cause: 'console_silent', code: 's1.unavailable' } }]);

  const nowMicros = scene.simulator.state.clock.nowMs() * 1000;
  const window = { fromMicros: nowMicros - 10 * MINUTE_MS * 1000, toMicros: nowMicros };
  await asTenant(deps.database, accountId, (tenant) =>
    queueBackfill(tenant, { connectionId, kind: 'requested', window }),
  );
  scene.simulator.control.addFault(silence);
  await scene.call('runBackfill', {});
  await expectAllCollected(scene);
});

test('a console that goes on for too long ends the poll; what is stored stays, and the next one goes on behind it', async () => {
  const scene = await collecting(stage, { historyRows: 4_000 });
  scene.simulator.control.addFault({
    pathPrefix: '/activities',
    queryContains: 'cursor=',
    after: 1,
    slowMs: 9_000,
  });
  expect(await pollFor(scene, 5_000)).toMatchObject({ type: 's1.unavailable', nextRetryDelay: 5_000 });
  expect(await scene.connection()).toMatchObject({ consecutive_failures: 1, collected_through: null });
  expect((await scene.collected()).size).toBe(2_000);
  await scene.poll();
  await expectAllCollected(scene);
});

test('a poll that waits for our own store says so, is counted, and does no harm when it goes on', async () => {
  const scene = await collecting(stage, { historyRows: 300 });
  const { accountId, connectionId } = scene;
  const [locked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = asTenant(scene.deps.database, accountId, async (tenant) => {
    await lockRouting(tenant, connectionId, 'exclusive');
    locked.resolve();
    await done.promise;
  });
  await locked.promise;
  expect(await pollFor(scene, 1_000)).toMatchObject({ type: 'store.unavailable', nextRetryDelay: 5_000 });
  expect(await scene.connection()).toMatchObject({ consecutive_failures: 1, failure_code: 'store.unavailable' });
  done.resolve();
  await holding;
  await eventually(
    () => scene.watermark(),
    (watermark) => watermark !== null,
  );
  await scene.poll().catch(() => undefined);
  await expectAllCollected(scene);
});
