// Starts a connection's backfill workflow. One that runs already is fine: it works off every queued row before it ends.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, log, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { ConnectionRef } from '../../activities/contract.js';
import {
  BACKFILL_WORKFLOW,
  backfillQueueOf,
  backfillWorkflowId,
  SEARCH_ATTRIBUTES,
} from '../../src/domain/temporal-names.js';

/** Settles when it runs. It outlives the run that started it: by default continue-as-new would take it along. */
export async function startBackfill(connection: ConnectionRef, console: string): Promise<void> {
  const { accountId, connectionId } = connection;
  try {
    await CancellationScope.nonCancellable(() =>
      startChild(BACKFILL_WORKFLOW, {
        workflowId: backfillWorkflowId(accountId, connectionId),
        taskQueue: backfillQueueOf(workflowInfo().taskQueue),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        typedSearchAttributes: [
          { key: SEARCH_ATTRIBUTES.accountId, value: accountId },
          { key: SEARCH_ATTRIBUTES.console, value: console },
        ],
        priority: { fairnessKey: accountId },
        args: [connection],
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) log.warn('backfill was not started', { error });
  }
}
