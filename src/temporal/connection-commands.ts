// How the rest of the product speaks to connection workflows. An update that its sender gave up must not happen later:
// each carries a time after which the workflow refuses it, a second before the sender stops waiting for it to be
// accepted. By then it may have been accepted all the same, by a worker that was frozen: such a one is refused before
// anything is done.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowNotFoundError,
  type WorkflowUpdateHandle,
} from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { ConnectionRef } from '../../activities/contract.js';
import type { connection } from '../../workflows/connection.workflow.js';
import {
  awaitVerdict,
  backfillQueued,
  type ConnectionStatus,
  type Expiring,
  type RotateToken,
  rotateTokenSignal,
  type StateView,
  status as statusQuery,
} from '../../workflows/connection/messages.js';
import { LIVE } from '../domain/connection/connection-state.js';
import type { Repaired, RepairOutcome } from '../domain/connection/repair.js';
import { CONNECTION_QUEUE, CONNECTION_WORKFLOW, workflowId } from '../domain/temporal-names.js';
import { attemptId, commandId } from './command-ids.js';
import {
  isIllegal,
  isOfEarlierSending,
  isUnanswered,
  problemOf,
  wasLost,
  workflowMissing,
} from './connection-problems.js';
import type { RepairConnection } from './connection-repair.js';
import { type NewInput, startOptions } from './connection-start.js';
import { inTime, isAlive, within } from './in-time.js';

const VALID_FOR_MS = 4_000;
const WAIT_FOR_RESULT_MS = 10_000;
/** For four seconds, to a connection that lives and whose workflow is gone or was reset. */
const SENDINGS = 9;
const AGAIN_AFTER_MS = 500;

/** `pending`: accepted, and not done within ten seconds; the state tells what became of it. */
export type CommandResult<T> = { readonly done: true; readonly result: T } | { readonly done: false };

export interface ConnectionCommands {
  /** Starts the workflow and waits for its verdict. Throws a Problem with the refusal's code. */
  create(input: Omit<NewInput, 'notAfter'>): Promise<CommandResult<StateView>>;
  /**
   * Sends an update. Throws a Problem with the failure's code. `updateId` makes a repeat return the first result. As of
   * everything below: `illegal_state` when the connection has ended, `workflow_missing` when it lives and its workflow
   * could not be started again at once.
   */
  send<Result, Args extends object>(
    ref: ConnectionRef,
    update: UpdateDefinition<Result, [Args & Expiring]>,
    args: Args,
    updateId?: string,
  ): Promise<CommandResult<Result>>;
  /** Throws `temporal_unavailable` when nobody can say. */
  requireRunning(ref: ConnectionRef): Promise<void>;
  /** Says that rows of `backfills` were written or changed. Needs no worker. */
  signalBackfills(ref: ConnectionRef): Promise<void>;
  /** Hands over a stored token that waits to be accepted. Needs no worker; what becomes of it is in the store. */
  signalToken(ref: ConnectionRef, token: RotateToken): Promise<void>;
  /**
   * What the workflow itself says. Throws `worker_unavailable` when no worker is there to ask it, `illegal_state` when
   * it does not run. Starts nothing.
   */
  status(ref: ConnectionRef): Promise<ConnectionStatus>;
}

export interface CommandOptions {
  /** Where new connections run; tests use queues of their own. */
  readonly taskQueue?: string;
  /** Left out, a connection whose workflow is gone counts as ended. */
  readonly repair?: RepairConnection;
}

