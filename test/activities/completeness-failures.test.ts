// The comparison with SentinelOne's own count when something fails in the middle of it, or when two run at once.
import { expect, test } from 'vitest';
import { appendLate, collectedHalfADay, expectAllCollected, hoursLater } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import type { Row } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const collected = (): Promise<Scene> => collectedHalfADay(stage);
const check = (scene: Scene) => scene.call('checkCompleteness', {});
const checks = (scene: Scene): Promise<Row[]> => scene.rows('completeness_checks', 'order by from_at');

test('an outage in the middle loses nothing: what is finished is on record, the rest is due', async () => {
  const scene = await collected();
  await check(scene);
  appendLate(scene, { hoursAgo: 2.5, count: 4 });
  await hoursLater(scene, 6);
  scene.simulator.control.addFault({ pathPrefix: '/activities', after: 2, status: 503, requests: 2 });
  expect(await scene.failure('checkCompleteness', {})).toMatchObject({ type: 's1.unavailable', nonRetryable: false });
  expect((await checks(scene)).length).toBeGreaterThan(1);
  scene.simulator.control.clearFaults();
  expect(await check(scene)).toMatchObject({ repaired: 4 });
  await expectAllCollected(scene);
});

test('a page that fails while a window is read again fails the attempt, and the next repairs it', async () => {
  const scene = await collected();
  await check(scene);
  appendLate(scene, { hoursAgo: 2.5, count: 4 });
  await hoursLater(scene, 6);
  scene.simulator.control.addFault({
    pathPrefix: '/activities',
    queryContains: 'skipCount',
    status: 429,
    retryAfter: '9',
  });
  expect(await scene.failure('checkCompleteness', {})).toMatchObject({
    type: 's1.rate_limited',
    nextRetryDelay: 9_000,
  });
  expect(await check(scene)).toMatchObject({ repaired: 4 });
  await expectAllCollected(scene);
});

test('two at once repair a row once', async () => {
  const scene = await collected();
  await check(scene);
  appendLate(scene, { hoursAgo: 2.5, count: 4 });
  await hoursLater(scene, 6);
  await Promise.allSettled([check(scene), check(scene)]);
  await check(scene);
  await expectAllCollected(scene);
  const repaired = (await checks(scene)).reduce((sum, row) => sum + Number(row['repaired']), 0);
  expect(repaired).toBe(4);
});

test('a rejected token ends it and names the credential', async () => {
  const scene = await collected();
  scene.simulator.control.revokeToken({ token: scene.simulator.token });
  expect(await scene.failure('checkCompleteness', {})).toMatchObject({
    type: 's1.token_rejected',
    details: [{ credentialId: scene.credentialId }],
  });
});
