// Refusals of a new connection and of a new token, as a person is told: the guide's exact sentence or our own, what to
// do, where the setup guide explains it, and the permission checklist where that is what is wrong.
import type { PermissionCheck } from '../../domain/connection/permissions.js';
import {
  creationError,
  type CreationFailureCode,
  tokenError,
  type TokenFailureCode,
} from '../../domain/failures/creation-errors.js';
import type { FailureCode } from '../../domain/failures/failures.js';
import { Problem } from '../../domain/failures/problem.js';
import { parseApiToken, type Secret } from '../../domain/secret.js';
import { helpUrl } from '../help/help-url.js';

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

export function tokenRefusal(code: TokenFailureCode, known: Known = {}): Problem {
  const { message, reason, whatToDo, helpAnchor } = tokenError(code, known.expiresAt);
  return new Problem(code, message, {
    extra: { reason, whatToDo, helpUrl: helpUrl(helpAnchor), ...shown(code, known) },
  });
}

const shown = (code: FailureCode, { permissions, errors }: Known) => ({
  ...(code === 's1.permission_missing' && permissions != null ? { permissions } : {}),
  ...(errors === undefined ? {} : { errors }),
});

/** A token as somebody typed or pasted it; what is none is refused as SentinelOne would refuse it. */
export function readToken(apiToken: string, refusal: (code: 's1.token_rejected', known: Known) => Problem): Secret {
  const parsed = parseApiToken(apiToken);
  if (parsed.ok) return parsed.token;
  throw refusal('s1.token_rejected', { errors: [{ path: 'apiToken', message: parsed.problem }] });
}
