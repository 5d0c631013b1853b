// What Temporal starts by itself. A schedule is made by whichever worker finds it missing, and put right by whichever
// finds it other than this build wants it: an earlier build made it, or somebody changed it by hand. Only its pause is
// left to people.
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import {
  FREEZE_STATEMENTS_SCHEDULE,
  FREEZE_STATEMENTS_WORKFLOW,
  MAINTENANCE_QUEUE,
  MAINTENANCE_SCHEDULE,
  MAINTENANCE_WORKFLOW,
  RECONCILE_SCHEDULE,
  RECONCILE_WORKFLOW,
} from '../domain/temporal-names.js';

interface Scheduled {
  readonly scheduleId: string;
  readonly workflowType: string;
  readonly everyMs: number;
  /** Starts that an outage kept from happening, and that are this late at most, happen when it is over, as one. */
  readonly catchupMs: number;
  readonly about: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const SCHEDULES: readonly Scheduled[] = [
  {
    scheduleId: FREEZE_STATEMENTS_SCHEDULE,
    workflowType: FREEZE_STATEMENTS_WORKFLOW,
    everyMs: HOUR_MS, // months end at another hour in each account's zone
    catchupMs: HOUR_MS,
    about: 'freezes the statements of months that are over',
  },
  {
    scheduleId: MAINTENANCE_SCHEDULE,
    workflowType: MAINTENANCE_WORKFLOW,
    everyMs: HOUR_MS, // a token that nobody accepted has an hour to live
    catchupMs: HOUR_MS,
    about: 'makes partitions ahead, applies retention, removes what was never accepted or has expired',
  },
  {
    scheduleId: RECONCILE_SCHEDULE,
    workflowType: RECONCILE_WORKFLOW,
    everyMs: 2 * MINUTE_MS, // as long as a connection without a workflow may stand still
    catchupMs: 2 * MINUTE_MS,
    about: 'compares connections with their workflows and starts what is missing',
  },
];

export interface ScheduleChanges {
  readonly made: readonly string[];
  readonly updated: readonly string[];
}

/**
 * Makes what is missing, which then runs once at once, and updates what differs. Harmless when twenty workers do it at
 * the same time. Two builds that want different things set them in turns for as long as both run.
 */
export async function ensureSchedules(temporal: Client, taskQueue = MAINTENANCE_QUEUE): Promise<ScheduleChanges> {
  const made: string[] = [];
  const updated: string[] = [];
  for (const schedule of SCHEDULES) {
    const change = await ensureSchedule(temporal, optionsOf(schedule, taskQueue));
    if (change === 'made') made.push(schedule.scheduleId);
    if (change === 'updated') updated.push(schedule.scheduleId);
  }
  return { made, updated };
}

type Wanted = ReturnType<typeof optionsOf>;

/** What a run did not do the next one does, so runs never overlap. */
const optionsOf = ({ scheduleId, workflowType, everyMs, catchupMs, about }: Scheduled, taskQueue: string) =>
  ({
    scheduleId,
    spec: { intervals: [{ every: everyMs }] },
    action: { type: 'startWorkflow', workflowType, workflowId: scheduleId, taskQueue, args: [] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchupMs, pauseOnFailure: false },
    memo: { about },
  }) satisfies ScheduleOptions;

async function ensureSchedule(temporal: Client, wanted: Wanted): Promise<'made' | 'updated' | 'as wanted'> {
  const handle = temporal.schedule.getHandle(wanted.scheduleId);
  const found = await describe(handle);
  if (found === null) return (await make(temporal, wanted)) ? 'made' : 'as wanted';
  if (isAsWanted(found, wanted)) return 'as wanted';
  await handle.update(({ state }) => ({ ...wanted, state }));
  return 'updated';
}

async function describe(handle: ScheduleHandle): Promise<ScheduleDescription | null> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** False when another worker was faster. */
async function make(temporal: Client, wanted: Wanted): Promise<boolean> {
  try {
    await temporal.schedule.create({ ...wanted, state: { triggerImmediately: true } });
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}

/** Everything but its state, and but its memo, which Temporal keeps as it was made. */
function isAsWanted({ spec, action, policies }: ScheduleDescription, wanted: Wanted): boolean {
  return (
    isInterval(spec, wanted.spec.intervals[0]?.every) &&
    action.workflowType === wanted.action.workflowType &&
    action.workflowId === wanted.action.workflowId &&
    action.taskQueue === wanted.action.taskQueue &&
    (action.args ?? []).length === 0 &&
    policies.overlap === wanted.policies.overlap &&
    policies.catchupWindow === wanted.policies.catchupWindow &&
    policies.pauseOnFailure === wanted.policies.pauseOnFailure
  );
}

/** One interval and nothing beside it. */
function isInterval(spec: ScheduleDescription['spec'], everyMs: number | undefined): boolean {
  const { intervals = [], calendars = [], skip = [], startAt, endAt } = spec;
  const [interval] = intervals;
  const isOnly = intervals.length === 1 && calendars.length === 0 && skip.length === 0;
  return isOnly && interval?.every === everyMs && !interval?.offset && startAt === undefined && endAt === undefined;
}
