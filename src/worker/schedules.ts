// What Temporal starts by itself. A schedule is made once, by whichever worker comes first.
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import {
  CONNECTION_QUEUE,
  FREEZE_STATEMENTS_SCHEDULE,
  FREEZE_STATEMENTS_WORKFLOW,
  MAINTENANCE_SCHEDULE,
  MAINTENANCE_WORKFLOW,
} from '../domain/temporal-names.js';

interface Scheduled {
  readonly scheduleId: string;
  readonly workflowType: string;
  readonly every: '1 hour';
  readonly about: string;
}

const SCHEDULES: readonly Scheduled[] = [
  {
    scheduleId: FREEZE_STATEMENTS_SCHEDULE,
    workflowType: FREEZE_STATEMENTS_WORKFLOW,
    every: '1 hour', // months end at another hour in each account's zone
    about: 'freezes the statements of months that are over',
  },
  {
    scheduleId: MAINTENANCE_SCHEDULE,
    workflowType: MAINTENANCE_WORKFLOW,
    every: '1 hour', // a token that nobody accepted has an hour to live
    about: 'makes partitions ahead, applies retention, removes what was never accepted or has expired',
  },
];

/** Harmless when they are there already, also when twenty workers start at once. */
export async function ensureSchedules(temporal: Client, taskQueue: string = CONNECTION_QUEUE): Promise<void> {
  for (const schedule of SCHEDULES) await ensureSchedule(temporal, schedule, taskQueue);
}

async function ensureSchedule(
  temporal: Client,
  { scheduleId, workflowType, every, about }: Scheduled,
  taskQueue: string,
): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId,
      spec: { intervals: [{ every }] },
      action: { type: 'startWorkflow', workflowType, workflowId: scheduleId, taskQueue, args: [] },
      // What a run did not do the next one does, so there is nothing to catch up with.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
      memo: { about },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
