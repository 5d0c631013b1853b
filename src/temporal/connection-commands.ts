// How the rest of the product speaks to connection workflows. An update that its sender gave up must not happen later: each
// carries a time after which its validator refuses it, a second before the sender stops waiting for it to be accepted.
import { randomUUID } from 'node:crypto';
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
  type WorkflowUpdateHandle,
} from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import type { ConnectionRef } from '../../activities/contract.js';
import { isFailureCode, type FailureCode } from '../domain/failures.js';
import { Problem } from '../domain/problem.js';
import { CONNECTION_QUEUE, CONNECTION_WORKFLOW, SEARCH_ATTRIBUTES, workflowId } from '../domain/temporal-names.js';
import type { connection } from '../../workflows/connection.workflow.js';
import {
  awaitVerdict,
  type ConnectionInput,
  type Expiring,
  type StateView,
} from '../../workflows/connection.messages.js';

const VALID_FOR_MS = 4_000;
const WAIT_FOR_ACCEPTANCE_MS = 5_000;
const WAIT_FOR_RESULT_MS = 10_000;

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
}

export function createConnectionCommands(temporal: Client): ConnectionCommands {
  return {
    create: (input) =>
      answered(temporal, () => {
        const notAfter = deadline(VALID_FOR_MS);
        const id = workflowId(input.accountId, input.connectionId);
        const startWorkflowOperation = new WithStartWorkflowOperation<typeof connection>(CONNECTION_WORKFLOW, {
          workflowId: id,
          taskQueue: CONNECTION_QUEUE,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [{ schemaVersion: 1, notAfter, ...input }],
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
          updateId: `create:${input.connectionId}`,
          args: [{ notAfter }],
        });
      }),

    send: (ref, update, args, updateId = randomUUID()) =>
      answered(temporal, () => {
        const handle = temporal.workflow.getHandle(workflowId(ref.accountId, ref.connectionId));
        return handle.startUpdate(update, {
          waitForStage: 'ACCEPTED',
          updateId,
          args: [{ ...args, notAfter: deadline(VALID_FOR_MS) }],
        });
      }),
  };
}

const deadline = (ms: number) => new Date(Date.now() + ms).toISOString();

async function answered<T>(temporal: Client, start: () => Promise<WorkflowUpdateHandle<T>>): Promise<CommandResult<T>> {
  const { connection } = temporal;
  try {
    const handle = await connection.withDeadline(Date.now() + WAIT_FOR_ACCEPTANCE_MS, start);
    return await resultOf(temporal, handle);
  } catch (error) {
    throw problemOf(error);
  }
}

async function resultOf<T>(temporal: Client, handle: WorkflowUpdateHandle<T>): Promise<CommandResult<T>> {
  try {
    const result = await temporal.connection.withDeadline(Date.now() + WAIT_FOR_RESULT_MS, () => handle.result());
    return { done: true, result };
  } catch (error) {
    if (isTimeout(error)) return { done: false };
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error);

function problemOf(error: unknown): Problem {
  if (error instanceof WorkflowUpdateFailedError) {
    const code = codeOf(error.cause);
    if (code === 'command_expired') return workerAway(error);
    return new Problem(code, `the connection refused: ${code}`, { cause: error });
  }
  if (isTimeout(error)) return workerAway(error);
  if (error instanceof WorkflowNotFoundError) {
    return new Problem('illegal_state', 'the connection has ended', { cause: error });
  }
  if (isGrpcServiceError(error)) {
    return new Problem('temporal_unavailable', 'Temporal cannot be reached; nothing was changed, try again', {
      cause: error,
    });
  }
  throw error;
}

const workerAway = (cause: unknown) =>
  new Problem('worker_unavailable', 'no worker took the command in time; nothing was changed, try again', { cause });

/** Activities fail with their code as type; the update's own validator does so too. */
function codeOf(cause: unknown): FailureCode {
  for (let each: unknown = cause; each instanceof Error; each = each.cause) {
    if (each instanceof ApplicationFailure && typeof each.type === 'string' && isFailureCode(each.type))
      return each.type;
  }
  return 's1.unavailable';
}