export function createConnectionCommands(temporal: Client, options: CommandOptions = {}): ConnectionCommands {
  const { taskQueue = CONNECTION_QUEUE, repair } = options;
  const handleOf = ({ accountId, connectionId }: ConnectionRef): WorkflowHandle =>
    temporal.workflow.getHandle(workflowId(accountId, connectionId));

  /** Does it; when the workflow is found gone, starts it again and does it once more. */
  const reviving = async <T>(ref: ConnectionRef, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) || repair === undefined) throw error;
      const repaired = await repair(ref);
      if (!isThere(repaired)) throw error;
      return work().catch((again: unknown) => {
        if (!(again instanceof WorkflowNotFoundError)) throw again;
        throw repaired?.outcome === 'ended' ? error : workflowMissing(again);
      });
    }
  };

  const requireOpen = async (ref: ConnectionRef): Promise<void> => {
    const handle = handleOf(ref);
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') throw new WorkflowNotFoundError('it is closed', handle.workflowId, undefined);
  };

  /**
   * The row says that the connection lives, or somebody took its workflow while it was at work: what the next run says
   * counts. One that was reset to its beginning knows the row's state only after a moment.
   */
  const isNotTheLastWord = async (ref: ConnectionRef, error: unknown): Promise<boolean> => {
    if (!isIllegal(error) || repair === undefined) return false;
    const repaired = await repair(ref);
    if (repaired === undefined || !isThere(repaired)) return false;
    return wasLost(error) || (LIVE.includes(repaired.state) && repaired.outcome !== 'ended');
  };

  /** Under one id, so that what was done before the workflow was gone is done once. */
  const sendOnce = async <Result, Args extends object>(
    ref: ConnectionRef,
    update: UpdateDefinition<Result, [Args & Expiring]>,
    { args, firstId }: { readonly args: Args; readonly firstId: string },
  ): Promise<CommandResult<Result>> => {
    const sent = { ...args, notAfter: deadline(VALID_FOR_MS) };
    for (let attempt = 1; ; attempt += 1) {
      const updateId = attemptId(firstId, attempt);
      try {
        return await answered(temporal, () =>
          reviving(ref, () => handleOf(ref).startUpdate(update, { waitForStage: 'ACCEPTED', updateId, args: [sent] })),
        );
      } catch (error) {
        // Nothing was done under this id, and nothing more can be: Temporal keeps giving the first answer.
        if (!isOfEarlierSending(error, sent)) throw error;
      }
    }
  };

  return {
    create: (input) =>
      answered(temporal, () => {
        const notAfter = deadline(VALID_FOR_MS);
        const startWorkflowOperation = new WithStartWorkflowOperation<typeof connection>(CONNECTION_WORKFLOW, {
          ...startOptions({ ...input, notAfter }, { taskQueue, state: 'validating' }),
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        });
        return temporal.workflow.startUpdateWithStart(awaitVerdict, {
          startWorkflowOperation,
          waitForStage: 'ACCEPTED',
          updateId: commandId('create', input.connectionId),
          args: [{ notAfter }],
        });
      }),

    async send(ref, update, args, firstId = randomUUID()) {
      for (let sending = 1; ; sending += 1) {
        try {
          return await sendOnce(ref, update, { args, firstId });
        } catch (error) {
          if (!(await isNotTheLastWord(ref, error))) throw error;
          if (sending === SENDINGS) throw workflowMissing(error);
          await delay(AGAIN_AFTER_MS);
        }
      }
    },

    requireRunning: (ref) => inTime(temporal, () => reviving(ref, () => requireOpen(ref))),

    signalBackfills: (ref) => inTime(temporal, () => reviving(ref, () => handleOf(ref).signal(backfillQueued))),

    signalToken: (ref, token) =>
      inTime(temporal, () => reviving(ref, () => handleOf(ref).signal(rotateTokenSignal, token))),

    status: (ref) =>
      inTime(temporal, async () => {
        await requireOpen(ref);
        return handleOf(ref).query(statusQuery);
      }),
  };
}

/** Whether a workflow runs now: it was started, or somebody else was faster. */
const isThere = (repaired: Repaired | undefined): boolean =>
  repaired !== undefined && (repaired.workflow === 'running' || STARTED.includes(repaired.outcome));

const STARTED: readonly RepairOutcome[] = ['restarted', 'ended'];

const deadline = (ms: number) => new Date(Date.now() + ms).toISOString();

/** Until the update is accepted everything can still be taken back, so a failure says that nothing was changed. */
async function answered<T>(temporal: Client, start: () => Promise<WorkflowUpdateHandle<T>>): Promise<CommandResult<T>> {
  const handle = await inTime(temporal, start);
  try {
    const result = await within(temporal, WAIT_FOR_RESULT_MS, () => handle.result());
    return { done: true, result };
  } catch (error) {
    // Accepted is accepted: whatever cuts us off now, the command goes on.
    if (!(error instanceof WorkflowNotFoundError) && isUnanswered(error)) return { done: false };
    throw await problemOf(error, () => isAlive(temporal));
  }
}
