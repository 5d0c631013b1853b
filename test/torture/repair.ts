// What the product has to bring back by itself: a workflow that was taken from Temporal. Its disturbance lasts until it
// runs again, and its recovery counts from when it was taken.
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { workflowId } from '../../src/domain/temporal-names.js';
import type { FaultKind } from './kinds.js';
import type { Partner } from './partner.js';
import type { Run } from './run.js';

const LOOK_EVERY_MS = 500;
/**
 * Workers make lost schedules within a minute, the reconciler looks every two minutes, and both may have been killed
 * just then, with Temporal or PostgreSQL: 45 s for one to start and to repeat what failed.
 */
const REPAIRED_WITHIN_MS = 60_000 + 120_000 + 45_000;

export const handleOf = ({ stack }: Run, { accountId, connectionId }: Partner) =>
  stack.services.temporal.workflow.getHandle(workflowId(accountId, connectionId));

export interface Taken {
  readonly kind: FaultKind;
  readonly fromMs: number;
  /** Of the run that was there before; null: Temporal was wiped, and whichever runs is another. */
  readonly runId: string | null;
}

/** Follows it in the background; campaign.ts waits for all when everything is healed. */
export function followRepair(run: Run, partner: Partner, taken: Taken): void {
  run.repairs.push(repaired(run, partner, taken));
}

async function repaired(run: Run, partner: Partner, { kind, fromMs, runId }: Taken): Promise<void> {
  const deadlineMs = fromMs + REPAIRED_WITHIN_MS;
  while (!(await runsAnew(run, partner, runId))) {
    if (Date.now() > deadlineMs) {
      run.complaints.push(`${kind}: ${partner.name} had no workflow for ${REPAIRED_WITHIN_MS / 1000} s`);
      break;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal: run.signal });
  }
  run.disturbances.push({ kind, fromMs, toMs: Date.now(), partners: [partner.n], isRepaired: true });
}

async function runsAnew(run: Run, partner: Partner, runId: string | null): Promise<boolean> {
  try {
    const now = await describe(run, partner);
    return now.status.name === 'RUNNING' && now.runId !== runId;
  } catch {
    return false;
  }
}

const ANSWER_WITHIN_MS = 5_000;
export const withDeadline = <T>({ stack }: Run, work: () => Promise<T>): Promise<T> =>
  stack.services.temporal.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, work);

export const describe = (run: Run, partner: Partner): Promise<WorkflowExecutionDescription> =>
  withDeadline(run, () => handleOf(run, partner).describe());

/** Temporal may be away just now, or the workflow gone: tries until it succeeds. */
export async function patiently<T>(run: Run, what: string, work: () => Promise<T>): Promise<T> {
  const deadlineMs = Date.now() + REPAIRED_WITHIN_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      run.signal.throwIfAborted();
      if (Date.now() > deadlineMs) throw new Error(`${what} could not be done`, { cause: error });
    }
    await delay(LOOK_EVERY_MS, undefined, { signal: run.signal });
  }
}
