// Backfills: windows of history to collect. The rows are the queue; their workflow works them off oldest first.
import { randomUUID } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { MICROS_OF_ONE_ACTIVITY } from '../../domain/collecting/same-activity.js';
import { sliceWindow, type Window } from '../../domain/collecting/windows.js';
import { toInstant, toMicros } from '../../domain/instant.js';
import type { BackfillsTable } from '../schema/collecting.js';
import type { Tenant } from '../tenant.js';
import { coveredMs, insertSlices } from './checkpoint.repository.js';

export type BackfillRow = Selectable<BackfillsTable>;

export interface NewBackfill {
  /** Chosen by whoever must recognise it again. */
  readonly id?: string;
  readonly connectionId: string;
  readonly kind: BackfillsTable['kind'];
  readonly window: Window;
  readonly siteIds?: readonly string[];
}

/** Queues a backfill with its slices and returns its id. */
export async function queueBackfill(tenant: Tenant, backfill: NewBackfill): Promise<string> {
  const { id = randomUUID(), connectionId, kind, window, siteIds } = backfill;
  await tenant.db
    .insertInto('backfills')
    .values({
      accountId: tenant.accountId,
      connectionId,
      id,
      kind,
      fromAt: toInstant(window.fromMicros),
      toAt: toInstant(window.toMicros),
      siteIds: siteIds === undefined ? null : [...siteIds],
    })
    .execute();
  await insertSlices(tenant, { connectionId, id }, sliceWindow(window));
  return id;
}

/** The window of what the ledger holds for these sites, or null when it holds nothing. */
export async function ledgerWindow(
  tenant: Tenant,
  connectionId: string,
  siteIds: readonly string[],
): Promise<Window | null> {
  const { rows } = await sql<{ first: string | null; last: string | null }>`
    select min(occurred_at) as first, max(occurred_at) as last from discards
     where account_id = ${tenant.accountId} and connection_id = ${connectionId} and site_id = any (${[...siteIds]})
  `.execute(tenant.db);
  const { first, last } = rows[0] ?? { first: null, last: null };
  if (first === null || last === null) return null;
  // SentinelOne goes by the time that it knows, and may have written it with fewer digits.
  const within = MICROS_OF_ONE_ACTIVITY - 1;
  return { fromMicros: toMicros(first) - within, toMicros: toMicros(last) + within + 1 };
}

/** From so many failures in a row on a backfill is told of, and lets others go first. */
const KEEPS_FAILING = 3;

const UNFINISHED = ['queued', 'running'] as const;

/**
 * Whether a backfill waits or runs. A paused one does not count until it is cancelled: nobody should be started for it.
 */
export async function hasUnfinishedBackfill(tenant: Tenant, connectionId: string): Promise<boolean> {
  return (await oldestUnfinishedBackfill(tenant, connectionId)) !== undefined;
}

/** The one to work on: the oldest, or the oldest that does not keep failing. */
export async function oldestUnfinishedBackfill(tenant: Tenant, connectionId: string): Promise<BackfillRow | undefined> {
  return tenant.db
    .selectFrom('backfills')
    .selectAll()
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('state', 'in', UNFINISHED)
    .where((where) => where.or([where('pauseRequested', '=', false), where('cancelRequested', '=', true)]))
    .orderBy(sql`consecutive_failures >= ${KEEPS_FAILING}`)
    .orderBy('createdAt')
    .orderBy('id')
    .executeTakeFirst();
}

/** Those that have failed so often in a row that somebody should know of it, oldest first. */
export async function failingBackfills(
  { accountId, db }: Tenant,
  connectionId: string,
): Promise<Pick<BackfillRow, 'id' | 'failureCode'>[]> {
  return db
    .selectFrom('backfills')
    .select(['id', 'failureCode'])
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .where('state', 'in', UNFINISHED)
    .where('consecutiveFailures', '>=', KEEPS_FAILING)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

/**
 * How many wait, run or are paused. Nobody else counts before this transaction has ended, so that of two who fill the
 * last place one sees the other's.
 */
export async function countUnfinishedBackfills(tenant: Tenant, connectionId: string): Promise<number> {
  const key = `backfills/${tenant.accountId}/${connectionId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(tenant.db);
  const { count } = await tenant.db
    .selectFrom('backfills')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('state', 'in', UNFINISHED)
    .executeTakeFirstOrThrow();
  return count;
}

export async function findBackfill(tenant: Tenant, connectionId: string, id: string): Promise<BackfillRow | undefined> {
  return tenant.db
    .selectFrom('backfills')
    .selectAll()
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** It runs from now on; its speed is measured from here. */
export async function markRunning(tenant: Tenant, backfill: BackfillRow): Promise<void> {
  const covered = sql<number>`(select ${coveredMs()} from checkpoints slice
    where slice.account_id = backfills.account_id and slice.connection_id = backfills.connection_id
      and slice.backfill_id = backfills.id)`;
  await update(tenant, backfill)
    .set({
      state: 'running',
      startedAt: sql`coalesce(started_at, now())`,
      runningSince: sql`now()`,
      coveredBeforeMs: covered,
    })
    .where('state', 'in', UNFINISHED)
    .execute();
}

/** It was stopped between two pages. */
export async function markResting(tenant: Tenant, backfill: BackfillRow): Promise<void> {
  await update(tenant, backfill).set({ runningSince: null }).execute();
}

export async function finishBackfill(
  tenant: Tenant,
  backfill: BackfillRow,
  end: { readonly state: 'done' | 'cancelled'; readonly unavailable?: number },
): Promise<void> {
  await update(tenant, backfill)
    .set({
      state: end.state,
      finishedAt: sql`now()`,
      unavailableCount: end.unavailable ?? 0,
      failureCode: null,
      nextTryAt: null,
    })
    .where('state', 'in', UNFINISHED)
    .execute();
}

/**
 * The end of everything unfinished, because nobody will come to end it row by row; what runs sees it between two pages.
 */
export async function cancelBackfills(tenant: Tenant, connectionId: string): Promise<void> {
  await tenant.db
    .updateTable('backfills')
    .set({ state: 'cancelled', cancelRequested: true, finishedAt: sql`now()`, failureCode: null, nextTryAt: null })
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('state', 'in', UNFINISHED)
    .execute();
}

export async function countBackfillFailure(tenant: Tenant, backfill: BackfillRow, code: string): Promise<number> {
  const row = await update(tenant, backfill)
    .set({ consecutiveFailures: sql`consecutive_failures + 1`, failureCode: code })
    .returning('consecutiveFailures')
    .executeTakeFirst();
  return row?.consecutiveFailures ?? 1;
}

export async function recordBackfillNextTry(tenant: Tenant, backfill: BackfillRow, nextTryInMs: number): Promise<void> {
  await update(tenant, backfill)
    .set({ nextTryAt: sql`now() + ${nextTryInMs} * interval '1 millisecond'` })
    .execute();
}

export async function clearBackfillFailures(tenant: Tenant, backfill: BackfillRow): Promise<void> {
  await update(tenant, backfill)
    .set({ consecutiveFailures: 0, failureCode: null, nextTryAt: null })
    .where('consecutiveFailures', '>', 0)
    .execute();
}

function update(tenant: Tenant, backfill: { readonly connectionId: string; readonly id: string }) {
  return tenant.db
    .updateTable('backfills')
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', backfill.connectionId)
    .where('id', '=', backfill.id);
}
