// One account's backlog does not make another account wait: Temporal hands out tasks in turns by the account that they
// name. That is a setting of the server, off by its own default.
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { useTemporal } from '../support/temporal.js';
import { eventually, workflowBundle } from './harness.js';
import type { ManyActivities, manyActivities } from './many-activities.workflow.js';

const temporal = useTemporal();
const WORKFLOWS = fileURLToPath(new URL('./many-activities.workflow.ts', import.meta.url));
const LARGE = 120;
const SMALL = 6;

test('a small account is not behind the backlog of a large one', async () => {
  const { client, connection, taskQueue } = temporal;
  const activityQueue = `${taskQueue}-activities`;
  const workflows = { connection, taskQueue, workflowBundle: await workflowBundle(WORKFLOWS) };
  const served: string[] = [];
  await (
    await Worker.create(workflows)
  ).runUntil(async () => {
    const start = async (accountId: string, count: number) => {
      const input: ManyActivities = { accountId, count, activityQueue };
      const options = { taskQueue, workflowId: `${accountId}-${taskQueue}`, args: [input] as [ManyActivities] };
      const handle = await client.workflow.start<typeof manyActivities>('manyActivities', options);
      await eventually(`tasks of ${accountId}`, async () => {
        const { raw } = await handle.describe();
        return raw.pendingActivities?.length === count && (await backlog(activityQueue)) >= count;
      });
      return handle;
    };
    const handles = [await start('large', LARGE)];
    await eventually('the large backlog', async () => (await backlog(activityQueue)) === LARGE);
    handles.push(await start('small', SMALL));
    await eventually('both backlogs', async () => (await backlog(activityQueue)) === LARGE + SMALL);
    const activities = { step: (accountId: string) => Promise.resolve(void served.push(accountId)) };
    const oneSlot = { connection, taskQueue: activityQueue, activities, maxConcurrentActivityTaskExecutions: 1 };
    await (await Worker.create(oneSlot)).runUntil(Promise.all(handles.map((handle) => handle.result())));
  });
  expect(served.length).toBe(LARGE + SMALL);
  // Measured: places 1 to 31 with fairness, 88 to 126 without.
  expect(served.lastIndexOf('small')).toBeLessThan(LARGE / 2);
});

/** How many activities wait, as far as the server knows. */
async function backlog(taskQueue: string): Promise<number> {
  const { client } = temporal;
  const { stats } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 2,
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0);
}
