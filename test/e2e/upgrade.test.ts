// A deployment and its rollback: a worker of an earlier build is killed in the middle of everything, and one of today's
// takes its connections over as they stand; then the other way round. Nothing is lost or doubled, and what is new
// begins with the next run.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DEFAULT_INTERVALS } from '../../src/domain/connection/chores.js';
import {
  COMMAND_QUEUE,
  CONNECTION_QUEUE,
  MAINTENANCE_QUEUE,
  MAINTENANCE_SCHEDULE,
} from '../../src/domain/temporal-names.js';
import type { Part } from '../../src/embedded/processes/part.js';
import { ensureSchedules } from '../../src/worker/schedules.js';
import { type ConnectionInput, remapSitesSignal, SCHEMA_VERSION, status } from '../../workflows/connection/messages.js';
import { buildOf } from '../replay/histories.js';
import { type E2eStack, startE2eStack, waitUntil } from './support/e2e-stack.js';
import { EARLIER_VERSION, earlierApi, startEarlierWorker } from './support/earlier-build.js';
import { collectingPartner, type Partner, problemOf, sentUntilTaken } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

const HISTORY_ROWS = 20_000;
/** More than come about while the earlier worker is there. */
const EVENTS_A_RUN = 400;
/** Quick enough for the checks of a new connection; then slow enough for a kill to meet a page that is on its way. */
const LATENCY_MS = { connecting: 600, collecting: 1_500 } as const;
/** A task that failed on a worker of another build is tried again by Temporal after a while that grows. */
const TAKEN_UP_MS = 150_000;
const TEST_MS = 360_000;
const INTERVALS = { ...DEFAULT_INTERVALS, pollIntervalMs: 300, sitesIntervalMs: 5_000 };

let stack: E2eStack;
const earlier: Part[] = [];
beforeAll(async () => {
  stack = await startE2eStack({
    intervals: INTERVALS,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': EVENTS_A_RUN },
    simulator: { historyRows: HISTORY_ROWS },
  });
});
afterAll(() => stack[Symbol.asyncDispose]());

afterEach(async () => {
  killEarlier();
  await stack.stopWorkers();
});

test('a connection that an earlier api and worker began goes on in place', { timeout: TEST_MS }, async () => {
  const { temporal } = stack.services;
  await ensureSchedules(temporal, CONNECTION_QUEUE); // as that build made them
  await beginEarlier();
  const paused = await collectingPartner(stack, { services: earlierApi(stack, INTERVALS) });
  await paused.connections.pause(...paused.target);
  const partner = await collectingPartner(stack, { services: earlierApi(stack, INTERVALS) });
  const first = await killedInTheMiddle(partner);
  expect(await inputOf(partner, first)).toMatchObject({ schemaVersion: EARLIER_VERSION });
  await signalledMapping(partner);

  await stack.startWorker();

  await waitUntil('the same run to go on', async () => (await partner.workflow.query(status)).state === 'active');
  await waitUntil('the mapping', async () => (await partner.connection())['mapping_version'] === 2);
  await pausedAndResumed(partner);
  expect((await partner.workflow.describe()).runId).toBe(first);
  const { action } = await temporal.schedule.getHandle(MAINTENANCE_SCHEDULE).describe();
  expect(action.taskQueue).toBe(MAINTENANCE_QUEUE);
  await collectedOnce(partner);
  await goesOnAnew(partner, first);
  expect(await queuesOfCommands(partner, first)).toEqual([CONNECTION_QUEUE]);
  expect(await paused.connection()).toMatchObject({ state: 'paused', pause_reasons: ['person'] });
  await paused.connections.resume(...paused.target);
  await collectedOnce(paused);
  await Promise.all([partner.disconnect(), paused.disconnect()]);
});

test('a connection that today’s api began with an earlier worker goes on in place', { timeout: TEST_MS }, async () => {
  await beginEarlier();
  const partner = await collectingPartner(stack);
  const first = await killedInTheMiddle(partner);
  expect(await inputOf(partner, first)).toMatchObject({ schemaVersion: SCHEMA_VERSION });

  await stack.startWorker();

  await collectedOnce(partner);
  await goesOnAnew(partner, first);
  expect(await queuesOfCommands(partner, first)).toEqual([CONNECTION_QUEUE]);
  await partner.disconnect();
});

test('a run of today waits while there is only an earlier worker, and then goes on', { timeout: TEST_MS }, async () => {
  const { control } = stack.simulator;
  await stack.startWorker();
  const partner = await collectingPartner(stack);
  await collectedOnce(partner);
  const { runId } = await partner.workflow.describe();
  await stack.killWorkers();

  await beginEarlier();
  control.appendActivities({ count: 20 });
  expect(await problemOf(partner.connections.pause(...partner.target))).toMatchObject({ code: 'worker_unavailable' });
  await waitUntil('a task that failed', async () => (await taskAttempt(partner)) > 1);
  expect((await partner.workflow.describe()).status.name).toBe('RUNNING');
  killEarlier();
  await stack.startWorker();

  await waitUntil('the run to go on', async () => (await taskAttempt(partner)) === 0, TAKEN_UP_MS);
  expect((await partner.workflow.describe()).runId).toBe(runId);
  await pausedAndResumed(partner);
  await collectedOnce(partner);
  await partner.disconnect();
});

