// Turns whatever went wrong into an `ApplicationFailure` with a code. Its message is the code and nothing more:
// Temporal keeps messages in its history in clear, and an error's own text may hold what a person typed or a row's
// content.
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type FailureCode, FAILURES } from '../../src/domain/failures/failures.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';
import {
  CheckpointConflict,
  ConnectionGone,
  EncryptionKeyMissing,
  StoreConflict,
  TokenGone,
} from '../../src/store/errors.js';
import { isConnectionMissing, isUnstorable, storeFailure } from '../../src/store/pg-errors.js';
import type { UpstreamRejection } from '../contract.js';
import { Overdue } from './deadline.js';

/** A refusal that an activity decides on itself. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly code: FailureCode) {
    super(code);
  }
}

export interface Failure {
  /** `internal` is a bug: it is retried, because a fixed build may succeed. */
  readonly code: FailureCode | 'internal';
  readonly retryAfterMs: number | null;
  /** A bug that no later attempt can survive: what was to be stored does not fit the column. */
  readonly hopeless?: boolean;
  /** The attempt hung until its deadline, which counts as a failure whatever the code. */
  readonly overdue?: boolean;
}

/** What an error means. Cancellation is no failure: throw it on before asking. */
export function failureOf(error: unknown): Failure {
  if (error instanceof SentinelOneError) return { code: error.code, retryAfterMs: error.retryAfterMs };
  if (error instanceof Refused) return { code: error.code, retryAfterMs: null };
  if (error instanceof TokenGone) return { code: 's1.token_rejected', retryAfterMs: null };
  if (error instanceof EncryptionKeyMissing) return { code: 'encryption_key_missing', retryAfterMs: null };
  if (error instanceof Overdue) return { code: error.code, retryAfterMs: null, overdue: true };
  return { code: storeCode(error) ?? 'internal', retryAfterMs: null, hopeless: isUnstorable(error) };
}

function storeCode(error: unknown): FailureCode | null {
  if (error instanceof CheckpointConflict) return 'checkpoint.conflict';
  if (error instanceof StoreConflict) return 'store.conflict';
  if (error instanceof ConnectionGone || isConnectionMissing(error)) return 'connection_gone';
  return storeFailure(error);
}

export const isCancellation = (error: unknown): error is CancelledFailure => error instanceof CancelledFailure;

export interface Retry {
  readonly nextRetryDelayMs?: number;
  readonly rejection?: UpstreamRejection | undefined;
  readonly hopeless?: boolean | undefined;
  /** Codes, figures and instants for whoever sees the failure in the Temporal UI. */
  readonly note?: string | undefined;
}

/**
 * How often a command is tried that fails by a fault of ours: a fixed build may succeed, but whoever waits is answered,
 * and so are the commands behind it.
 */
const INTERNAL_TRIES = 5;

/** Whether a failed attempt of a command was its last by `INTERNAL_TRIES`. Call it inside an activity. */
export const isLastTry = (): boolean => Context.current().info.attempt >= INTERNAL_TRIES;

/** The failure as Temporal sees it; `details[0]` says which credential was rejected. */
export function applicationFailure(code: Failure['code'], retry: Retry = {}): ApplicationFailure {
  const { nextRetryDelayMs, rejection, hopeless, note } = retry;
  return ApplicationFailure.create({
    type: code,
    message: note === undefined ? code : `${code}; ${note}`,
    nonRetryable: code === 'internal' ? hopeless === true : !FAILURES[code].retryable,
    ...(rejection === undefined ? {} : { details: [rejection] }),
    ...(nextRetryDelayMs === undefined ? {} : { nextRetryDelay: nextRetryDelayMs }),
  });
}

/** Which constraint or SQLSTATE a bug showed itself by, for the log; never the error's text. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { error: error.name, code, constraint, at: frames.slice(0, 4).map((line) => line.trim()) };
}
