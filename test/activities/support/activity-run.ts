// Runs an activity function as a worker would, in the environment of Temporal's test kit: heartbeats are counted, and
// the run can be cancelled. Needs no server.
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

export interface ActivityRun<Result> {
  readonly result: Promise<Result>;
  readonly heartbeats: () => number;
  cancel(): void;
}

/** Only errors: failing activities are what is tested, and a line for each would bury the report. */
const logger = new DefaultLogger('ERROR');

/** In an environment of its own, because one that was cancelled stays cancelled. */
export function runActivity<Result>(
  work: () => Promise<Result>,
  info: { readonly attempt?: number } = {},
): ActivityRun<Result> {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 15_000, ...info }, { logger });
  let heartbeats = 0;
  environment.on('heartbeat', () => (heartbeats += 1));
  return {
    result: environment.run<[], Result, typeof work>(work),
    heartbeats: () => heartbeats,
    cancel: () => environment.cancel(),
  };
}
