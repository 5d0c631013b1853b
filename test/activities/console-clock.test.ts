// A console whose clock is wrong: for a moment, in some replies, or for long. Whatever it says, every row is collected
// and nothing claims to be further than the console's time.
import { expect, test } from 'vitest';
import { collect, collecting, expectAllCollected, HOUR_MS, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const PATIENT = { replies: 5, spanMs: 60_000 };
const scene = (options: SceneOptions = {}): Promise<Scene> => collecting(stage, { historyRows: 30, ...options });
const through = async (of: Scene): Promise<number> => Date.parse(String((await of.connection())['collected_through']));
const live = async (of: Scene) => (await of.rows('checkpoints', `and kind = 'live'`))[0];
const notices = async (of: Scene) =>
  (await of.rows('notices', `and kind = 'clock_jumped' and state = 'open'`)).map(({ severity }) => severity);
const append = (of: Scene) => of.simulator.control.appendActivities({ count: 3, type: 27, siteId: of.siteId(0) });

test.each([HOUR_MS, -HOUR_MS])('a Date header that is %i ms off for a while moves nothing', async (dateSkewMs) => {
  const wrong = await scene({ clockPatience: PATIENT });
  await collect(wrong);
  wrong.simulator.control.addFault({ dateSkewMs, requests: 20 });
  append(wrong);
  await collect(wrong);
  await collect(wrong);
  expect(Math.abs((await through(wrong)) - Date.now())).toBeLessThan(MINUTE_MS);
  expect(await notices(wrong)).toEqual(['low']);
  expect(await wrong.rows('backfills')).toEqual([]);

  wrong.simulator.control.clearFaults();
  append(wrong);
  await collect(wrong);
  await expectAllCollected(wrong);
  expect(await notices(wrong)).toEqual([]);
});

test('replies without a Date, or with one that cannot be read, change nothing', async () => {
  const wrong = await scene({ clockPatience: PATIENT, clockSkewMs: -HOUR_MS });
  await collect(wrong);
  for (const dateHeader of [null, 'no date', '']) {
    wrong.simulator.control.addFault({ dateHeader, requests: 1 });
    append(wrong);
    await collect(wrong);
  }
  expect(Math.abs((await through(wrong)) + HOUR_MS - Date.now())).toBeLessThan(MINUTE_MS);
  await expectAllCollected(wrong);
  expect(await notices(wrong)).toEqual([]);
});

test('what was believed of a clock that ran ahead is taken back, and nothing is missing', async () => {
  const wrong = await scene(); // believes every reply
  await collect(wrong);
  const before = await through(wrong);
  wrong.simulator.control.addFault({ dateSkewMs: 2 * HOUR_MS, requests: 1_000 });
  await collect(wrong);
  append(wrong);
  await collect(wrong);
  await collect(wrong);
  expect(await through(wrong)).toBeGreaterThan(before + HOUR_MS);
  await wrong.call('checkCompleteness', {});
  const future = `and through_at > now() + interval '1 minute'`;
  expect(await wrong.rows('completeness_checks', future)).not.toEqual([]);
  expect(await notices(wrong)).toEqual(['high']);

  wrong.simulator.control.clearFaults();
  append(wrong);
  await collect(wrong); // its replies show the time
  await collect(wrong);

  expect(Math.abs((await through(wrong)) - Date.now())).toBeLessThan(MINUTE_MS);
  expect(Date.parse(String((await live(wrong))?.['watermark']))).toBeLessThan(Date.now() + MINUTE_MS);
  expect(await wrong.rows('completeness_checks', future)).toEqual([]);
  await expectAllCollected(wrong);
  append(wrong);
  await collect(wrong);
  await expectAllCollected(wrong);
});

test('a console that is set back is collected on by its new time', async () => {
  const wrong = await scene({ collectFromAgoMs: 3 * HOUR_MS });
  await collect(wrong);
  wrong.simulator.control.setClock({ skewMs: -HOUR_MS });
  append(wrong);
  await collect(wrong);
  await collect(wrong);
  await collect(wrong);
  expect(Math.abs((await through(wrong)) + HOUR_MS - Date.now())).toBeLessThan(MINUTE_MS);
  await expectAllCollected(wrong);
  expect(await notices(wrong)).toEqual(['high']);
});
