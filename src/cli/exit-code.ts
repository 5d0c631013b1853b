// What the process ends with. Scripts branch on it, so a number never changes its meaning; docs/CLI.md has the same
// table.
import { Problem, type ProblemCode } from '../domain/failures/problem.js';
import { isOutcomeUnknown, sqlState, storeFailure } from '../store/pg-errors.js';

export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 3, refused: 4, unavailable: 5 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed: a fault of this program or of what it runs on',
  2: 'usage: the arguments, a file or the environment cannot be used; nothing was done',
  3: 'not found: there is no such account or connection',
  4: 'refused by SentinelOne or by a rule; the message says what to do',
  5: 'unavailable: PostgreSQL, Temporal, a worker or SentinelOne does not answer; try again',
};

/** The command cannot be understood, or what it names cannot be read. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Fault {
  readonly exit: ExitCode;
  readonly code: string;
  readonly message: string;
  /** What the API would say beside it: `whatToDo`, `permissions`, `errors`. */
  readonly extra: Readonly<Record<string, unknown>>;
}

export function faultOf(error: unknown): Fault {
  if (error instanceof UsageError) return { exit: EXIT.usage, code: 'usage', message: error.message, extra: {} };
  if (error instanceof Problem) {
    const { code, message, extra } = error;
    return { exit: exitOf(code), code, message, extra };
  }
  return storeFault(error) ?? { exit: EXIT.failed, code: 'internal', message: messageOf(error), extra: {} };
}

const UNAVAILABLE: readonly ProblemCode[] = [
  'worker_unavailable',
  'temporal_unavailable',
  'workflow_missing',
  'store.unavailable',
  's1.unavailable',
  's1.rate_limited',
  's1.bad_response',
];

function exitOf(code: ProblemCode): ExitCode {
  if (code === 'not_found') return EXIT.notFound;
  if (code === 'internal') return EXIT.failed;
  return UNAVAILABLE.includes(code) ? EXIT.unavailable : EXIT.refused;
}

/** Relation, function or role missing: the database is there and migrate was not. */
const NOT_MIGRATED = new Set(['42P01', '42703', '42883', '42704', '22023']);
/** Classes 28 authorisation, 3D no such database. */
const NOT_LET_IN = ['28', '3D'];

function storeFault(error: unknown): Fault | null {
  const state = sqlState(error);
  const unavailable = (message: string): Fault => ({
    exit: EXIT.unavailable,
    code: 'store.unavailable',
    message,
    extra: {},
  });
  if (isOutcomeUnknown(error)) {
    return unavailable('PostgreSQL was lost during COMMIT, so this may have been done; look before you repeat it');
  }
  if (storeFailure(error) === 'store.unavailable') {
    return unavailable('PostgreSQL does not answer at DATABASE_URL; nothing was changed, try again');
  }
  if (state !== null && NOT_MIGRATED.has(state)) {
    return unavailable('the database has not the schema of this version; run migrate first');
  }
  if (state !== null && NOT_LET_IN.some((prefix) => state.startsWith(prefix))) {
    return unavailable(`PostgreSQL does not let DATABASE_URL in: ${messageOf(error)}`);
  }
  return null;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
