// Runs an activity function as a worker would: in the environment that Temporal's test kit gives for it, whose heartbeats are
// counted and which can be cancelled. Needs no server.
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

export interface ActivityRun<Result> {
  readonly result: Promise<Result>;
  readonly heartbeats: () => number;
  cancel(): void;
}

/** Activities that fail are what is tested here: a log line for each would bury the report. */
const logger = new DefaultLogger('ERROR');

/** In an environment of its own, because one that was cancelled once stays so. */
export function runActivity<Result>(work: () => Promise<Result>): ActivityRun<Result> {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 15_000 }, { logger });
  let heartbeats = 0;
  environment.on('heartbeat', () => (heartbeats += 1));
  return {
    result: environment.run<[], Result, typeof work>(work),
    heartbeats: () => heartbeats,
    cancel: () => environment.cancel(),
  };
}
