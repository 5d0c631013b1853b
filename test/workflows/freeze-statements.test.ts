// The schedules: each is made once, however many workers start, and at once starts its workflow, which runs its
// activity. All of them are in this file, because test files share a server and a schedule has the same id everywhere.
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import {
  FREEZE_STATEMENTS_SCHEDULE,
  FREEZE_STATEMENTS_WORKFLOW,
  MAINTENANCE_SCHEDULE,
  MAINTENANCE_WORKFLOW,
  RECONCILE_SCHEDULE,
} from '../../src/domain/temporal-names.js';
import { ensureSchedules } from '../../src/worker/schedules.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, workflowBundle } from './harness.js';

const temporal = useTemporal();

const SCHEDULES = [
  { id: FREEZE_STATEMENTS_SCHEDULE, workflowType: FREEZE_STATEMENTS_WORKFLOW, result: { frozen: 2 } },
  { id: MAINTENANCE_SCHEDULE, workflowType: MAINTENANCE_WORKFLOW, result: { done: { rejects: 2 }, failed: [] } },
] as const;

test('the schedules are made once and start their workflows', async () => {
  const runs: string[] = [];
  const [freezing, maintenance] = SCHEDULES;
  const activities = {
    freezeStatements: () => (runs.push(freezing.id), Promise.resolve(freezing.result)),
    maintain: () => (runs.push(maintenance.id), Promise.resolve(maintenance.result)),
  };
  const { client, connection, taskQueue } = temporal;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle: await workflowBundle(), activities });
  await worker.runUntil(async () => {
    try {
      await Promise.all(Array.from({ length: 20 }, () => ensureSchedules(client, taskQueue)));
      await ensureSchedules(client, taskQueue);
      for (const { id, workflowType } of SCHEDULES) {
        const schedule = client.schedule.getHandle(id);
        const { spec, action, policies } = await schedule.describe();
        expect(action).toMatchObject({ type: 'startWorkflow', workflowType, taskQueue });
        expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
        expect(policies.overlap).toBe('SKIP');
        await eventually(`a run of ${id}`, () => runs.includes(id));
      }
    } finally {
      for (const { id } of SCHEDULES) await client.schedule.getHandle(id).delete();
      await client.schedule.getHandle(RECONCILE_SCHEDULE).delete();
    }
    for (const { id, workflowType, result } of SCHEDULES) {
      const once = { taskQueue, workflowId: `${id}-${taskQueue}` };
      expect(await client.workflow.execute(workflowType, once)).toEqual(result);
    }
  });
});
