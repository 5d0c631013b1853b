// What the store throws for its callers to tell apart. A database's own errors are read in `pg-errors.ts`.
import { sqlState } from './pg-errors.js';

/** The connection does not exist in this account, was never accepted, or has ended. */
export class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone';
  constructor(message = 'no such connection') {
    super(message);
  }
}

/** The connection lives, and its current token has been destroyed: only a new one helps. */
export class TokenGone extends Error {
  override readonly name = 'TokenGone';
  constructor(readonly credentialId: string) {
    super('the connection has no token');
  }
}

/** A token is encrypted with a key that this process was not given. Whoever has the key may succeed. */
export class EncryptionKeyMissing extends Error {
  override readonly name = 'EncryptionKeyMissing';
  constructor(readonly kid: string) {
    super(`no encryption key named ${kid}`);
  }
}

/** Another attempt moved the checkpoint on; this one has changed nothing. */
export class CheckpointConflict extends Error {
  override readonly name = 'CheckpointConflict';
}

/** The connection was lost while COMMIT was under way: the transaction may hold or not. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
  /** SQLSTATE transaction_resolution_unknown, of the class that every lost connection has. */
  readonly code = '08007';

  constructor(cause: unknown) {
    super('the connection was lost during COMMIT', { cause });
  }
}

/** Other writers were faster with the same rows, time after time; this one has changed nothing. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
}

/** This migration was not applied; those before it were, and stay. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';
  /** PostgreSQL's, where it was PostgreSQL that refused. */
  readonly code: string | null;

  constructor(
    readonly migration: string,
    what: string,
    cause: unknown,
  ) {
    super(`migration ${migration} ${what}`, { cause });
    this.code = sqlState(cause);
  }
}
