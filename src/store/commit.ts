// A connection that is lost while COMMIT is under way leaves it open whether the transaction holds: PostgreSQL may have
// committed and not been able to say so. That is told apart from every other loss, after which nothing holds.
import { PostgresDriver } from 'kysely';
import { OutcomeUnknown } from './errors.js';
import { isConnectionCut } from './pg-errors.js';

type Connection = Parameters<PostgresDriver['rollbackTransaction']>[0];

/** Kysely's driver; a lost COMMIT is thrown as OutcomeUnknown. */
export class CommitDriver extends PostgresDriver {
  readonly #lost = new WeakSet<object>();

  override async commitTransaction(connection: Connection): Promise<void> {
    try {
      await super.commitTransaction(connection);
    } catch (error) {
      if (!isConnectionCut(error)) throw error;
      this.#lost.add(connection);
      throw new OutcomeUnknown(error);
    }
  }

  /** Not over a connection that is gone: that would fail, and its error would hide what was thrown. */
  override async rollbackTransaction(connection: Connection): Promise<void> {
    if (!this.#lost.has(connection)) await super.rollbackTransaction(connection);
  }
}
