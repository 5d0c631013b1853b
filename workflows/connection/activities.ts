// The activities as a connection calls them: one proxy for each way of retrying, and each activity under a name of its
// own in the Temporal UI. All carry the account as fairness key, so that an account with many connections cannot keep
// the others' waiting.
import type { RetryPolicy } from '@temporalio/common';
import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/contract.js';
import type { Chore } from '../../src/domain/connection/connection.js';
import { type FailureCode, FAILURES, NON_RETRYABLE } from '../../src/domain/failures/failures.js';
import { commandQueueOf } from '../../src/domain/temporal-names.js';

/** What the console says is final for somebody who waits: only our own store is worth trying again. */
const UPSTREAM = (Object.keys(FAILURES) as FailureCode[]).filter((code) => code.startsWith('s1.'));
const FINAL_WHEN_ASKED: string[] = [...new Set([...NON_RETRYABLE, ...UPSTREAM])];

/**
 * Of what collects, for as long as an outage lasts. Each failure brings its own delay, because attempts also count idle
 * polls; the five seconds are for an attempt whose worker was killed and could name none.
 */
export const COLLECTING_RETRY = {
  initialInterval: '5 seconds',
  backoffCoefficient: 1,
  nonRetryableErrorTypes: [...NON_RETRYABLE],
} satisfies RetryPolicy;

/** Of what nobody waits for: for as long as an outage lasts, at most a minute apart. */
const ROUTINE_RETRY = {
  initialInterval: '5 seconds',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
  nonRetryableErrorTypes: [...NON_RETRYABLE],
} satisfies RetryPolicy;

/** What the Temporal UI calls them. */
export const CHORE_SUMMARIES: Readonly<Record<Chore, string>> = {
  sites: 'site sync',
  licenseCounts: 'license counts',
  tokenCheck: 'token check',
  permissionRecheck: 'permission re-check',
  completeness: 'comparison with the console',
};

export type ConnectionActivities = ReturnType<typeof activitiesFor>;

/** `commandQueue`: what a person waits for has a queue of its own. Runs of an earlier build have one for all. */
export function activitiesFor(accountId: string, { commandQueue }: { readonly commandQueue: boolean }) {
  const priority = { fairnessKey: accountId };
  const { taskQueue } = workflowInfo();
  const waitedFor = { priority, taskQueue: commandQueue ? commandQueueOf(taskQueue) : taskQueue };
  return {
    /**
     * Before each command. An attempt takes milliseconds; two seconds are for a killed worker, and trying again does no
     * harm.
     */
    clock: proxyActivities<Pick<Activities, 'readCommitTime'>>({
      startToCloseTimeout: '2 seconds',
      retry: { initialInterval: '100 milliseconds', maximumInterval: '2 seconds' },
      summary: 'was it accepted in time',
      ...waitedFor,
    }),

    /** Eight seconds in all, because somebody looks at a form. Two tries, because one lost packet is no verdict. */
    validation: proxyActivities<Pick<Activities, 'validateConnection'>>({
      scheduleToCloseTimeout: '8 seconds',
      retry: { initialInterval: '500 milliseconds', maximumAttempts: 2, nonRetryableErrorTypes: [...NON_RETRYABLE] },
      summary: 'all checks of a new connection',
      ...waitedFor,
    }),

    /** Cancellation waits for the running attempt: two polls never run side by side. */
    live: proxyActivities<Pick<Activities, 'pollActivities'>>({
      startToCloseTimeout: '5 minutes',
      heartbeatTimeout: '15 seconds',
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: COLLECTING_RETRY,
      summary: 'live collection',
      priority,
    }),

    /**
     * TRY_CANCEL: these read the console and write what they saw by key, so one left running beside its successor does
     * no harm, while waiting for it would hold up continue-as-new and with it the poll. A heartbeat, because chores are
     * done one after the other: one that was lost with its worker would otherwise hold up the re-check that ends a
     * pause for two minutes.
     */
    routine: proxyActivities<Pick<Activities, 'syncSites' | 'recordLicenseCounts' | 'checkToken' | 'checkPermissions'>>(
      {
        startToCloseTimeout: '2 minutes',
        heartbeatTimeout: '15 seconds',
        cancellationType: ActivityCancellationType.TRY_CANCEL,
        retry: ROUTINE_RETRY,
        priority,
      },
    ),

    /**
     * About a minute of counting, longer when something is read again. TRY_CANCEL: of two attempts that read a window
     * again the older loses its checkpoint, so one left running does no harm.
     */
    completeness: proxyActivities<Pick<Activities, 'checkCompleteness'>>({
      startToCloseTimeout: '5 minutes',
      heartbeatTimeout: '15 seconds',
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: ROUTINE_RETRY,
      summary: CHORE_SUMMARIES.completeness,
      priority,
    }),

    /** Routine work when a person waits: an answer within half a minute, even if it is that the console is away. */
    asked: proxyActivities<Pick<Activities, 'syncSites' | 'checkToken' | 'checkPermissions'>>({
      startToCloseTimeout: '30 seconds',
      scheduleToCloseTimeout: '30 seconds',
      retry: { initialInterval: '1 second', nonRetryableErrorTypes: FINAL_WHEN_ASKED },
      ...waitedFor,
    }),

    /**
     * Retried until the store has it, because an attempt whose reply was lost may have committed and only another
     * attempt finds out. Whatever the console answers is final: it is asked before the commit, and an outage must not
     * hold the lock of commands. An attempt that fails by a fault of ours ends it after a few.
     */
    command: proxyActivities<Pick<Activities, 'applyMapping' | 'swapCredential' | 'changeSettings'>>({
      startToCloseTimeout: '30 seconds',
      retry: { initialInterval: '1 second', maximumInterval: '30 seconds', nonRetryableErrorTypes: FINAL_WHEN_ASKED },
      ...waitedFor,
    }),

    /** Must happen, however long the store is away; pointless only when the connection's row is gone. */
    record: proxyActivities<
      Pick<Activities, 'projectStatus' | 'recordTimeline' | 'refuseConnection' | 'readConnection' | 'tearDown'>
    >({
      startToCloseTimeout: '30 seconds',
      retry: { initialInterval: '1 second', maximumInterval: '1 minute', nonRetryableErrorTypes: ['connection_gone'] },
      ...waitedFor,
    }),
  };
}
