// Checkpoints: how far a chain of pages has got. Each moves by compare-and-set on its version, so of two attempts that
// believe they own it one ends with `checkpoint.conflict` and has changed nothing.
import { sql } from 'kysely';
import type { Window } from '../../domain/collecting/windows.js';
import { toInstant } from '../../domain/instant.js';
import { CheckpointConflict } from '../errors.js';
import type { Tenant } from '../tenant.js';

export const LIVE_SLICE = 'live';

export interface CheckpointKey {
  readonly connectionId: string;
  readonly kind: 'live' | 'backfill' | 'completeness';
  readonly slice: string;
}

export interface Checkpoint extends CheckpointKey {
  readonly version: number;
  readonly watermark: string | null;
}

/** Advances the checkpoint if its version is still the one given. Throws `CheckpointConflict` when it is not. */
export async function advanceCheckpoint(
  tenant: Tenant,
  checkpoint: Checkpoint,
  to: { readonly watermark: string | null; readonly done?: boolean },
): Promise<Checkpoint> {
  const row = await tenant.db
    .updateTable('checkpoints')
    .set({
      version: checkpoint.version + 1,
      watermark: sql`greatest(watermark, ${to.watermark}::timestamptz)`,
      ...(to.done === true ? { doneAt: sql`now()` } : {}),
    })
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', checkpoint.connectionId)
    .where('kind', '=', checkpoint.kind)
    .where('slice', '=', checkpoint.slice)
    .where('version', '=', checkpoint.version)
    .returning(['version', 'watermark'])
    .executeTakeFirst();
  if (row === undefined) throw new CheckpointConflict(`${checkpoint.kind} ${checkpoint.slice} moved on`);
  return { ...checkpoint, ...row };
}

/**
 * Throws `CheckpointConflict` when it is another by now; until this transaction has ended nobody makes it another.
 */
export async function holdCheckpoint(
  tenant: Tenant,
  { connectionId, kind, slice, version }: Checkpoint,
): Promise<void> {
  const row = await tenant.db
    .selectFrom('checkpoints')
    .select('version')
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('kind', '=', kind)
    .where('slice', '=', slice)
    .forShare()
    .executeTakeFirst();
  if (row?.version !== version) throw new CheckpointConflict(`${kind} ${slice} moved on`);
}

/** The live checkpoint of a connection, made when it is the first time. */
export const liveCheckpoint = (tenant: Tenant, connectionId: string): Promise<Checkpoint> =>
  findOrMake(tenant, { connectionId, kind: 'live', slice: LIVE_SLICE });

/** The checkpoint under which a backfill asks for activities by id: it has no window, only a version to compare. */
export const agentCheckpoint = (
  tenant: Tenant,
  backfill: { readonly connectionId: string; readonly id: string },
): Promise<Checkpoint> =>
  findOrMake(tenant, { connectionId: backfill.connectionId, kind: 'backfill', slice: `${backfill.id}/agents` });

/**
 * The checkpoint under which a window is read again, with a version of its own for each reading: an attempt that was
 * given up and still runs loses its next page to the one that came after it.
 */
export async function claimCompletenessCheckpoint(tenant: Tenant, connectionId: string): Promise<Checkpoint> {
  const key = { connectionId, kind: 'completeness', slice: 'completeness' } as const;
  const row = await tenant.db
    .insertInto('checkpoints')
    .values({ accountId: tenant.accountId, ...key })
    .onConflict((conflict) =>
      conflict
        .columns(['accountId', 'connectionId', 'kind', 'slice'])
        .doUpdateSet({ version: sql`checkpoints.version + 1`, watermark: null }),
    )
    .returning(['version', 'watermark'])
    .executeTakeFirstOrThrow();
  return { ...key, ...row };
}

/** Nearly always it is there, and then nothing is written. */
async function findOrMake(tenant: Tenant, key: CheckpointKey): Promise<Checkpoint> {
  const find = tenant.db
    .selectFrom('checkpoints')
    .select(['version', 'watermark'])
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', key.connectionId)
    .where('kind', '=', key.kind)
    .where('slice', '=', key.slice);
  const found = await find.executeTakeFirst();
  if (found !== undefined) return { ...key, ...found };
  await tenant.db
    .insertInto('checkpoints')
    .values({ accountId: tenant.accountId, ...key })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { ...key, ...(await find.executeTakeFirstOrThrow()) };
}

export interface SliceCheckpoint extends Checkpoint {
  readonly fromAt: string;
  readonly toAt: string;
}

/** Lays out a backfill's slices. Twice is harmless: the second finds them there. */
export async function insertSlices(
  tenant: Tenant,
  backfill: { readonly connectionId: string; readonly id: string },
  slices: readonly Window[],
): Promise<void> {
  if (slices.length === 0) return;
  const names = slices.map((_, index) => sliceName(backfill.id, index));
  const from = slices.map((slice) => toInstant(slice.fromMicros));
  const to = slices.map((slice) => toInstant(slice.toMicros));
  // Arrays, because years of slices are more values than a statement has parameters for (65,535).
  await sql`
    insert into checkpoints (account_id, connection_id, kind, slice, backfill_id, from_at, to_at)
    select ${tenant.accountId}, ${backfill.connectionId}, 'backfill', slice, ${backfill.id}, from_at, to_at
      from unnest(${names}::text[], ${from}::timestamptz[], ${to}::timestamptz[]) as slices (slice, from_at, to_at)
    on conflict do nothing`.execute(tenant.db);
}

/** A backfill's slices that are not finished, oldest first. */
export async function openSlices(
  tenant: Tenant,
  backfill: { readonly connectionId: string; readonly id: string },
): Promise<SliceCheckpoint[]> {
  const rows = await tenant.db
    .selectFrom('checkpoints')
    .select(['connectionId', 'kind', 'slice', 'version', 'watermark', 'fromAt', 'toAt'])
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', backfill.connectionId)
    .where('backfillId', '=', backfill.id)
    .where('doneAt', 'is', null)
    .orderBy('fromAt')
    .execute();
  return rows.map(({ fromAt, toAt, ...row }) => {
    if (fromAt === null || toAt === null) throw new Error(`slice ${row.slice} has no window`);
    return { ...row, fromAt, toAt };
  });
}

const sliceName = (backfillId: string, index: number) => `${backfillId}/${String(index).padStart(5, '0')}`;

/**
 * How much of a backfill's window has been read, in milliseconds of it: each slice up to its watermark. An aggregate
 * over rows of `checkpoints` that are called `slice`; those without a window add nothing. A slice that was not begun
 * has no watermark, which `least` and `greatest` would pass over.
 */
export const coveredMs = () => sql<number>`
  coalesce(sum(extract(epoch from case when slice.done_at is not null then slice.to_at
    else greatest(slice.from_at, least(slice.to_at, coalesce(slice.watermark, slice.from_at))) end - slice.from_at) * 1000), 0)::float8`;
