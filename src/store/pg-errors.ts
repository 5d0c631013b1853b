// What a database error means for the caller, read from SQLSTATE and the connection's own error codes.
import type { FailureCode } from '../domain/failures/failures.js';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const CHECK_VIOLATION = '23514';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
/**
 * serialization_failure, deadlock_detected, lock_not_available, idle_in_transaction_session_timeout: the statement was
 * fine, the moment was not.
 */
const TRY_AGAIN = new Set(['40001', DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE, '25P03']);
/** Classes 08 connection, 53 resources, 57 operator intervention (shutdown, starting up), 58 system error. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

export function sqlState(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== UNIQUE_VIOLATION) return false;
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint;
}

/** The value does not fit its column (class 22, a failed check): trying the same again can never help. */
export function isUnstorable(error: unknown): boolean {
  const code = sqlState(error);
  return code === CHECK_VIOLATION || code?.startsWith('22') === true;
}

/**
 * character_not_in_repertoire, untranslatable_character: U+0000 above all. The text came from outside and was not
 * checked.
 */
export const isUnstorableText = (error: unknown): boolean => ['22021', '22P05'].includes(sqlState(error) ?? '');

/**
 * A row was to be written for a connection that is not there: every such foreign key is named after its two columns.
 */
export function isConnectionMissing(error: unknown): boolean {
  if (sqlState(error) !== FOREIGN_KEY_VIOLATION) return false;
  const { constraint } = error as { constraint?: unknown };
  return typeof constraint === 'string' && constraint.endsWith('_account_id_connection_id_fkey');
}

/**
 * Somebody else changes the same rows of PostgreSQL's own catalogue, such as a role, at this moment. "tuple
 * concurrently updated" has no code of its own; where nothing but a role is altered, internal_error is that.
 */
export const isSameMoment = (error: unknown): boolean =>
  ['XX000', '42710', UNIQUE_VIOLATION].includes(sqlState(error) ?? '');

/** Two transactions waited for each other and PostgreSQL ended this one. */
export const isDeadlock = (error: unknown): boolean => sqlState(error) === DEADLOCK_DETECTED;

/** It waited for a lock for as long as it may, or in a circle. */
export const isLockTimeout = (error: unknown): boolean => sqlState(error) === LOCK_NOT_AVAILABLE || isDeadlock(error);

/** A row had no partition to go to: the only check violation that names no constraint. */
export const isMissingPartition = (error: unknown): boolean =>
  sqlState(error) === CHECK_VIOLATION && (error as { constraint?: unknown }).constraint === undefined;

/**
 * `store.unavailable` for what a later attempt may survive, `store.conflict` for a unique violation, null for a bug.
 */
export function storeFailure(error: unknown): Extract<FailureCode, 'store.unavailable' | 'store.conflict'> | null {
  const code = sqlState(error);
  if (code === UNIQUE_VIOLATION) return 'store.conflict';
  if (code !== null) {
    const known = TRY_AGAIN.has(code) || CONNECTION_CODES.has(code) || UNAVAILABLE_CLASSES.has(code.slice(0, 2));
    return known ? 'store.unavailable' : null;
  }
  return isLostConnection(error) ? 'store.unavailable' : null;
}

/**
 * The connection broke with a statement under way, or PostgreSQL ended it. A statement that found it broken already was
 * never sent, and is none of these.
 */
export function isConnectionCut(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== null) return CONNECTION_CODES.has(code) || code.startsWith('08') || code.startsWith('57P');
  return error instanceof Error && error.message.startsWith('Connection terminated');
}

/** COMMIT was sent, and nobody heard what became of it. */
export const isOutcomeUnknown = (error: unknown): boolean => sqlState(error) === '08007';

/** pg gives a lost connection no code, only one of these four sentences (pg/lib/client.js, pg-pool/index.js). */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed)/.test(
      error.message,
    )
  );
}
