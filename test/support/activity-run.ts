// Runs an activity function as a worker would: inside a `Context`, with heartbeats counted and a cancellation that can be
// asked for. Needs no server, and none of the testing package.
import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { ActivityCancellationDetails, CancelledFailure, type Logger, noopMetricMeter } from '@temporalio/common';

export interface ActivityRun<Result> {
  readonly result: Promise<Result>;
  readonly heartbeats: () => number;
  cancel(): void;
}

const NOTHING = () => undefined;
const SILENT: Logger = { log: NOTHING, trace: NOTHING, debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING };
/** Activities read nothing of it. */
const INFO = { activityId: 'test', activityType: 'test', attempt: 1, heartbeatTimeoutMs: 15_000 } as Info;

export function runActivity<Result>(work: () => Promise<Result>): ActivityRun<Result> {
  const controller = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error));
  });
  cancelled.catch(NOTHING);
  let heartbeats = 0;
  const context = new Context(
    INFO,
    cancelled,
    controller.signal,
    () => (heartbeats += 1),
    undefined,
    SILENT,
    noopMetricMeter,
    { details: new ActivityCancellationDetails() },
  );
  return {
    result: asyncLocalStorage.run(context, work),
    heartbeats: () => heartbeats,
    cancel: () => controller.abort(new CancelledFailure('CANCELLED')),
  };
}
