// For tests of attempts that go on after their successors: the scene on which both work, and an attempt whose failure
// is a value like any other.
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../../activities/index.js';
import { runActivity } from '../../support/activity-run.js';
import type { Scene, SceneOptions } from './scene.js';
import { type ActivityName, INTERVAL_MS } from './scene-activities.js';
import type { Stage } from './use-stage.js';

export const HOUR_MS = 3_600_000;
/** Five minutes past the hour, so that full hours are the same ones whenever the test runs. */
export const NOW_MS = Date.parse('2026-06-10T12:05:00Z');
export const MAPPED = { 0: 1, 1: 2 };

/** Half a working day of history, mapped and not collected; the third site is not mapped. */
export async function halfADay(stage: Stage, options: SceneOptions = {}): Promise<Scene> {
  const scene = await stage.scene({
    machineNowMs: () => NOW_MS,
    collectFromAgoMs: 4.5 * HOUR_MS,
    historyWindowMs: 4.5 * HOUR_MS,
    historyRows: 1_500,
    ...options,
  });
  await scene.accept();
  await scene.map(MAPPED);
  return scene;
}

export async function collect(scene: Scene): Promise<void> {
  await scene.call('pollActivities', { pollIntervalMs: INTERVAL_MS }).catch(notIdle);
  while (!(await scene.call('runBackfill', {})).drained);
}

const notIdle = (error: unknown) => {
  if (!(error instanceof ApplicationFailure && error.type === 'idle')) throw error;
};

/** Whatever it ends with, as a value: an attempt that fails before it is looked at must not end the test run. */
export function attempt(
  scene: Scene,
  activities: Activities,
  of: { readonly name: ActivityName; readonly input?: object },
): Promise<unknown> {
  const work = activities[of.name] as (input: unknown) => Promise<unknown>;
  return runActivity(() => work({ ...scene.ref, ...of.input })).result.catch((error: unknown) => error);
}
