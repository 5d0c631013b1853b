// One course of events over fake activities, played once and recorded.
import type { WorkflowHandle } from '@temporalio/client';
import { pause, resume } from '../../../workflows/connection/messages.js';
import type { Harness, Options } from '../../workflows/harness.js';

export interface Scenario {
  readonly name: string;
  readonly options?: Options;
  /**
   * Plays it; every run of the connection and of its backfill is recorded afterwards, or of what this returns instead.
   */
  play(harness: Harness): Promise<unknown>;
  readonly records?: (harness: Harness) => WorkflowHandle;
}

/** Workers and start; resolves with the verdict. */
export async function start(harness: Harness): Promise<unknown> {
  await harness.startWorkers();
  return harness.start();
}

/** Until the run has become long enough to be followed by another. */
export async function untilNextRun(harness: Harness): Promise<void> {
  const first = await harness.runId();
  while ((await harness.runId()) === first) {
    await harness.update(pause, {});
    await harness.update(resume, {});
  }
}
