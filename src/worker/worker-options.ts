// How this product runs Temporal workers: four task queues in one process, each with slots of its own, so that a
// command never waits for a poll whose console hangs, a poll never for a backfill, and nobody for what Temporal starts
// by itself.
import { hostname } from 'node:os';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { WORKER_SLOTS } from '../capacity.js';
import { BACKFILL_QUEUE, COMMAND_QUEUE, CONNECTION_QUEUE, MAINTENANCE_QUEUE } from '../domain/temporal-names.js';
import type { WorkflowBundle } from './workflow-bundle.js';

const SHARED = {
  /** Or a running poll learns of its cancellation up to 12 s late (measured 9.1 s against 0.16 s). */
  maxHeartbeatThrottleInterval: '1 second',
  /**
   * How long a workflow waits for the worker that has it cached before any other may take it. By the SDK's own 10 s,
   * each command to a connection of a killed worker failed for 11 s beside a living one (measured); a command is valid
   * for 4 s.
   */
  stickyQueueScheduleToStartTimeout: '2 seconds',
  /** Pages under way end; then what is left is cut and goes on elsewhere from its checkpoint. */
  shutdownGraceTime: '10 seconds',
  shutdownForceTime: '15 seconds',
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
} as const satisfies Partial<WorkerOptions>;

/** A cached workflow costs about 25 KB beside its history; a thousand idle connections fit in one worker. */
const CACHED_CONNECTIONS = 1_000;
/** Runs that Temporal starts by itself end within minutes. */
const CACHED_MAINTENANCE = 10;

export type WorkerSlots = Readonly<Record<keyof typeof WORKER_SLOTS, number>>;

export interface WorkerParts {
  /** How many activities of each kind run at once; by default what src/capacity.ts says. */
  readonly slots?: Partial<WorkerSlots>;
  readonly workflowBundle: WorkflowBundle;
  /** All of them on every queue: a run that an earlier build began schedules its commands on the connections' queue. */
  readonly activities: object;
}

/** The options of each worker of a process; connection, namespace and identity are the caller's. */
export function workerOptions({ slots: given, workflowBundle, activities }: WorkerParts): WorkerOptions[] {
  const slots: WorkerSlots = { ...WORKER_SLOTS, ...given };
  const shared = { ...SHARED, activities };
  const withWorkflows = { ...shared, workflowBundle };
  return [
    {
      ...withWorkflows,
      taskQueue: CONNECTION_QUEUE,
      maxCachedWorkflows: CACHED_CONNECTIONS,
      maxConcurrentActivityTaskExecutions: slots.poll,
    },
    { ...shared, taskQueue: COMMAND_QUEUE, maxConcurrentActivityTaskExecutions: slots.command },
    {
      ...withWorkflows,
      taskQueue: BACKFILL_QUEUE,
      maxCachedWorkflows: CACHED_CONNECTIONS,
      maxConcurrentActivityTaskExecutions: slots.backfill,
    },
    {
      ...withWorkflows,
      taskQueue: MAINTENANCE_QUEUE,
      maxCachedWorkflows: CACHED_MAINTENANCE,
      maxConcurrentActivityTaskExecutions: slots.maintenance,
    },
  ];
}

/** All of them or none: one that was made and never run would keep its connection from being closed. */
export async function createAll(options: readonly WorkerOptions[]): Promise<readonly Worker[]> {
  const made = await Promise.allSettled(options.map((each) => Worker.create(each)));
  const workers = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = made.find((each) => each.status === 'rejected');
  if (failed === undefined) return workers;
  const ended = workers.map((worker) => {
    const running = worker.run();
    worker.shutdown();
    return running;
  });
  await Promise.allSettled(ended);
  throw failed.reason;
}

const DEPLOYMENT_NAME = 'sentinelone-log-source';

/**
 * How a worker is shown in the Temporal UI. Its version is said and not gone by: workflows are not pinned to it, or one
 * whose version has no worker left would stand still (measured), and an upgrade on one machine leaves none.
 */
export const workerIdentity = (version: string) =>
  ({
    identity: `${version}@${hostname()}`,
    workerDeploymentOptions: {
      useWorkerVersioning: false,
      version: { deploymentName: DEPLOYMENT_NAME, buildId: version },
    },
  }) as const satisfies Partial<WorkerOptions>;
