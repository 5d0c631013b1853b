// The console writes a row's time with six fraction digits in one reply and with fewer in the next. The row is the same
// activity: it is held once, whoever reads it, and whatever of its kind is asked for by its time is found.
import { expect, test } from 'vitest';
import { MICROS_PER_HOUR } from '../../src/domain/instant.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { holdPagesAtTheirEnd, untilWaiting } from '../store/support/sessions.js';
import { asTenant } from '../support/builders.js';
import { attempt, gatedConsole } from './support/late-attempt.js';
import { collect, collecting, MAPPED, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import { sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

/** Everything that the console holds, each row once, in events or in discards. */
async function expectOnce(scene: Scene, mapping: Readonly<Record<number, number>> = MAPPED): Promise<void> {
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(mapping)));
  const rows = [...(await scene.rows('events')), ...(await scene.rows('discards'))];
  expect(rows).toHaveLength(scene.truth().length);
  expect(await scene.connection()).toMatchObject({
    stored_count: (await scene.rows('events')).length,
    discarded_count: (await scene.rows('discards')).length,
  });
}

async function queueLastHour(scene: Scene): Promise<void> {
  const toMicros = scene.simulator.state.clock.nowMs() * 1000;
  const window = { fromMicros: toMicros - MICROS_PER_HOUR, toMicros };
  await asTenant(stage.database, scene.accountId, (tenant) =>
    queueBackfill(tenant, { connectionId: scene.connectionId, kind: 'requested', window }),
  );
}

test.each([
  ['seconds', 'micros'],
  ['micros', 'millis'],
  ['millis', 'seconds'],
] as const)(
  'live and a backfill slice that read the same rows at the same moment, in %s and %s, hold each once',
  async (inBackfill, inPoll) => {
    const scene = await collecting(stage, { historyRows: 300 });
    await queueLastHour(scene);
    const { control } = scene.simulator;
    const backfill = gatedConsole(scene.deps, 'pageOfActivities');
    control.configure({ createdAtForm: inBackfill });
    const one = attempt(scene, backfill.activities, { name: 'runBackfill' });
    await backfill.reached;
    const poll = gatedConsole(scene.deps, 'pageOfActivities');
    control.configure({ createdAtForm: inPoll });
    const two = attempt(scene, poll.activities, { name: 'pollActivities', input: { pollIntervalMs: INTERVAL_MS } });
    await poll.reached;

    const held = await holdPagesAtTheirEnd(stage.databaseUrl, scene);
    backfill.open();
    poll.open();
    await untilWaiting(stage.database, 2);
    await held.release();

    expect(await one).toMatchObject({ drained: false });
    await two;
    await expectOnce(scene);
  },
);

test('an overlap that is read again in any form is idle', async () => {
  const scene = await collecting(stage, { historyRows: 200, historyWindowMs: MINUTE_MS });
  await scene.poll();
  for (const createdAtForm of ['seconds', 'millis', 'no-zone', 'micros'] as const) {
    scene.simulator.control.configure({ createdAtForm });
    expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
  }
  await expectOnce(scene);
});

test('what was discarded with its time in seconds is collected by the time that SentinelOne knows', async () => {
  const scene = await collecting(stage);
  scene.simulator.control.appendActivities({ type: 33, siteId: scene.siteId(2), at: scene.ago(MINUTE_MS) });
  scene.simulator.control.configure({ createdAtForm: 'seconds' });
  await scene.poll();
  expect((await scene.discarded()).size).toBe(1);

  scene.simulator.control.configure({ createdAtForm: 'micros' });
  await scene.map({ 2: 2 }, true);
  await collect(scene);

  expect(await scene.rows('backfills')).toMatchObject([{ state: 'done', stored_count: 1, unavailable_count: 0 }]);
  await expectOnce(scene, { ...MAPPED, 2: 2 });
});
