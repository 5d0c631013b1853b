// Rows that nobody needs any more and that would gather for ever. They belong to every account or to none, so this
// takes the owner's database. Deleted a few at a time, so that no statement holds many locks or runs for long; a row
// that somebody else holds is left to the next run.
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database.js';

interface ExpiredRows {
  readonly table: string;
  readonly column: string;
  /** Of age; null: the retention of events. */
  readonly days: number | null;
  /** An equality that is needed besides. */
  readonly state?: string;
}

export const EXPIRED_ROWS = {
  /** By when they came: their own time may be none. */
  rejects: { table: 'rejects', column: 'received_at', days: null },
  /** Of windows whose events are gone. Nothing that old is compared again. */
  completenessChecks: { table: 'completeness_checks', column: 'to_at', days: null },
  notices: { table: 'notices', column: 'resolved_at', days: null, state: 'resolved' },
  /** A lost reply is asked for again within a minute of the store's return; after this nobody asks. */
  commands: { table: 'commands', column: 'at', days: 30 },
  /** The api removes an account's own as it adds one; an account that adds none has nobody else to do it. */
  idempotencyKeys: { table: 'idempotency_keys', column: 'created_at', days: 1 },
  /** Shown as expired until then, so that an admin can see why a link is dead and send another. */
  invitations: { table: 'invitations', column: 'expires_at', days: 30 },
  /** Sign-in removes an expired session when somebody comes back with it, which most never do. */
  sessions: { table: 'auth_sessions', column: 'expires_at', days: 0 },
  verifications: { table: 'auth_verifications', column: 'expires_at', days: 0 },
  /** Worker processes that were killed; one that stops in order takes its row with it. */
  workers: { table: 'workers', column: 'seen_at', days: 1 },
} as const satisfies Record<string, ExpiredRows>;

export type ExpiredKind = keyof typeof EXPIRED_ROWS;

export interface Expiry {
  /** How long events are kept; null: for ever, and with them whatever is kept as long. */
  readonly eventDays: number | null;
  /** Called before each batch; throws to stop. */
  readonly onBatch?: () => void;
}

const BATCH_ROWS = 1_000;
/** A million rows; what is left is for the next run. */
const MAX_BATCHES = 1_000;

/** Returns how many were deleted. */
export async function deleteExpired(
  { kysely }: Database,
  kind: ExpiredKind,
  { eventDays, onBatch }: Expiry,
): Promise<number> {
  const { table, column, state, days }: ExpiredRows = EXPIRED_ROWS[kind];
  const keptDays = days ?? eventDays;
  if (keptDays === null) return 0;
  const name = sql.table(table);
  const isExpired = olderThan(column, keptDays);
  const where = state === undefined ? isExpired : sql`state = ${state} and ${isExpired}`;
  let deleted = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    onBatch?.();
    const { numAffectedRows = 0n } = await sql`
      delete from ${name} where ctid = any (array(
        select ctid from ${name} where ${where} limit ${BATCH_ROWS} for update skip locked))`.execute(kysely);
    deleted += Number(numAffectedRows);
    if (numAffectedRows < BATCH_ROWS) break;
  }
  return deleted;
}

const olderThan = (column: string, days: number): RawBuilder<boolean> =>
  sql`${sql.ref(column)} < now() - make_interval(days => ${days})`;

const BACKFILLS_AT_ONCE = 50;

/** Finished backfills with their slices, once the events that they brought are gone. Returns how many. */
export async function deleteOldBackfills({ kysely }: Database, { eventDays, onBatch }: Expiry): Promise<number> {
  if (eventDays === null) return 0;
  for (let deleted = 0; ;) {
    onBatch?.();
    const inBatch = await kysely.transaction().execute(async (db) => {
      const old = await db
        .selectFrom('backfills')
        .select(['accountId', 'connectionId', 'id'])
        .where('state', 'in', ['done', 'cancelled'])
        .where(olderThan('finished_at', eventDays))
        .limit(BACKFILLS_AT_ONCE)
        .forUpdate()
        .skipLocked()
        .execute();
      for (const { accountId, connectionId, id } of old) {
        const slices = { accountId, connectionId, backfillId: id };
        await db
          .deleteFrom('checkpoints')
          .where((eb) => eb.and(slices))
          .execute();
        await db
          .deleteFrom('backfills')
          .where((eb) => eb.and({ accountId, connectionId, id }))
          .execute();
      }
      return old.length;
    });
    deleted += inBatch;
    if (inBatch < BACKFILLS_AT_ONCE) return deleted;
  }
}
