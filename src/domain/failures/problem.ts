// An error that a person or a script is told: a stable code, a sentence, and whatever helps to mend it. The API turns it
// into an RFC 9457 problem document; the command line and the demonstration print it.
import type { FailureCode } from './failures.js';

/** Codes that are not failures of a connection, by what HTTP calls them. */
export const REQUEST_PROBLEMS = {
  invalid_input: 422,
  malformed_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  csrf_refused: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  name_taken: 409,
  external_key_taken: 409,
  organization_in_use: 409,
  mapping_changed: 409,
  backfill_finished: 409,
  too_many_backfills: 409,
  last_admin: 409,
  already_member: 409,
  email_taken: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  collect_from_too_old: 422,
  backfill_too_old: 422,
  idempotency_key_reused: 422,
  import_has_errors: 422,
  rate_limited: 429,
  internal: 500,
  worker_unavailable: 503,
  temporal_unavailable: 503,
} as const;

export type RequestProblem = keyof typeof REQUEST_PROBLEMS;
export type ProblemCode = FailureCode | RequestProblem;

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
