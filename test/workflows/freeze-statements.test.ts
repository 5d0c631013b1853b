// The schedule that freezes statements: made once, however many workers start, and its workflow runs the activity.
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FREEZE_STATEMENTS_SCHEDULE, FREEZE_STATEMENTS_WORKFLOW } from '../../src/domain/temporal-names.js';
import { ensureSchedules } from '../../src/temporal/schedules.js';
import { connectTemporal, type TestTemporal } from '../support/temporal.js';
import { eventually, workflowBundle } from './harness.js';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTemporal();
});
afterAll(() => temporal[Symbol.asyncDispose]());

test('the schedule is made once and starts the workflow, which freezes', async () => {
  let runs = 0;
  const freezeStatements = async () => {
    runs += 1;
    return { frozen: 2 };
  };
  const { client, connection, taskQueue } = temporal;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: { freezeStatements },
  });
  await worker.runUntil(async () => {
    await Promise.all(Array.from({ length: 20 }, () => ensureSchedules(client, taskQueue)));
    await ensureSchedules(client, taskQueue);
    const schedule = client.schedule.getHandle(FREEZE_STATEMENTS_SCHEDULE);
    try {
      const { spec, action } = await schedule.describe();
      expect(action).toMatchObject({ type: 'startWorkflow', workflowType: FREEZE_STATEMENTS_WORKFLOW, taskQueue });
      expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
      await schedule.trigger();
      await eventually('a run of the schedule', () => runs > 0);
    } finally {
      await schedule.delete();
    }
    const once = { taskQueue, workflowId: `freeze-${taskQueue}` };
    expect(await client.workflow.execute(FREEZE_STATEMENTS_WORKFLOW, once)).toEqual({ frozen: 2 });
  });
});
