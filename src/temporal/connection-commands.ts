// How the rest of the product speaks to connection workflows. An update that its sender gave up must not happen later:
// each carries a time after which the workflow refuses it, a second before the sender stops waiting for it to be
// accepted. By then it may have been accepted all the same, by a worker that was frozen: such a one is refused before
// anything is done.
import { randomUUID } from 'node:crypto';
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
  type ConnectionInput,
  type ConnectionStatus,
  type Expiring,
  type RotateToken,
  rotateTokenSignal,
  SCHEMA_VERSION,
  type StateView,
  status as statusQuery,
} from '../../workflows/connection/messages.js';
import { CONNECTION_QUEUE, CONNECTION_WORKFLOW, SEARCH_ATTRIBUTES, workflowId } from '../domain/temporal-names.js';
import { attemptId, commandId } from './command-ids.js';
import { connectionEnded, isOfEarlierSending, isUnanswered, problemOf, TookTooLong } from './connection-problems.js';

const VALID_FOR_MS = 4_000;
const WAIT_FOR_ACCEPTANCE_MS = 5_000;
const WAIT_FOR_RESULT_MS = 10_000;
/** For telling a worker that is away from a Temporal that is; still within the six seconds that a person waits. */
const WAIT_FOR_LIFE_SIGN_MS = 500;

/** `pending`: accepted, and not done within ten seconds; the state tells what became of it. */
export type CommandResult<T> = { readonly done: true; readonly result: T } | { readonly done: false };

export interface ConnectionCommands {
  /** Starts the workflow and waits for its verdict. Throws a Problem with the refusal's code. */
  create(input: Omit<ConnectionInput, 'schemaVersion' | 'notAfter'>): Promise<CommandResult<StateView>>;
  /** Sends an update. Throws a Problem with the failure's code. `updateId` makes a repeat return the first result. */
  send<Result, Args extends object>(
    ref: ConnectionRef,
    update: UpdateDefinition<Result, [Args & Expiring]>,
    args: Args,
    updateId?: string,
  ): Promise<CommandResult<Result>>;
  /** Throws `illegal_state` when the connection's workflow has ended, `temporal_unavailable` when nobody can say. */
  requireRunning(ref: ConnectionRef): Promise<void>;
  /** Says that rows of `backfills` were written or changed. Needs no worker. */
  signalBackfills(ref: ConnectionRef): Promise<void>;
  /** Hands over a stored token that waits to be accepted. Needs no worker; what becomes of it is in the store. */
  signalToken(ref: ConnectionRef, token: RotateToken): Promise<void>;
  /** What the workflow itself says. Throws `worker_unavailable` when no worker is there to ask it. */
  status(ref: ConnectionRef): Promise<ConnectionStatus>;
}

export interface CommandOptions {
  /** Where new connections run; tests use queues of their own. */
  readonly taskQueue?: string;
}

export function createConnectionCommands(temporal: Client, options: CommandOptions = {}): ConnectionCommands {
  const { taskQueue = CONNECTION_QUEUE } = options;
  const handleOf = ({ accountId, connectionId }: ConnectionRef): WorkflowHandle =>
    temporal.workflow.getHandle(workflowId(accountId, connectionId));
  return {
    create: (input) =>
      answered(temporal, () => {
        const notAfter = deadline(VALID_FOR_MS);
        const id = workflowId(input.accountId, input.connectionId);
        const startWorkflowOperation = new WithStartWorkflowOperation<typeof connection>(CONNECTION_WORKFLOW, {
          workflowId: id,
          taskQueue,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [{ schemaVersion: SCHEMA_VERSION, notAfter, ...input }],
          typedSearchAttributes: [
            { key: SEARCH_ATTRIBUTES.accountId, value: input.accountId },
            { key: SEARCH_ATTRIBUTES.connectionState, value: 'validating' },
            { key: SEARCH_ATTRIBUTES.console, value: input.console },
          ],
          priority: { fairnessKey: input.accountId },
        });
        return temporal.workflow.startUpdateWithStart(awaitVerdict, {
          startWorkflowOperation,
          waitForStage: 'ACCEPTED',
          updateId: commandId('create', input.connectionId),
          args: [{ notAfter }],
        });
      }),

    async send(ref, update, args, firstId = randomUUID()) {
      const sent = { ...args, notAfter: deadline(VALID_FOR_MS) };
      for (let attempt = 1; ; attempt += 1) {
        const updateId = attemptId(firstId, attempt);
        try {
          return await answered(temporal, () =>
            handleOf(ref).startUpdate(update, { waitForStage: 'ACCEPTED', updateId, args: [sent] }),
          );
        } catch (error) {
          // Nothing was done under this id, and nothing more can be: Temporal keeps giving the first answer.
          if (!isOfEarlierSending(error, sent)) throw error;
        }
      }
    },

    requireRunning: (ref) =>
      inTime(temporal, async () => {
        const { status } = await handleOf(ref).describe();
        if (status.name !== 'RUNNING') throw connectionEnded();
      }),

    signalBackfills: (ref) => inTime(temporal, () => handleOf(ref).signal(backfillQueued)),

    signalToken: (ref, token) => inTime(temporal, () => handleOf(ref).signal(rotateTokenSignal, token)),

    status: (ref) => inTime(temporal, () => handleOf(ref).query(statusQuery)),
  };
}

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

async function inTime<T>(temporal: Client, work: () => Promise<T>): Promise<T> {
  try {
    return await within(temporal, WAIT_FOR_ACCEPTANCE_MS, work);
  } catch (error) {
    throw await problemOf(error, () => isAlive(temporal));
  }
}

/**
 * The client repeats what failed, and may sleep past the call's deadline before it sees that it has passed (measured
 * 1.2 s).
 */
async function within<T>({ connection }: Client, ms: number, work: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TookTooLong()), ms);
  const answer = connection.withDeadline(Date.now() + ms, work);
  answer.catch(() => undefined); // it may fail when nobody waits any more
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether Temporal gives a sign of life; a worker may be away all the same. */
async function isAlive(temporal: Client): Promise<boolean> {
  try {
    await within(temporal, WAIT_FOR_LIFE_SIGN_MS, () => temporal.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}
