// Runs an activity function inside a bare `Context`. The tests do it in Temporal's test kit, but that loads the whole
// SDK of the worker, a hundred MiB that the benchmark would count as the collector's.
import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { ActivityCancellationDetails, type Logger, noopMetricMeter } from '@temporalio/common';

const NOTHING = () => undefined;
const SILENT: Logger = { log: NOTHING, trace: NOTHING, debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING };
/** What is measured reads nothing of it. */
const INFO = { activityId: 'bench', activityType: 'bench', attempt: 1, heartbeatTimeoutMs: 15_000 } as Info;

export function runActivity<Result>(work: () => Promise<Result>): Promise<Result> {
  const cancelled = new Promise<never>(NOTHING);
  const { signal } = new AbortController();
  const details = { details: new ActivityCancellationDetails() };
  const context = new Context(INFO, cancelled, signal, NOTHING, undefined, SILENT, noopMetricMeter, details);
  return asyncLocalStorage.run(context, work);
}
