// Every way a connection can fail, as one table: the code, whether trying again can help, and the pause that follows.
// Sources return a code, activities turn it into an ApplicationFailure, the API into a problem document. What people
// read of a code stands beside this file:
//   creation-errors.ts   a data source or a new token was refused: `Insufficient permissions`, `Syslog already setup` …
//   command-refusals.ts  a command on a connection was refused: a sentence for each code
//   request-problems.ts  something is wrong with a request: codes of its own, with their HTTP statuses and meanings
//   problem.ts           a code with its sentence, as it is told; the HTTP status of every code

export type PauseReason = 'token' | 'permission' | 'scope' | 'person';

interface FailureRule {
  /** Whether the same attempt may succeed later without anybody doing anything. */
  readonly retryable: boolean;
  /** The pause that the failure puts the connection into. */
  readonly pause?: PauseReason;
}

export const FAILURES = {
  's1.token_rejected': { retryable: false, pause: 'token' },
  's1.token_expired': { retryable: false, pause: 'token' },
  's1.permission_missing': { retryable: false, pause: 'permission' },
  's1.scope_changed': { retryable: false, pause: 'scope' },
  's1.syslog_in_use': { retryable: false },
  's1.not_account_scope': { retryable: false },
  's1.other_account': { retryable: false },
  's1.already_connected': { retryable: false },
  's1.address_refused': { retryable: false },
  's1.rate_limited': { retryable: true },
  's1.unavailable': { retryable: true },
  's1.bad_response': { retryable: true },
  's1.bad_request': { retryable: true },
  'store.unavailable': { retryable: true },
  encryption_key_missing: { retryable: true },
  'checkpoint.conflict': { retryable: true },
  'store.conflict': { retryable: true },
  mapping_conflict: { retryable: false },
  mapping_unknown_site: { retryable: false },
  mapping_unknown_organization: { retryable: false },
  unknown_credential: { retryable: false },
  connection_gone: { retryable: false },
  command_expired: { retryable: false },
  invalid_arguments: { retryable: false },
  unknown_message: { retryable: false },
  inbox_full: { retryable: false },
  state_differs: { retryable: false },
  illegal_state: { retryable: false },
} as const satisfies Record<string, FailureRule>;

export type FailureCode = keyof typeof FAILURES;

export const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(FAILURES, code);

/** The codes that Temporal must not retry; also passed to `nonRetryableErrorTypes`. */
export const NON_RETRYABLE: readonly FailureCode[] = (Object.keys(FAILURES) as FailureCode[]).filter(
  (code) => !FAILURES[code].retryable,
);

/** The pause a failure asks for, or null when it asks for none. */
export function pauseFor(code: FailureCode): PauseReason | null {
  const rule: FailureRule = FAILURES[code];
  return rule.pause ?? null;
}