async function beginEarlier(): Promise<void> {
  earlier.push(await startEarlierWorker(stack, buildOf(EARLIER_VERSION)));
  const { control } = stack.simulator;
  control.configure({ pageLatencyMs: LATENCY_MS.connecting });
  control.startFeed({ rowsPerSecond: 20 });
}

const killEarlier = () => earlier.splice(0).forEach((worker) => worker.kill());

/** Kills the worker while a poll and a backfill run and timers wait. Returns the run. */
async function killedInTheMiddle(partner: Partner): Promise<string> {
  const running = async () => {
    const [own, backfill] = await Promise.all([pending(partner.workflow), pending(partner.backfillWorkflow)]);
    return own.includes('pollActivities') && backfill.includes('runBackfill');
  };
  stack.simulator.control.configure({ pageLatencyMs: LATENCY_MS.collecting });
  await waitUntil('the middle of collecting', async () => (await partner.collected()) > HISTORY_ROWS / 8);
  await waitUntil('a poll and a backfill to run', running);
  const ended = earlier.map(({ exited }) => exited);
  killEarlier();
  await Promise.all(ended);
  expect(await partner.unfinishedBackfills()).toBe(1);
  expect(await partner.collected()).toBeLessThan(HISTORY_ROWS);
  const { events } = await partner.workflow.fetchHistory();
  const count = (of: 'timerStartedEventAttributes' | 'timerFiredEventAttributes' | 'timerCanceledEventAttributes') =>
    events?.filter((event) => event[of]).length ?? 0;
  expect(count('timerStartedEventAttributes')).toBeGreaterThan(
    count('timerFiredEventAttributes') + count('timerCanceledEventAttributes'),
  );
  return (await partner.workflow.describe()).runId;
}

/** Needs no worker: Temporal keeps it. */
async function signalledMapping(partner: Partner): Promise<void> {
  const { version } = await partner.sites();
  const changes = [{ siteId: partner.siteIds[2] ?? '', organizationId: partner.organizationId(1) }];
  await partner.workflow.signal(remapSitesSignal, { version, changes, collectDiscarded: false });
}

async function pausedAndResumed(partner: Partner): Promise<void> {
  await sentUntilTaken(() => partner.connections.pause(...partner.target));
  expect(await partner.connection()).toMatchObject({ state: 'paused' });
  await sentUntilTaken(() => partner.connections.resume(...partner.target));
  expect(await partner.connection()).toMatchObject({ state: 'active' });
}

async function collectedOnce(partner: Partner): Promise<void> {
  const { control } = stack.simulator;
  control.configure({ pageLatencyMs: 0 });
  control.stopFeed();
  await partner.caughtUp();
  expect(await compareWithTruth(partner)).toEqual([]);
}

/** The run ends as it must, and the next one does what is new. */
async function goesOnAnew(partner: Partner, first: string): Promise<void> {
  while ((await partner.workflow.describe()).runId === first) await pausedAndResumed(partner);
  const second = (await partner.workflow.describe()).runId;
  expect(await inputOf(partner, second)).toMatchObject({ schemaVersion: SCHEMA_VERSION });
  await pausedAndResumed(partner);
  expect(await queuesOfCommands(partner, second)).toEqual([COMMAND_QUEUE]);
  stack.simulator.control.appendActivities({ count: 20 });
  await collectedOnce(partner);
}

type Handle = Partner['workflow'];

/** The activities that are being worked on at this moment. */
async function pending(handle: Handle): Promise<string[]> {
  const { raw } = await handle.describe();
  const started = raw.pendingActivities?.filter(({ state }) => state === PENDING_ACTIVITY_STARTED) ?? [];
  return started.map(({ activityType }) => activityType?.name ?? '');
}

const PENDING_ACTIVITY_STARTED = 2;

/** How often the workflow task that waits has been tried; 0 when none waits. */
async function taskAttempt(partner: Partner): Promise<number> {
  const { raw } = await partner.workflow.describe();
  return raw.pendingWorkflowTask?.attempt ?? 0;
}

async function eventsOf(partner: Partner, runId: string) {
  const { workflowId } = partner.workflow;
  const { events } = await partner.services.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  return events ?? [];
}

async function inputOf(partner: Partner, runId: string): Promise<ConnectionInput> {
  const [started] = await eventsOf(partner, runId);
  const payload = started?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  return JSON.parse(Buffer.from(payload ?? []).toString()) as ConnectionInput;
}

/** Where the run has scheduled what people waited for: each queue once. */
async function queuesOfCommands(partner: Partner, runId: string): Promise<string[]> {
  const scheduled = (await eventsOf(partner, runId)).flatMap(
    (event) => event.activityTaskScheduledEventAttributes ?? [],
  );
  const ofCommands = scheduled.filter(({ activityType }) => COMMAND_ACTIVITIES.includes(activityType?.name ?? ''));
  return [...new Set(ofCommands.map(({ taskQueue }) => taskQueue?.name ?? ''))];
}

const COMMAND_ACTIVITIES = ['readCommitTime', 'applyMapping', 'projectStatus'];
