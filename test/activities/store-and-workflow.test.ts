// What activities answer where workflow and store hold different things: after a reset of one, or a restore of either.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { runActivity } from './support/activity-run.js';
import type { Scene } from './support/scene.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();
const accepted = async (): Promise<Scene> => (await stage.scene({ collectFromAgoMs: 600_000 })).accept();

const tokens = async (scene: Scene) => (await scene.rows('credentials')).map((row) => row['token_jwe'] !== null);

test('a connection that is past its validation is not refused any more, and keeps its token', async () => {
  const scene = await accepted();
  const refusal = { commandId: 'x', code: 'command_expired' } as const;
  const before = await scene.connection();
  expect(await scene.call('refuseConnection', refusal)).toMatchObject({
    outcome: 'standing',
    stored: { state: 'active', stateSeq: before['state_seq'], credentialId: scene.credentialId },
  });
  expect([await scene.connection(), await tokens(scene)]).toEqual([before, [true]]);
});

test.each(['disconnecting', 'disconnected'] as const)('one that is %s is not refused either', async (state) => {
  const scene = await accepted();
  await scene.project(state);
  const answer = await scene.call('refuseConnection', { commandId: 'x', code: 'command_expired' });
  expect(answer).toMatchObject({ outcome: 'standing', stored: { state } });
});

test('one that is validated is refused, and again by a second attempt', async () => {
  const scene = await stage.scene();
  for (let n = 0; n < 2; n += 1) {
    const answer = await scene.call('refuseConnection', { commandId: 'x', code: 'command_expired' });
    expect(answer).toEqual({ outcome: 'refused' });
  }
  expect([await scene.connection(), await tokens(scene)]).toMatchObject([{ state: 'refused' }, [false]]);
});

test('a state that is older than the stored one is answered with what is stored; the same once more is not', async () => {
  const scene = await accepted();
  const paused = { state: 'paused', stateSeq: 10, pauseReasons: ['token', 'person'], cause: 'pause' } as const;
  expect(await scene.call('projectStatus', paused)).toEqual({ outcome: 'written' });
  expect(await scene.call('projectStatus', { ...paused, pauseReasons: ['person', 'token'] })).toEqual({
    outcome: 'written',
  });
  const other = { ...paused, state: 'active', pauseReasons: [], cause: 'resume' } as const;
  for (const stateSeq of [9, 10]) {
    expect(await scene.call('projectStatus', { ...other, stateSeq })).toMatchObject({
      outcome: 'superseded',
      stored: { state: 'paused', pauseReasons: ['token', 'person'], stateSeq: 10, pollIntervalMs: 30_000 },
    });
  }
});

test.each(['projectStatus', 'readConnection', 'refuseConnection'] as const)(
  '%s says that the row is gone',
  async (name) => {
    const scene = await accepted();
    const input = {
      connectionId: randomUUID(),
      commandId: 'x',
      code: 'command_expired',
      state: 'active',
      stateSeq: 99,
    };
    const failure = await scene.failure(name, { ...input, pauseReasons: [], cause: 'x' } as never);
    expect(failure).toMatchObject({ type: 'connection_gone', nonRetryable: true });
  },
);

test.each([-1, 1])('a poll for a state that is %i off asks SentinelOne nothing', async (off) => {
  const scene = await accepted();
  scene.simulator.control.appendActivities({ type: 133 });
  const stateSeq = Number((await scene.connection())['state_seq']) + off;
  const asked = scene.simulator.requests().length;
  const failure = await scene.failure('pollActivities', { pollIntervalMs: INTERVAL_MS, stateSeq });
  expect(failure).toMatchObject({ type: 'state_differs', nonRetryable: true });
  expect([scene.simulator.requests().length, (await scene.stored()).size]).toEqual([asked, 0]);
});

test('a connection that lives without a token wants a new one, and is not taken for one that has ended', async () => {
  const scene = await accepted();
  await scene.query('update credentials set token_jwe = null, destroyed_at = now() where connection_id = $1', [
    scene.connectionId,
  ]);
  for (const failure of [await scene.failedPoll(), await scene.failure('syncSites', {})]) {
    expect(failure).toMatchObject({
      type: 's1.token_rejected',
      nonRetryable: true,
      details: [{ credentialId: scene.credentialId }],
    });
  }
  await scene.project('disconnected');
  expect(await scene.failedPoll()).toMatchObject({ type: 'connection_gone' });
});

test.each([
  [1, false],
  [4, false],
  [5, true],
])('a command that fails by a fault of ours is final at attempt %i: %s', async (attempt, isFinal) => {
  const scene = await accepted();
  const input = { ...scene.ref, commandId: 'x', version: 0, changes: 'boom' as never, collectDiscarded: false };
  const run = runActivity(() => scene.activities.applyMapping(input), { attempt });
  await expect(run.result).rejects.toMatchObject({ type: 'internal', nonRetryable: isFinal });
});

test('what must happen is tried for as long as it takes', async () => {
  const scene = await accepted();
  const input = { ...scene.ref, state: 'active', stateSeq: 99, pauseReasons: 5 as never, cause: 'x' } as const;
  const run = runActivity(() => scene.activities.projectStatus(input), { attempt: 100 });
  await expect(run.result).rejects.toMatchObject({ type: 'internal', nonRetryable: false });
});
