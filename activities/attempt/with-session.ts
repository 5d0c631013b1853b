// What every activity that talks to SentinelOne does around its work: open the session, name the credential in a
// rejection, tell an expired token from a rejected one.
import { CancelledFailure } from '@temporalio/common';
import { EncryptionKeyMissing, TokenGone } from '../../src/store/errors.js';
import type { ConnectionRef, UpstreamRejection } from '../contract.js';
import type { Deps } from '../deps.js';
import { type ConnectionSession, isExpired, openSession, type SessionNeeds } from './connection-session.js';
import { withDeadline } from './deadline.js';
import { applicationFailure, describeError, type Failure, failureOf, isCancellation } from './failure.js';

export interface UpstreamFailure extends Failure {
  readonly rejection: UpstreamRejection | undefined;
}

/** How a failed attempt ends: what it throws to Temporal. */
export type OnFailure = (failure: UpstreamFailure) => Promise<Error>;

interface SessionOptions {
  readonly needs?: SessionNeeds;
  readonly onFailure?: OnFailure;
}

/** Runs `work` on the connection's session; every failure but cancellation becomes what `onFailure` makes of it. */
export const withSession = <T>(
  deps: Deps,
  ref: ConnectionRef,
  options: SessionOptions,
  work: (opened: ConnectionSession) => Promise<T>,
): Promise<T> => explained(deps, ref, options, async (open) => work(await open(options.needs)));

/**
 * The same, ended by a deadline of its own, which counts as a failure. `work` gets the signal that both the deadline
 * and a cancellation abort.
 */
export const withSessionInTime = <T>(
  deps: Deps,
  ref: ConnectionRef,
  options: SessionOptions & { readonly needs: { readonly signal: AbortSignal }; readonly deadlineMs: number },
  work: (opened: ConnectionSession, signal: AbortSignal) => Promise<T>,
): Promise<T> =>
  explained(deps, ref, options, (open) => {
    const { needs, deadlineMs } = options;
    const limits = { signal: needs.signal, deadlineMs };
    return withDeadline(limits, async (signal) => work(await open({ ...needs, signal }), signal));
  });

async function explained<T>(
  deps: Deps,
  ref: ConnectionRef,
  options: SessionOptions,
  work: (open: (needs?: SessionNeeds) => Promise<ConnectionSession>) => Promise<T>,
): Promise<T> {
  let opened: ConnectionSession | undefined;
  try {
    return await work(async (needs) => (opened = await openSession(deps, ref, needs)));
  } catch (error) {
    throw await endOf(deps, { error, ref, opened, needs: options.needs, onFailure: options.onFailure });
  }
}

async function endOf(
  deps: Deps,
  attempt: {
    readonly error: unknown;
    readonly ref: ConnectionRef;
    readonly opened: ConnectionSession | undefined;
    readonly needs: SessionNeeds | undefined;
    readonly onFailure: OnFailure | undefined;
  },
): Promise<Error> {
  const { error, ref, opened, needs, onFailure = plainFailure } = attempt;
  if (isCancellation(error)) return error;
  const failure = explain(error, opened);
  // Said also by an attempt that has been told of its own end meanwhile.
  if (failure.code === 'checkpoint.conflict')
    deps.log.info({ ...ref, code: failure.code }, 'another attempt took over; this one ends and has changed nothing');
  if (needs?.signal?.aborted === true) return new CancelledFailure('cancelled');
  if (error instanceof EncryptionKeyMissing)
    deps.log.error(
      { ...ref, code: failure.code, kid: error.kid },
      'a token cannot be read: its key is not in ENCRYPTION_KEYS',
    );
  if (failure.code === 'internal')
    deps.log.error({ ...ref, ...describeError(error) }, 'an activity failed unexpectedly');
  return onFailure(failure);
}

const plainFailure: OnFailure = ({ code, rejection, retryAfterMs }) =>
  Promise.resolve(
    applicationFailure(code, { rejection, ...(retryAfterMs === null ? {} : { nextRetryDelayMs: retryAfterMs }) }),
  );

function explain(error: unknown, opened: ConnectionSession | undefined): UpstreamFailure {
  const failure = failureOf(error);
  const isUpstream = failure.code.startsWith('s1.') && opened !== undefined;
  if (error instanceof TokenGone) return { ...failure, rejection: { credentialId: error.credentialId } };
  const rejection = isUpstream ? { credentialId: opened.credentialId } : undefined;
  const expired =
    failure.code === 's1.token_rejected' &&
    opened !== undefined &&
    isExpired(opened.tokenExpiresAt, opened.session.consoleNowMicros());
  return { ...failure, ...(expired ? { code: 's1.token_expired' } : {}), rejection };
}
