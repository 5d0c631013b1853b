// Whether a connection's workflow runs, and how it ended when it does not. Only a definite answer of Temporal's counts:
// that it cannot be reached, or that the namespace is not there, says nothing of the workflow and is thrown.
import {
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionStatusName,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { ConnectionRef } from '../../activities/contract.js';
import type { ConnectionResult } from '../../workflows/connection/messages.js';
import type { WorkflowCondition, WorkflowEnd } from '../domain/connection/repair.js';
import type { FailureCode } from '../domain/failures/failures.js';
import { workflowId } from '../domain/temporal-names.js';
import { inTime } from './in-time.js';

/** Statuses that are no end, also those that a later server may have, count as running. */
const ENDS: Partial<Record<WorkflowExecutionStatusName, WorkflowEnd>> = {
  TERMINATED: 'terminated',
  FAILED: 'failed',
  TIMED_OUT: 'timed_out',
  CANCELLED: 'cancelled',
  CONTINUED_AS_NEW: 'continued_as_new',
};

/** Of the latest run. Throws `temporal_unavailable` when nobody can say. */
export const conditionOf = (temporal: Client, ref: ConnectionRef): Promise<WorkflowCondition> =>
  inTime(temporal, async () => {
    const id = workflowId(ref.accountId, ref.connectionId);
    const latest = await describe(temporal, id);
    if (latest === undefined) return 'not_found';
    const { status, runId } = latest;
    if (status.name !== 'COMPLETED') return ENDS[status.name] ?? 'running';
    return endOf(await temporal.workflow.getHandle(id, runId, { followRuns: false }).result());
  });

/** Undefined when there is no such workflow. The error of a namespace that is not there may look the same. */
async function describe(temporal: Client, id: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await temporal.workflow.getHandle(id).describe();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const { namespace } = temporal.options;
    await temporal.workflowService.describeNamespace({ namespace });
    return undefined;
  }
}

/** One that ended because its row was gone is no disconnect: the row may be back, from a later copy of the store. */
function endOf(result: unknown): WorkflowEnd {
  const { state, cause } = (result ?? {}) as { state?: ConnectionResult['state']; cause?: string };
  if (state !== 'disconnected') return state ?? 'completed';
  if (cause === undefined) return 'completed';
  return cause === ('connection_gone' satisfies FailureCode) ? 'row_gone' : 'disconnected';
}
