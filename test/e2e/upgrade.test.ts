// A deployment: a worker of an earlier build is killed in the middle of everything, and one of today's takes its
// connections over as they stand. Nothing is lost or doubled, and what is new begins with the next run.
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_INTERVALS } from '../../src/domain/connection/chores.js';
import type { Part } from '../../src/embedded/processes/part.js';
import { type ConnectionInput, SCHEMA_VERSION, status } from '../../workflows/connection/messages.js';
import { buildOf } from '../replay/histories.js';
import { type E2eStack, startE2eStack, waitUntil } from './support/e2e-stack.js';
import { earlierApi, startEarlierWorker } from './support/earlier-build.js';
import { collectingPartner, type Partner } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

const HISTORY_ROWS = 20_000;
/** More than come about while the earlier worker is there. */
const EVENTS_A_RUN = 400;
/** Pages are slow enough for a kill to meet one that is on its way. */
const PAGE_LATENCY_MS = 600;
/** It reads every window of the history again, on a machine that may be busy. */
const COMPARISON_MS = 150_000;
const TEST_MS = 360_000;
const INTERVALS = { ...DEFAULT_INTERVALS, pollIntervalMs: 300, sitesIntervalMs: 5_000, completenessIntervalMs: 1_000 };

let stack: E2eStack;
let earlier: Part;
beforeAll(async () => {
  stack = await startE2eStack({
    intervals: INTERVALS,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': EVENTS_A_RUN },
    simulator: { historyRows: HISTORY_ROWS },
  });
});
afterAll(() => stack[Symbol.asyncDispose]());

beforeEach(async () => {
  earlier = await startEarlierWorker(stack, buildOf(1));
  onTestFinished(async () => {
    earlier.kill();
    await stack.stopWorkers();
  });
  const { control } = stack.simulator;
  control.configure({ pageLatencyMs: PAGE_LATENCY_MS });
  control.startFeed({ rowsPerSecond: 20 });
});

test('a connection that an earlier api and worker began goes on in place', { timeout: TEST_MS }, async () => {
  const partner = await collectingPartner(stack, { services: earlierApi(stack, INTERVALS) });
  const first = await killedInTheMiddle(partner);
  expect(await inputOf(partner, first)).toMatchObject({ schemaVersion: 1 });

  await stack.startWorker();

  await waitUntil('the same run to go on', async () => (await partner.workflow.query(status)).state === 'active');
  expect((await partner.workflow.describe()).runId).toBe(first);
  await collectedOnce(partner);
  await goesOnAnew(partner, first);
  expect(await namesOf(partner, first)).not.toContain('checkCompleteness');
  await partner.disconnect();
});

test('a connection that today’s api began with an earlier worker goes on in place', { timeout: TEST_MS }, async () => {
  const partner = await collectingPartner(stack);
  const first = await killedInTheMiddle(partner);
  expect(await inputOf(partner, first)).toMatchObject({ schemaVersion: SCHEMA_VERSION });

  await stack.startWorker();

  await collectedOnce(partner);
  await goesOnAnew(partner, first);
  await partner.disconnect();
});

/** Kills the worker while a poll and a backfill run and timers wait. Returns the run. */
async function killedInTheMiddle(partner: Partner): Promise<string> {
  const running = async () => {
    const [own, backfill] = await Promise.all([pending(partner.workflow), pending(partner.backfillWorkflow)]);
    return own.includes('pollActivities') && backfill.includes('runBackfill');
  };
  await waitUntil('the middle of collecting', async () => (await partner.collected()) > HISTORY_ROWS / 8);
  await waitUntil('a poll and a backfill to run', running);
  earlier.kill();
  await earlier.exited;
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

async function collectedOnce(partner: Partner): Promise<void> {
  const { control } = stack.simulator;
  control.configure({ pageLatencyMs: 0 });
  control.stopFeed();
  await partner.caughtUp();
  expect(await compareWithTruth(partner)).toEqual([]);
}

/** The run ends as it must, and the next one does what is new; commands are answered before and after. */
async function goesOnAnew(partner: Partner, first: string): Promise<void> {
  while ((await partner.workflow.describe()).runId === first) {
    await partner.connections.pause(...partner.target);
    await partner.connections.resume(...partner.target);
  }
  const second = (await partner.workflow.describe()).runId;
  expect(await inputOf(partner, second)).toMatchObject({
    schemaVersion: SCHEMA_VERSION,
    settings: { completenessIntervalMs: expect.any(Number) },
  });
  const compared = async () => (await partner.rows('completeness_checks')).some(({ state }) => state === 'equal');
  await waitUntil('the comparison of version 2', compared, COMPARISON_MS);
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

async function namesOf(partner: Partner, runId: string): Promise<string[]> {
  const events = await eventsOf(partner, runId);
  return events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
}
