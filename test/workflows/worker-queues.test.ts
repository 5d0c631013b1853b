// The workers of one process, as the product makes them, with few slots: kinds of work keep out of each other's way,
// and a version is shown without workflows being tied to it.
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { COMMAND_QUEUE, CONNECTION_QUEUE } from '../../src/domain/temporal-names.js';
import { workerIdentity, workerOptions } from '../../src/worker/worker-options.js';
import { useTemporal } from '../support/temporal.js';
import { makeNamespace } from '../support/temporal-namespace.js';
import { eventually, workflowBundle } from './harness.js';
import type { ManyActivities, manyActivities, StepActivities } from './many-activities.workflow.js';

const temporal = useTemporal();
const WORKFLOWS = fileURLToPath(new URL('./many-activities.workflow.ts', import.meta.url));
const POLL_SLOTS = 3;

let ours: Client;
beforeAll(async () => {
  ours = await makeNamespace(temporal);
});

/** Runs `work` beside all four workers of a process of that version. */
async function withWorkers(version: string, activities: StepActivities, work: () => Promise<void>): Promise<void> {
  const shared = { connection: temporal.connection, namespace: ours.options.namespace, ...workerIdentity(version) };
  const bundle = await workflowBundle(WORKFLOWS);
  const options = workerOptions({ slots: { poll: POLL_SLOTS, command: 1 }, workflowBundle: bundle, activities });
  const workers = await Promise.all(options.map((each) => Worker.create({ ...each, ...shared })));
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    await work();
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
  }
}

function start(workflowId: string, input: ManyActivities) {
  const options = { taskQueue: CONNECTION_QUEUE, workflowId, args: [input] as [ManyActivities] };
  return ours.workflow.start<typeof manyActivities>('manyActivities', options);
}

test('polls that hang in every slot keep no command waiting', async () => {
  const consoles = Promise.withResolvers<void>();
  const begun: string[] = [];
  const step = async (what: string) => {
    begun.push(what);
    if (what === 'poll') await consoles.promise;
  };
  await withWorkers('1.0.0', { step }, async () => {
    const polls = await start('polls', { accountId: 'poll', count: POLL_SLOTS + 2, activityQueue: CONNECTION_QUEUE });
    await eventually('polls in every slot', () => begun.length === POLL_SLOTS);
    const command = await start('command', { accountId: 'command', count: 2, activityQueue: COMMAND_QUEUE });
    await command.result();
    expect(begun).toEqual([...Array<string>(POLL_SLOTS).fill('poll'), 'command', 'command']);
    consoles.resolve();
    await polls.result();
  });
});

test('a worker is shown with its version, and another version goes on with what it began', async () => {
  const step = () => Promise.resolve();
  const activityQueue = 'later';
  const begun = await start('across versions', { accountId: 'account', count: 1, activityQueue });
  await withWorkers('1.0.0', { step }, async () => {
    await eventually('its activity', async () => (await begun.describe()).raw.pendingActivities?.length === 1);
    const { pollers } = await ours.workflowService.describeTaskQueue({
      namespace: ours.options.namespace,
      taskQueue: { name: CONNECTION_QUEUE },
      taskQueueType: 1,
    });
    expect(pollers?.[0]?.identity).toMatch(/^1\.0\.0@./);
    expect(pollers?.[0]?.deploymentOptions).toMatchObject({
      deploymentName: 'sentinelone-log-source',
      buildId: '1.0.0',
    });
  });
  await withWorkers('2.0.0', { step }, async () => {
    const { connection } = temporal;
    const { namespace } = ours.options;
    const later = await Worker.create({ connection, namespace, taskQueue: activityQueue, activities: { step } });
    await later.runUntil(begun.result());
  });
});
