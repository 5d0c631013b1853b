// Works off a connection's queued backfills, oldest first, and ends when none is left. It runs beside the connection's
// workflow on a queue of its own. A rejection is the connection's to judge: it is told, and the store says what became
// of it.
import {
  ActivityCancellationType,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, ConnectionRef } from '../activities/contract.js';
import type { FailureCode } from '../src/domain/failures/failures.js';
import { workflowId } from '../src/domain/temporal-names.js';
import { COLLECTING_RETRY } from './connection/activities.js';
import { type Failure, failureOf, isRejection } from './connection/failure.js';
import { backfillStopped } from './connection/messages.js';

/** Time for the connection to write its pause, which makes the next look at the store end this workflow. */
const AFTER_REJECTION = '10 seconds';

export async function backfill(connection: ConnectionRef): Promise<void> {
  while (!workflowInfo().continueAsNewSuggested) {
    if ((await nextRow(connection)) === 'nothing to do') return;
  }
  await continueAsNew<typeof backfill>(connection);
}

/** Works on the oldest row. `nothing to do`: none is left, or the connection is not collecting. */
async function nextRow(connection: ConnectionRef): Promise<'again' | 'nothing to do'> {
  try {
    const { drained } = await rowsOf(connection).runBackfill(connection);
    return drained ? 'nothing to do' : 'again';
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    if (!isRejection(failure) || !(await tellConnection(connection, failure))) {
      // The connection starts this workflow again at its next site sync, while a row is queued.
      log.error('backfill ended early', { code: failure.code });
      return 'nothing to do';
    }
    await sleep(AFTER_REJECTION);
    return 'again';
  }
}

/** By id: the run that started this workflow may have continued as new. False when there is no connection any more. */
async function tellConnection({ accountId, connectionId }: ConnectionRef, failure: Failure): Promise<boolean> {
  const code = failure.code as FailureCode;
  try {
    const handle = getExternalWorkflowHandle(workflowId(accountId, connectionId));
    await handle.signal(backfillStopped, { code, credentialId: failure.credentialId });
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}

/**
 * As long as it takes: an attempt that is cut after a day goes on from its slices' checkpoints. Retried like the live
 * poll, and cancelled like it, so that two never work on one row.
 */
const rowsOf = ({ accountId }: ConnectionRef) =>
  proxyActivities<Pick<Activities, 'runBackfill'>>({
    startToCloseTimeout: '1 day',
    heartbeatTimeout: '15 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: COLLECTING_RETRY,
    summary: 'oldest queued backfill',
    priority: { fairnessKey: accountId },
  });
