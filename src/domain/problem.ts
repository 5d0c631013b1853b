// An error that a person or a script is told: a stable code, a sentence, and whatever helps to mend it. The API turns it
// into an RFC 9457 problem document; the command line and the demonstration print it.
import type { FailureCode } from './failures.js';

export type ProblemCode =
  FailureCode | 'invalid_input' | 'not_found' | 'worker_unavailable' | 'temporal_unavailable' | 'collect_from_too_old';

export class Problem extends Error {
  override readonly name = 'Problem';

  /** `message` is shown to people: it names the field and the fix, and holds no secret. */
  constructor(
    readonly code: ProblemCode,
    message: string,
    options: ErrorOptions & { readonly extra?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options);
    this.extra = options.extra ?? {};
  }

  readonly extra: Readonly<Record<string, unknown>>;
}
