// How the rest of the product speaks to connection workflows. An update that its sender gave up must not happen later: each
// carries a time after which the workflow refuses it, a second before the sender stops waiting for it to be accepted. By then
// it may have been accepted all the same, by a worker that was frozen: such a one is refused before anything is done.
import { randomUUID } from 'node:crypto';
import {
  type Client,
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowUpdateHandle,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError, type UpdateDefinition } from '@temporalio/common';
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
import { refusalSentence } from '../domain/failures/command-refusals.js';
import { type FailureCode, isFailureCode } from '../domain/failures/failures.js';
import { Problem } from '../domain/failures/problem.js';
import { CONNECTION_QUEUE, CONNECTION_WORKFLOW, SEARCH_ATTRIBUTES, workflowId } from '../domain/temporal-names.js';

const VALID_FOR_MS = 4_000;
const WAIT_FOR_ACCEPTANCE_MS = 5_000;
const WAIT_FOR_RESULT_MS = 10_000;
/** For telling a worker that is away from a Temporal that is; still within the six seconds that a person waits. */
const WAIT_FOR_LIFE_SIGN_MS = 500;
/** gRPC's status code. */
const FAILED_PRECONDITION = 9;

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
          updateId: `create:${input.connectionId}`,
          args: [{ notAfter }],
        });
      }),

    async send(ref, update, args, firstId = randomUUID()) {
      const sent = { ...args, notAfter: deadline(VALID_FOR_MS) };
      for (let attempt = 1; ; attempt += 1) {
        const updateId = attempt === 1 ? firstId : `${firstId} ${attempt}`;
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
        if (status.name !== 'RUNNING') throw ended();
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
    throw await problemOf(temporal, error);
  }
}

async function inTime<T>(temporal: Client, work: () => Promise<T>): Promise<T> {
  try {
    return await within(temporal, WAIT_FOR_ACCEPTANCE_MS, work);
  } catch (error) {
    throw await problemOf(temporal, error);
  }
}

class TookTooLong extends Error {}

/** The client repeats what failed, and may sleep past the call's deadline before it sees that it has passed (measured 1.2 s). */
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

/** The call's own errors, and gRPC's, which the client wraps in errors of its own. */
const isUnanswered = (error: unknown): boolean =>
  isTimeout(error) ||
  chainOf(error).some(
    (each) => each instanceof ServiceError || each instanceof NamespaceNotFoundError || isGrpcServiceError(each),
  );

const isTimeout = (error: unknown): boolean =>
  chainOf(error).some(
    (each) =>
      each instanceof TookTooLong ||
      each instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
      isGrpcDeadlineError(each),
  );

/** What Temporal answers to a query at once when no worker has been seen for some minutes. */
const isNobodyPolling = (error: unknown): boolean =>
  chainOf(error).some((each) => isGrpcServiceError(each) && each.code === FAILED_PRECONDITION);

function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let each = error; each instanceof Error; each = each.cause) chain.push(each);
  return chain;
}

async function problemOf(temporal: Client, error: unknown): Promise<unknown> {
  if (error instanceof Problem) return error;
  if (error instanceof WorkflowUpdateFailedError) {
    const code = codeOf(error.cause);
    if (code === null) return error;
    return code === 'command_expired' ? workerAway(error) : new Problem(code, refusalSentence(code), { cause: error });
  }
  if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) {
    return ended(error);
  }
  if (isNobodyPolling(error)) return workerAway(error);
  // A call that nobody answered in time looks the same whoever is away, so Temporal is asked for a sign of life.
  if (isTimeout(error)) return (await isAlive(temporal)) ? workerAway(error) : temporalAway(error);
  return isUnanswered(error) ? temporalAway(error) : error;
}

/** Whether it was refused as too late, and not this sending but one that was given up before it. */
const isOfEarlierSending = (error: unknown, { notAfter }: Expiring): boolean =>
  chainOf(error).some(
    (each) =>
      each instanceof ApplicationFailure &&
      each.type === ('command_expired' satisfies FailureCode) &&
      typeof each.details?.[0] === 'string' &&
      each.details[0] !== notAfter,
  );

async function isAlive(temporal: Client): Promise<boolean> {
  try {
    await within(temporal, WAIT_FOR_LIFE_SIGN_MS, () => temporal.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}

const ended = (cause?: unknown) => new Problem('illegal_state', 'the connection has ended', { cause });

const workerAway = (cause: unknown) =>
  new Problem('worker_unavailable', 'no worker took the command in time; nothing was changed, try again', { cause });

const temporalAway = (cause: unknown) =>
  new Problem('temporal_unavailable', 'Temporal cannot be reached; nothing was changed, try again', { cause });

/** What Temporal says of an update whose workflow ended without answering it. */
const WORKFLOW_ENDED = 'AcceptedUpdateCompletedWorkflow';

/** Activities fail with their code as type; the update's own validator does so too. Null for a fault of ours. */
function codeOf(cause: unknown): FailureCode | null {
  for (const each of chainOf(cause)) {
    if (!(each instanceof ApplicationFailure) || typeof each.type !== 'string') continue;
    if (each.type === WORKFLOW_ENDED) return 'illegal_state';
    if (isFailureCode(each.type)) return each.type;
  }
  return null;
}
