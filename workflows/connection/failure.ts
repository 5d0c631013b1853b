// What went wrong, as a code. Nothing but ApplicationFailure may leave a handler: any other error fails the workflow
// task, which Temporal then repeats for ever.
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { UpstreamRejection } from '../../activities/contract.js';
import { type FailureCode, isFailureCode, pauseFor } from '../../src/domain/failures/failures.js';

export interface Failure {
  /** `internal` stands for an error that no activity should let out: a fault of ours. */
  readonly code: FailureCode | 'internal';
  /** The credential that was rejected, where the failure is about one. */
  readonly credentialId: string | null;
}

/** The first known code in the chain of causes. Running out of time means that the console did not answer. */
export function failureOf(error: unknown): Failure {
  let timedOut = false;
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof ApplicationFailure && each.type && isFailureCode(each.type)) {
      const rejection = each.details?.[0] as Partial<UpstreamRejection> | undefined;
      return { code: each.type, credentialId: rejection?.credentialId ?? null };
    }
    timedOut ||= each instanceof TimeoutFailure;
  }
  return { code: timedOut ? 's1.unavailable' : 'internal', credentialId: null };
}

/** Nobody finished it in time, and no attempt said why. */
export function hasTimedOut(error: unknown): boolean {
  if (failureOf(error).code !== 's1.unavailable') return false;
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof TimeoutFailure) return true;
  return false;
}

/** The form in which a failed command reaches its caller: the code is the type. */
export const refusal = (code: string, ...details: readonly string[]): ApplicationFailure =>
  ApplicationFailure.nonRetryable(['refused', code, ...details].join(': '), code, ...details);

/** Whether the failure is about a credential or permission, so that it counts only for the current credential. */
export const isRejection = ({ code }: Failure): boolean => code !== 'internal' && pauseFor(code) !== null;

/**
 * An attempt that was about to be retried when it was cancelled: its failure, be it an idle poll, is not tried again.
 */
export const endedByCancellation = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED';
