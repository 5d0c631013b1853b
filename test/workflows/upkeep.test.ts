// What the product keeps in Temporal beside its workflows comes back by itself, in a namespace that has lost it or
// never had it.
import { Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CONNECTION_QUEUE,
  FREEZE_STATEMENTS_SCHEDULE,
  FREEZE_STATEMENTS_WORKFLOW,
  MAINTENANCE_QUEUE,
  MAINTENANCE_SCHEDULE,
  MAINTENANCE_WORKFLOW,
  RECONCILE_SCHEDULE,
  SEARCH_ATTRIBUTES,
} from '../../src/domain/temporal-names.js';
import { missingSearchAttributes, troubleOfNamespace } from '../../src/temporal/namespace-state.js';
import { ensureSchedules } from '../../src/worker/schedules.js';
import { startUpkeep } from '../../src/worker/temporal-upkeep.js';
import { useTemporal } from '../support/temporal.js';
import { aNamespaceName, makeNamespace } from '../support/temporal-namespace.js';
import { eventually } from './harness.js';

const temporal = useTemporal();
const HOUR_MS = 3_600_000;
const EVERY_MS = 200;
const ALL = [FREEZE_STATEMENTS_SCHEDULE, MAINTENANCE_SCHEDULE, RECONCILE_SCHEDULE];

const lines: string[] = [];
const tell = (_fields: unknown, line?: string) => void lines.push(line ?? '');
const log = { info: tell, warn: tell } as unknown as Parameters<typeof startUpkeep>[0]['log'];

let ours: Client;
let upkeep: ReturnType<typeof startUpkeep> | undefined;
beforeAll(async () => {
  ours = await makeNamespace(temporal);
});
afterAll(() => upkeep?.stop());

test('a new namespace is given the search attributes and the schedules, each of which runs once', async () => {
  const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
  expect(await troubleOfNamespace(ours)).toEqual({ kind: 'no_search_attributes', names });
  upkeep = startUpkeep({ temporal: ours, log, everyMs: EVERY_MS });
  await eventually('search attributes', async () => (await missingSearchAttributes(ours)).length === 0);
  for (const id of ALL) {
    const { info, action } = await eventually(`a run of ${id}`, async () => {
      const found = await describe(id);
      return found === null || found.info.recentActions.length === 0 ? null : found;
    });
    expect(info.recentActions).toHaveLength(1);
    expect(action.taskQueue).toBe(MAINTENANCE_QUEUE);
  }
  expect(await troubleOfNamespace(ours)).toBeNull();
});

test('a schedule that is gone is made again', async () => {
  await ours.schedule.getHandle(FREEZE_STATEMENTS_SCHEDULE).delete();
  const { action } = await eventually('the schedule', () => describe(FREEZE_STATEMENTS_SCHEDULE));
  expect(action.workflowType).toBe(FREEZE_STATEMENTS_WORKFLOW);
});

test('one that was changed by hand is put right, and stays paused', async () => {
  const handle = ours.schedule.getHandle(MAINTENANCE_SCHEDULE);
  await handle.update((found) => ({
    ...found,
    spec: { intervals: [{ every: '7 hours' }] },
    action: { ...found.action, taskQueue: CONNECTION_QUEUE },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: '1 day', pauseOnFailure: true },
    state: { paused: true, note: 'while we look at something' },
  }));
  const { spec, action, policies, state } = await eventually('the schedule as it was', async () => {
    const found = await describe(MAINTENANCE_SCHEDULE);
    return found?.action.taskQueue === MAINTENANCE_QUEUE ? found : null;
  });
  expect(spec.intervals).toMatchObject([{ every: HOUR_MS }]);
  expect(action).toMatchObject({ workflowType: MAINTENANCE_WORKFLOW, workflowId: MAINTENANCE_SCHEDULE });
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: HOUR_MS, pauseOnFailure: false });
  expect(state).toMatchObject({ paused: true, note: 'while we look at something' });
});

test('schedules that are as they should be are left alone', async () => {
  expect(await ensureSchedules(ours)).toEqual({ made: [], updated: [] });
});

test('a namespace that is not there is told in a sentence, once, and what it lacks is made when it is', async () => {
  const { connection } = temporal.client;
  const namespace = aNamespaceName();
  const nowhere = new Client({ connection, namespace });
  const from = lines.length;
  const watching = startUpkeep({ temporal: nowhere, log, everyMs: 20 });
  await eventually('a sentence', () => lines.length > from);
  await makeNamespace(temporal, namespace);
  const over = 'search attributes and schedules are in order again';
  await eventually('its end', () => lines.slice(from).includes(over));
  await watching.stop();
  const sentences = lines.slice(from).filter((line) => line.startsWith('Temporal has no namespace'));
  expect(sentences).toEqual([
    expect.stringMatching(`namespace ${namespace}: create it by \`temporal operator namespace`),
  ]);
});

async function describe(id: string) {
  try {
    return await ours.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}
