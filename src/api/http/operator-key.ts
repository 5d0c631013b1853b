// The key of whoever operates the product. It is set in the environment and belongs to no account, so it is neither
// looked up nor kept: its hash is held in memory, and what a request presents is compared with that.
import type { Request } from 'express';
import type { Secret } from '../../domain/secret.js';
import { parseBasicCredentials } from '../auth/basic-credentials.js';
import { hashSecret, isSecretOf } from '../auth/secrets.js';

export interface OperatorKey {
  readonly isSet: boolean;
  isSentBy(request: Pick<Request, 'headers'>): boolean;
}

export const OPERATOR_KEY = Symbol('operator key');

/** A key holds no colon, so both parts as one text are compared at once, in constant time. */
const whole = (key: string, secret: string) => `${key}:${secret}`;

export function createOperatorKey(pair: { readonly key: string; readonly secret: Secret } | undefined): OperatorKey {
  const sha256 = pair === undefined ? undefined : hashSecret(whole(pair.key, pair.secret.reveal()));
  return {
    isSet: sha256 !== undefined,
    isSentBy({ headers: { authorization } }) {
      const sent = authorization === undefined ? null : parseBasicCredentials(authorization);
      return sent !== null && isSecretOf(whole(sent.key, sent.secret), sha256);
    },
  };
}
