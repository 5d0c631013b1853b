// Scenes that many tests begin with: validated, the first two sites mapped to an organization each and the third to
// none, so that its activities are discarded.
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import { toInstant } from '../../../src/domain/instant.js';
import type { Scene, SceneOptions } from './scene.js';
import { sorted } from './scene-rows.js';
import type { Stage } from './use-stage.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** Five minutes past the hour, so that full hours are the same ones whenever the test runs. */
export const NOW_MS = Date.parse('2026-06-10T12:05:00Z');
export const MAPPED = { 0: 1, 1: 2 };

/** Collecting since ten minutes ago, so that everything is live and nothing is left to a backfill. */
export async function collecting(stage: Stage, options: SceneOptions = {}): Promise<Scene> {
  const scene = await stage.scene({ collectFromAgoMs: 10 * MINUTE_MS, historyWindowMs: 9 * MINUTE_MS, ...options });
  await scene.accept();
  await scene.map(MAPPED);
  scene.simulator.control.clearRequests();
  return scene;
}

/** Half a working day of history, not collected yet. */
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

/** Collected as well; nothing has been compared with the console's count yet. */
export async function collectedHalfADay(stage: Stage, options: SceneOptions = {}): Promise<Scene> {
  const scene = await halfADay(stage, { historyRows: 1_000, ...options });
  await collect(scene);
  return scene;
}

/** Sets the console's clock forward, counted from its beginning. */
export async function hoursLater(scene: Scene, hours: number): Promise<void> {
  scene.simulator.control.setClock({ skewMs: hours * HOUR_MS });
  await collect(scene); // its replies show the new time
  await collect(scene);
}

/** Collects what is new, and the history behind it when there is some. */
export async function collect(scene: Scene): Promise<void> {
  await scene.poll().catch(notIdle);
  while (!(await scene.call('runBackfill', {})).drained);
}

const notIdle = (error: unknown) => {
  if (!(error instanceof ApplicationFailure && error.type === 'idle')) throw error;
};

export interface LateRows {
  readonly hoursAgo: number;
  readonly count?: number;
  readonly site?: number;
}

/** Rows of a site of half a day that show up now and are dated hours ago. */
export const appendLate = (scene: Scene, { hoursAgo, count = 1, site = 0 }: LateRows) =>
  scene.simulator.control.appendActivities({
    count,
    type: 27,
    siteId: scene.siteId(site),
    at: toInstant((NOW_MS - hoursAgo * HOUR_MS) * 1000),
    stepMicros: 7,
  });

/** Everything that the console holds is here, each row once and where it belongs. */
export const expectAllCollected = async (scene: Scene): Promise<void> =>
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
