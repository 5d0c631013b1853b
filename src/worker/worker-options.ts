// How this product runs Temporal workers: two task queues in one process, so that live polling never waits for a
// backfill.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Runtime, type WorkerOptions } from '@temporalio/worker';
import { BACKFILL_QUEUE, CONNECTION_QUEUE } from '../domain/temporal-names.js';

/** Written by the build; development bundles from the sources. */
const BUNDLE = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../workflows/index', import.meta.url));
const CONVERTER = fileURLToPath(new URL('../../workflows/payload-converter', import.meta.url));

/**
 * For all workers of a process: each that was given the sources instead would bundle them again, which takes seconds.
 */
export async function workflowBundle(): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  if (existsSync(BUNDLE)) return { codePath: BUNDLE };
  return bundleWorkflowCode({
    workflowsPath: sourceOf(SOURCES),
    payloadConverterPath: sourceOf(CONVERTER),
    logger: Runtime.instance().logger,
  });
}

const sourceOf = (module: string) => (existsSync(`${module}.ts`) ? `${module}.ts` : `${module}.js`);

const SHARED = {
  /** A cached workflow costs about 25 KB beside its history; a thousand idle connections fit in one worker. */
  maxCachedWorkflows: 1_000,
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

export const connectionWorkerOptions = {
  ...SHARED,
  taskQueue: CONNECTION_QUEUE,
  maxConcurrentActivityTaskExecutions: 100,
} as const satisfies WorkerOptions;

/** Each backfill keeps up to twelve pages in memory and six database connections busy. */
export const backfillWorkerOptions = {
  ...SHARED,
  taskQueue: BACKFILL_QUEUE,
  maxConcurrentActivityTaskExecutions: 4,
} as const satisfies WorkerOptions;
