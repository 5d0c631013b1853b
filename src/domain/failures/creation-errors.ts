// What a person reads when a SentinelOne data source cannot be created, or a new token for it is refused: the vendor
// guide's exact sentence or our own, what to do about it, and where the setup guide explains it. The command line and
// the API take all three from here.
import { refusalSentence } from './command-refusals.js';
import { type FailureCode, isFailureCode } from './failures.js';

interface CreationRule {
  readonly reason: string;
  readonly whatToDo: string;
  /** The heading of `docs/SETUP-SENTINELONE.md` that helps. */
  readonly helpAnchor: string;
}

const CONSOLE_NOT_REACHABLE: CreationRule = {
  reason: 'Console not reachable',
  whatToDo: 'Check the console address, and that SentinelOne is up, then try again.',
  helpAnchor: 'console-address',
};

const RULES = {
  's1.syslog_in_use': {
    reason: 'Syslog already setup',
    whatToDo:
      'In SentinelOne open Settings, Integrations, SYSLOG at the Account level and disable it, or connect an account that does not use it.',
    helpAnchor: 'syslog-already-setup',
  },
  's1.permission_missing': {
    reason: 'Insufficient permissions',
    whatToDo: 'Give the service user’s role the permissions marked as missing in the list, then try again.',
    helpAnchor: 'permissions',
  },
  's1.token_rejected': {
    reason: 'Invalid API token',
    whatToDo: 'Copy the API token of the service user again, or generate a new one, and paste it whole.',
    helpAnchor: 'api-token',
  },
  's1.token_expired': {
    reason: 'API token expired',
    whatToDo: 'Generate a new API token for the service user and paste it here.',
    helpAnchor: 'api-token',
  },
  's1.not_account_scope': {
    reason: 'Token is not at Account level',
    whatToDo: 'Create the service user with the access level Account, for exactly one account, and use its token.',
    helpAnchor: 'service-user',
  },
  's1.unavailable': CONSOLE_NOT_REACHABLE,
  's1.bad_response': CONSOLE_NOT_REACHABLE,
  's1.bad_request': CONSOLE_NOT_REACHABLE,
  's1.rate_limited': CONSOLE_NOT_REACHABLE,
  's1.address_refused': {
    reason: 'Not a SentinelOne console address',
    whatToDo: 'Paste the address of your console as the browser shows it, such as https://example.sentinelone.net.',
    helpAnchor: 'console-address',
  },
  's1.already_connected': {
    reason: 'This SentinelOne account is already connected',
    whatToDo: 'Use the existing connection, or disconnect it first.',
    helpAnchor: 'already-connected',
  },
} as const satisfies Partial<Record<FailureCode, CreationRule>>;

/** The failure codes that refuse a new connection. */
export type CreationFailureCode = keyof typeof RULES;

export interface CreationError extends CreationRule {
  readonly code: CreationFailureCode;
  /** `Unable to create SentinelOne data source: <reason>`, word for word as the guide has it. */
  readonly message: string;
}

export const isCreationFailure = (code: FailureCode): code is CreationFailureCode => Object.hasOwn(RULES, code);

/**
 * `expiresAt` is an instant and matters for `s1.token_expired` only; when it is not known the token is called invalid.
 */
export function creationError(code: CreationFailureCode, expiresAt: string | null = null): CreationError {
  const effective = code === 's1.token_expired' && expiresAt === null ? 's1.token_rejected' : code;
  const rule = RULES[effective];
  const reason =
    effective === 's1.token_expired' && expiresAt !== null
      ? `${rule.reason} on ${expiresAt.slice(0, 10)}`
      : rule.reason;
  return {
    code,
    message: `Unable to create SentinelOne data source: ${reason}`,
    reason,
    whatToDo: rule.whatToDo,
    helpAnchor: rule.helpAnchor,
  };
}

const OTHER_ACCOUNT: CreationRule = {
  reason: refusalSentence('s1.other_account'),
  whatToDo: 'Copy the service user of the SentinelOne account that is connected and use the copy’s token.',
  helpAnchor: 'rotate-the-token',
};

/** The failure codes that refuse a new token: those that refuse a new connection, and that it is of another account. */
export type TokenFailureCode = CreationFailureCode | 's1.other_account';

export const isTokenFailure = (code: string): code is TokenFailureCode =>
  isFailureCode(code) && (isCreationFailure(code) || code === 's1.other_account');

/** The old token stays, and the sentence says so. */
export function tokenError(code: TokenFailureCode, expiresAt: string | null = null): Omit<CreationError, 'code'> {
  const { reason, whatToDo, helpAnchor } = code === 's1.other_account' ? OTHER_ACCOUNT : creationError(code, expiresAt);
  return { message: `The new token was not accepted, the old one stays: ${reason}`, reason, whatToDo, helpAnchor };
}
