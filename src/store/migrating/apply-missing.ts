// Applies migrations one by one, each in a transaction of its own or, where it says so, in none. What was applied
// before a failure stays. A migration that waits for a table in use keeps everybody who comes after it waiting as well,
// so each wait is short and is tried again after a pause, in which they are served.
import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { MigrationFailed } from '../errors.js';
import { isLockTimeout } from '../pg-errors.js';
import { describeHolders, type LockHolder, watchLockHolders } from './lock-holders.js';
import type { MigrationLock } from './migration-lock.js';

/** `transaction = false` is for what PostgreSQL refuses in one; such a migration has to stand being run again. */
export type Migrations = Readonly<Record<string, Migration & { readonly transaction?: boolean }>>;

export interface MigrationWaits {
  readonly migration: string;
  /** In attempts that were given up, with their pauses. */
  readonly waitedMs: number;
  readonly holders: string;
}

export interface Run {
  /** One connection, whose `lock_timeout` is `lockTimeoutMs` from its beginning. */
  readonly db: Kysely<unknown>;
  readonly lock: MigrationLock;
  readonly migrations: Migrations;
  readonly lockTimeoutMs: number;
  readonly pauseMs: number;
  readonly giveUpAfterMs: number;
  readonly onApplied?: ((migration: string) => void) | undefined;
  /** Called whenever somebody is seen who holds a migration up, so up to once a second. */
  readonly onWaiting?: ((waits: MigrationWaits) => void) | undefined;
}

/** Returns the names of those applied. Throws `MigrationFailed`, or what is wrong with the list of migrations. */
export async function applyMissing(run: Run): Promise<string[]> {
  const applied: string[] = [];
  for (;;) {
    const migration = await applyNext(run);
    if (migration === undefined) return applied;
    applied.push(migration);
    run.onApplied?.(migration);
  }
}

/** The name of the migration that was applied; undefined when none is missing. */
async function applyNext(run: Run): Promise<string | undefined> {
  for (let waitedMs = 0; ;) {
    const { migration, error, holders } = await attempt(run, waitedMs);
    if (error === undefined) return migration;
    if (migration === undefined) throw error instanceof Error ? error : new Error('migrating failed', { cause: error });
    if (!isLockTimeout(error)) throw new MigrationFailed(migration, `failed: ${(error as Error).message}`, error);
    waitedMs += run.lockTimeoutMs + run.pauseMs;
    const heldBy = describeHolders(holders);
    if (waitedMs >= run.giveUpAfterMs) {
      const waited = `waited ${Math.round(waitedMs / 1000)} s for a lock and was given up`;
      throw new MigrationFailed(migration, `${waited}; it is held by ${heldBy}`, error);
    }
    run.onWaiting?.({ migration, waitedMs, holders: heldBy });
    await delay(run.pauseMs);
  }
}

interface Attempt {
  readonly migration: string | undefined;
  readonly error: unknown;
  readonly holders: readonly LockHolder[];
}

async function attempt(run: Run, waitedMs: number): Promise<Attempt> {
  const migrator = new Migrator({
    db: run.db,
    provider: { getMigrations: () => Promise.resolve({ ...run.migrations }) },
  });
  const done = await run.lock.whileOlderBuildsWait(async () => {
    const migration = (await migrator.getMigrations()).find(({ executedAt }) => executedAt === undefined)?.name;
    // Even so asked for the next: Kysely then checks that the list and the database fit.
    if (migration === undefined) return { migration, error: (await migrator.migrateUp()).error, holders: [] };
    if (run.migrations[migration]?.transaction === false) return { alone: migration };
    return watched(run, { migration, waitedMs }, () => migrator.migrateUp());
  });
  if (!('alone' in done)) return done;
  const up = () => migrator.migrateUp({ disableTransactions: true });
  return watched(run, { migration: done.alone, waitedMs }, up);
}

async function watched(
  run: Run,
  { migration, waitedMs }: { readonly migration: string; readonly waitedMs: number },
  up: () => ReturnType<Migrator['migrateUp']>,
): Promise<Attempt> {
  await sql`reset lock_timeout`.execute(run.db); // a migration outside a transaction may have set it for the session
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(run.db);
  const watch = watchLockHolders(run.lock.session, {
    pid: rows[0]?.pid ?? 0,
    everyMs: run.lockTimeoutMs / 3, // no wait goes unseen
    onSeen: (holders) => run.onWaiting?.({ migration, waitedMs, holders: describeHolders(holders) }),
  });
  const { error, results } = await up();
  // Without a result it is the list of migrations that is wrong, not this one.
  return { migration: results === undefined ? undefined : migration, error, holders: await watch.stop() };
}
