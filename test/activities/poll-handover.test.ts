// When the live poll hands what has come since its last row over to a backfill.
import { expect, test } from 'vitest';
import { toMicros } from '../../src/domain/instant.js';
import { collecting as startCollecting, MAPPED, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const collecting = (options: SceneOptions = {}): Promise<Scene> => startCollecting(stage, options);

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
