// An error that a person or a script is told: a stable code, a sentence, and whatever helps to mend it. The API turns
// it into an RFC 9457 problem document; the command line and the demonstration print it.
import { type FailureCode, isFailureCode } from './failures.js';
import { REQUEST_PROBLEMS, type RequestProblem } from './request-problems.js';

export type ProblemCode = FailureCode | RequestProblem;

/** What is not listed is 422: SentinelOne or the connection's rules refused what was asked. */
const FAILURE_STATUS: Partial<Record<FailureCode, number>> = {
  illegal_state: 409,
  mapping_conflict: 409,
  connection_gone: 409,
  command_expired: 503,
  'store.unavailable': 503,
  encryption_key_missing: 503,
  'store.conflict': 503,
  'checkpoint.conflict': 503,
};

/** The HTTP status of a code. */
export const statusOf = (code: ProblemCode): number =>
  isFailureCode(code) ? (FAILURE_STATUS[code] ?? 422) : REQUEST_PROBLEMS[code].status;

export class Problem extends Error {
  override readonly name = 'Problem';
  /** Members of the problem document beside the standard ones: `errors`, `permissions`, `whatToDo`. */
  readonly extra: Readonly<Record<string, unknown>>;

  /** `message` is shown to people: it names the field and the fix, and holds no secret. */
  constructor(
    readonly code: ProblemCode,
    message: string,
    options: ErrorOptions & { readonly extra?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options);
    this.extra = options.extra ?? {};
  }
}

/** `extra` names what may have been made, so that a person can look. */
export const outcomeUnknown = (cause: unknown, extra: Readonly<Record<string, unknown>> = {}): Problem =>
  new Problem(
    'store.outcome_unknown',
    'the database was lost at the last moment; this may have been done: repeat it with the same Idempotency-Key, or look',
    { cause, extra },
  );
