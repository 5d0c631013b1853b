// Refusals of a new connection and of a new token, as a person is told: the guide's exact sentence or our own, what to do,
// where the setup guide explains it, and the permission checklist where that is what is wrong.
import type { PermissionCheck } from '../../domain/connection/permissions.js';
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { creationError, type CreationFailureCode, isCreationFailure } from '../../domain/failures/creation-errors.js';
import { type FailureCode, isFailureCode } from '../../domain/failures/failures.js';
import { Problem } from '../../domain/failures/problem.js';

/** A heading of the setup guide, as this api serves it. */
export const helpUrl = (anchor: string): string => `/help/setup-sentinelone#${anchor}`;

interface Known {
  readonly permissions?: readonly PermissionCheck[] | null;
  /** When the token ran out, for the sentence that says so. */
  readonly expiresAt?: string | null;
  /** Which field of the request was wrong, and how. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** `Unable to create SentinelOne data source: <reason>`. */
export function creationRefusal(code: CreationFailureCode, known: Known = {}): Problem {
  const { message, reason, whatToDo, helpAnchor } = creationError(code, known.expiresAt);
  return new Problem(code, message, {
    extra: { reason, whatToDo, helpUrl: helpUrl(helpAnchor), ...shown(code, known) },
  });
}

/** The old token stays, and the sentence says so. */
export function tokenRefusal(code: FailureCode, known: Known = {}): Problem {
  const isKnown = isCreationFailure(code);
  const why = isKnown ? creationError(code, known.expiresAt) : null;
  const help = why ?? OTHER_ACCOUNT;
  const reason = why === null ? refusalSentence(code) : why.reason;
  return new Problem(code, `The new token was not accepted, the old one stays: ${reason}`, {
    extra: { reason, whatToDo: help.whatToDo, helpUrl: helpUrl(help.helpAnchor), ...shown(code, known) },
  });
}

const OTHER_ACCOUNT = {
  whatToDo: 'Copy the service user of the SentinelOne account that is connected and use the copy’s token.',
  helpAnchor: 'rotate-the-token',
};

const TOKEN_REFUSALS: readonly FailureCode[] = ['s1.other_account'];

/** Whether the code says something about a token that was just sent. */
export const isAboutToken = (code: string): code is FailureCode =>
  isFailureCode(code) && (isCreationFailure(code) || TOKEN_REFUSALS.includes(code));

const shown = (code: FailureCode, { permissions, errors }: Known) => ({
  ...(code === 's1.permission_missing' && permissions != null ? { permissions } : {}),
  ...(errors === undefined ? {} : { errors }),
});
