// What Temporal's errors mean to whoever sent a command: who is away, that the connection has ended, or the failure's
// own code with its sentence. It goes by types and codes, never by the text of a message.
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError } from '@temporalio/common';
import type { Expiring } from '../../workflows/connection/messages.js';
import { refusalSentence, TEMPORAL_AWAY, WORKFLOW_MISSING } from '../domain/failures/command-refusals.js';
import { type FailureCode, isFailureCode } from '../domain/failures/failures.js';
import { Problem } from '../domain/failures/problem.js';

/** gRPC's status code. */
const FAILED_PRECONDITION = 9;

/** A call that we stopped waiting for. */
export class TookTooLong extends Error {}

/** The call's own errors, and gRPC's, which the client wraps in errors of its own. */
export const isUnanswered = (error: unknown): boolean =>
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

/**
 * The Problem that the error of a call amounts to; an error that is a fault of ours, as it is. A call that nobody
 * answered in time looks the same whoever is away, so Temporal is asked for a sign of life.
 */
export async function problemOf(error: unknown, isTemporalAlive: () => Promise<boolean>): Promise<unknown> {
  if (error instanceof Problem) return error;
  if (error instanceof WorkflowUpdateFailedError) {
    const code = codeOf(error.cause);
    if (code === null) return error;
    return code === 'command_expired' ? workerAway(error) : new Problem(code, refusalSentence(code), { cause: error });
  }
  if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) {
    return connectionEnded(error);
  }
  if (isNobodyPolling(error)) return workerAway(error);
  if (isTimeout(error)) return (await isTemporalAlive()) ? workerAway(error) : temporalAway(error);
  return isUnanswered(error) ? temporalAway(error) : error;
}

/** Whether it was refused as too late, and not this sending but one that was given up before it. */
export const isOfEarlierSending = (error: unknown, { notAfter }: Expiring): boolean =>
  chainOf(error).some(
    (each) =>
      each instanceof ApplicationFailure &&
      each.type === ('command_expired' satisfies FailureCode) &&
      typeof each.details?.[0] === 'string' &&
      each.details[0] !== notAfter,
  );

export const connectionEnded = (cause?: unknown) =>
  new Problem('illegal_state', refusalSentence('connection_gone'), { cause });

/** The connection lives, and its workflow was gone again right after it was started. */
export const workflowMissing = (cause: unknown) => new Problem('workflow_missing', WORKFLOW_MISSING, { cause });

const workerAway = (cause: unknown) => new Problem('worker_unavailable', refusalSentence('command_expired'), { cause });

const temporalAway = (cause: unknown) => new Problem('temporal_unavailable', TEMPORAL_AWAY, { cause });

/** Whether the connection was said to be in no state for it. */
export const isIllegal = (error: unknown): boolean =>
  error instanceof Problem && error.code === ('illegal_state' satisfies FailureCode);

/** Whether the workflow was gone before it answered: it says nothing of the connection. */
export const wasLost = (error: unknown): boolean =>
  chainOf(error).some(
    (each) =>
      each instanceof WorkflowNotFoundError || (each instanceof ApplicationFailure && each.type === WORKFLOW_ENDED),
  );

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
