// Who may migrate: one process at a time, by an advisory lock that a session of its own holds for the whole run, since
// a run is many transactions. Builds from before this lock know only Kysely's, so that one is taken as well, around
// each migration in a transaction. It is not held while an index is built concurrently: that waits for every statement
// that is running, an older build that waits for Kysely's lock is such a statement, and the two would wait for each
// other. The older build has nothing to apply by then, because whatever it knows comes before, and is recorded.
import { setTimeout as delay } from 'node:timers/promises';
import { PostgresAdapter, PostgresDialect } from 'kysely';
import pg from 'pg';
import { ABANDONED_SESSIONS_END } from '../database.js';

/** Any constant of our own. */
const MIGRATION_LOCK = '7311003';
/** Kysely's `PostgresAdapter`, which takes it for a session or for a transaction, depending on its version. */
const KYSELY_LOCK = '3853314791062309107';
const LOOK_AGAIN_MS = 100;

export interface MigrationLock {
  /** The session that holds the lock; free for short queries. */
  readonly session: pg.Client;
  /** Fails when the session is gone, and with it the lock. */
  whileOlderBuildsWait<T>(work: () => Promise<T>): Promise<T>;
  release(): Promise<void>;
}

/** Waits for as long as another process migrates. */
export async function takeMigrationLock(databaseUrl: string): Promise<MigrationLock> {
  const session = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'sentinelone-migrate-lock',
    keepAlive: true,
    options: ABANDONED_SESSIONS_END.join(' '),
  });
  session.on('error', () => undefined); // the next query says so as well
  await session.connect();
  try {
    await take(session, MIGRATION_LOCK);
  } catch (error) {
    await session.end();
    throw error;
  }
  return {
    session,
    async whileOlderBuildsWait(work) {
      await take(session, KYSELY_LOCK);
      try {
        return await work();
      } finally {
        await session.query('select pg_advisory_unlock($1)', [KYSELY_LOCK]);
      }
    },
    release: () => session.end(),
  };
}

/** Asks again and again: a statement that waits inside PostgreSQL would keep a concurrent build waiting. */
async function take(session: pg.Client, key: string): Promise<void> {
  for (;;) {
    const { rows } = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [key]);
    if (rows[0]?.taken === true) return;
    await delay(LOOK_AGAIN_MS);
  }
}

/** Kysely's own locking would have the migrating session hold the lock, also while an index is built concurrently. */
class LockedElsewhere extends PostgresAdapter {
  override acquireMigrationLock = () => Promise.resolve();
  override releaseMigrationLock = () => Promise.resolve();
}

/** PostgreSQL for a `Migrator` that runs under a `MigrationLock`. */
export class LockedElsewhereDialect extends PostgresDialect {
  override createAdapter = () => new LockedElsewhere();
}
