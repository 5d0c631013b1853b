// What Temporal starts by itself. A schedule is made once, by whichever worker comes first.
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { CONNECTION_QUEUE, FREEZE_STATEMENTS_SCHEDULE, FREEZE_STATEMENTS_WORKFLOW } from '../domain/temporal-names.js';

/** Months end at another hour in each account's zone. */
const FREEZE_EVERY = '1 hour';

/** Harmless when it is there already, also when twenty workers start at once. */
export async function ensureSchedules(temporal: Client, taskQueue: string = CONNECTION_QUEUE): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: FREEZE_STATEMENTS_SCHEDULE,
      spec: { intervals: [{ every: FREEZE_EVERY }] },
      action: {
        type: 'startWorkflow',
        workflowType: FREEZE_STATEMENTS_WORKFLOW,
        workflowId: FREEZE_STATEMENTS_SCHEDULE,
        taskQueue,
        args: [],
      },
      // What a run did not do the next one does, so there is nothing to catch up with.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
      memo: { about: 'freezes the statements of months that are over' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
