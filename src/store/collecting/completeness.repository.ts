// The record of comparisons with SentinelOne's own count, one row a window. What is due is read from here alone, so a
// lost reply, a restart or another worker loses nothing. Windows of one connection never overlap: a row is cut in two
// in one step.
import { sql } from 'kysely';
import {
  type Check,
  type CheckCause,
  type CheckState,
  isDue,
  newWindows,
  overlaps,
  SHORT_IS_NEWS_DAYS,
  type Stage,
  wholeHours,
} from '../../domain/collecting/completeness.js';
import type { Window } from '../../domain/collecting/windows.js';
import { toInstant, toMicros } from '../../domain/instant.js';
import type { Tenant } from '../tenant.js';

interface Progress {
  readonly collectFromMicros: number;
  readonly throughMicros: number;
}

/** A window to compare, with what is on record of it. */
export interface DueWindow {
  readonly window: Window;
  readonly before: Check | null;
}

/** Newest first, so that yesterday is not kept waiting by years of history. */
export async function dueWindows(tenant: Tenant, connectionId: string, progress: Progress): Promise<DueWindow[]> {
  const unfinished = (await unfinishedWindows(tenant, connectionId)).map(wholeHours);
  const rest = { covered: await coveredWindows(tenant, connectionId), unfinished };
  const known = (await openChecks(tenant, connectionId))
    .filter((check) => isDue(check, progress.throughMicros) && check.window.fromMicros >= progress.collectFromMicros)
    .filter(({ window }) => !unfinished.some((each) => overlaps(window, each)))
    .map((before) => ({ window: before.window, before }));
  const fresh = newWindows({ ...progress, ...rest }).map((window) => ({ window, before: null }));
  return [...known, ...fresh].sort((a, b) => b.window.fromMicros - a.window.fromMicros);
}

interface Range {
  readonly fromAt: string;
  readonly toAt: string;
}

const windowOf = ({ fromAt, toAt }: Range): Window => ({ fromMicros: toMicros(fromAt), toMicros: toMicros(toAt) });

/** What is on record, adjoining windows as one: normally a single window, from `collectFrom` to an hour ago. */
async function coveredWindows(tenant: Tenant, connectionId: string): Promise<Window[]> {
  const { rows } = await sql<Range>`
    select lower(covered) as from_at, upper(covered) as to_at
      from (select unnest(range_agg(tstzrange(from_at, to_at))) as covered from completeness_checks
             where account_id = ${tenant.accountId} and connection_id = ${connectionId}) as merged
     order by 1`.execute(tenant.db);
  return rows.map(windowOf);
}

/**
 * What is still being collected: slices of backfills that wait or run. A history that a person cancelled is not
 * collected, and not missed either, until a later backfill of everything has read it. Collecting discards changes no
 * sum.
 */
async function unfinishedWindows(tenant: Tenant, connectionId: string): Promise<Window[]> {
  const { rows } = await sql<Range>`
    with slices as (
      select tstzrange(slice.from_at, slice.to_at) as span, slice.done_at is not null as done,
             backfills.state in ('queued', 'running') as unfinished,
             backfills.kind = 'history' and backfills.state = 'cancelled' as given_up,
             backfills.site_ids is null as of_everything
        from checkpoints as slice
        join backfills on backfills.account_id = slice.account_id and backfills.connection_id = slice.connection_id
                      and backfills.id = slice.backfill_id
       where slice.account_id = ${tenant.accountId} and slice.connection_id = ${connectionId}
         and slice.kind = 'backfill' and slice.from_at is not null and backfills.kind in ('history', 'requested')
    ), sums as (
      select coalesce(range_agg(span) filter (where unfinished and not done), '{}'::tstzmultirange)
             + (coalesce(range_agg(span) filter (where given_up and not done), '{}'::tstzmultirange)
                - coalesce(range_agg(span) filter (where of_everything and done), '{}'::tstzmultirange)) as left_over
        from slices
    )
    select lower(span) as from_at, upper(span) as to_at
      from (select unnest(left_over) as span from sums) as spans
     order by 1`.execute(tenant.db);
  return rows.map(windowOf);
}

async function openChecks(tenant: Tenant, connectionId: string): Promise<Check[]> {
  const rows = await tenant.db
    .selectFrom('completenessChecks')
    .select(['fromAt', 'toAt', 'stage', 'state', 'cause', 'throughAt', 'shortSince', 'repaired'])
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where(sql<boolean>`(stage < 24 or state = 'short')`)
    .execute();
  return rows.map(({ stage, state, cause, throughAt, shortSince, repaired, ...range }) => ({
    window: windowOf(range),
    stage,
    state,
    repaired,
    wasComplete: state === 'waiting' ? cause === 'late_rows' : state !== 'short',
    throughMicros: throughAt === null ? null : toMicros(throughAt),
    shortSinceMicros: shortSince === null ? null : toMicros(shortSince),
  }));
}

export interface Finding {
  readonly window: Window;
  /**
   * How far the comparison went that this one was made after; null when there was none, left out when it does not
   * matter.
   */
  readonly overMicros?: number | null;
  readonly stage: Stage;
  readonly throughMicros: number;
  readonly theirs: number;
  readonly ours: number;
  /** New rows that this comparison collected. */
  readonly repairedNow: number;
  readonly state: CheckState;
  readonly cause: CheckCause | null;
}

/**
 * Writes a comparison over the one before it, unless the window has been cut or compared meanwhile: an attempt that was
 * given up has counted earlier. What was repaired stays on record, also what such an attempt repaired.
 */
export async function recordCheck(tenant: Tenant, connectionId: string, finding: Finding): Promise<void> {
  const { window, overMicros, stage, throughMicros, theirs, ours, repairedNow, state, cause } = finding;
  const through = toInstant(throughMicros);
  const over = overMicros == null ? null : toInstant(overMicros);
  const { accountId } = tenant;
  const { numAffectedRows } = await sql`
    insert into completeness_checks as known
           (account_id, connection_id, from_at, to_at, stage, through_at, theirs, ours, repaired, state, cause, short_since,
            checked_at, checks)
    values (${accountId}, ${connectionId}, ${toInstant(window.fromMicros)}, ${toInstant(window.toMicros)}, ${stage},
            ${through}, ${theirs}, ${ours}, ${repairedNow}, ${state}, ${cause},
            case when ${state} = 'short' then ${through}::timestamptz end, now(), 1)
    on conflict (account_id, connection_id, from_at) do update set
      stage = greatest(known.stage, excluded.stage), through_at = excluded.through_at, theirs = excluded.theirs,
      ours = excluded.ours, repaired = known.repaired + excluded.repaired,
      state = case when excluded.state = 'equal' and known.repaired > 0 then 'repaired' else excluded.state end,
      cause = coalesce(excluded.cause, case when excluded.state in ('equal', 'repaired') and known.repaired > 0 then known.cause end),
      short_since = case when excluded.state = 'short' then coalesce(known.short_since, excluded.short_since) end,
      checked_at = excluded.checked_at, checks = known.checks + 1
    where known.to_at = excluded.to_at
      and (${overMicros === undefined} or known.through_at is not distinct from ${over}::timestamptz)`.execute(
    tenant.db,
  );
  if (numAffectedRows === 0n && repairedNow > 0) await addRepaired(tenant, connectionId, finding);
}

async function addRepaired(tenant: Tenant, connectionId: string, { window, repairedNow }: Finding): Promise<void> {
  await sql`
    update completeness_checks
       set repaired = repaired + ${repairedNow}, state = case when state = 'equal' then 'repaired' else state end
     where account_id = ${tenant.accountId} and connection_id = ${connectionId}
       and from_at = ${toInstant(window.fromMicros)} and to_at = ${toInstant(window.toMicros)}`.execute(tenant.db);
}

/**
 * Puts two windows that wait in the place of one. What was repaired of it stays with the first; the rest both remember.
 */
export async function cutWindow(
  tenant: Tenant,
  connectionId: string,
  { window, before, parts }: DueWindow & { readonly parts: readonly [Window, Window] },
): Promise<DueWindow[]> {
  const key = { accountId: tenant.accountId, connectionId };
  const known = await tenant.db
    .deleteFrom('completenessChecks')
    .where('accountId', '=', key.accountId)
    .where('connectionId', '=', connectionId)
    .where('fromAt', '=', toInstant(window.fromMicros))
    .where('toAt', '=', toInstant(window.toMicros))
    .returning('repaired')
    .executeTakeFirst();
  const wasComplete = before?.wasComplete === true;
  const repairedOf = (n: number) => (n === 0 ? (known?.repaired ?? 0) : 0);
  const rows = parts.map((part, n) => ({
    ...key,
    fromAt: toInstant(part.fromMicros),
    toAt: toInstant(part.toMicros),
    state: 'waiting' as const,
    repaired: repairedOf(n),
    theirs: null,
    ours: null,
    checkedAt: null,
    cause: wasComplete ? ('late_rows' as const) : null,
    throughAt: null,
    shortSince: null,
  }));
  await tenant.db
    .insertInto('completenessChecks')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const waiting = { stage: 0, state: 'waiting', throughMicros: null, shortSinceMicros: null, wasComplete } as const;
  return parts.map((part, n) => ({ window: part, before: { window: part, repaired: repairedOf(n), ...waiting } }));
}

/**
 * How many activities of a SentinelOne account are held of a window, whichever connection stored them: events,
 * discards, and rejects whose time could be read. Organization by organization, so that the index that search uses
 * serves this too. Exported as text for the test that explains its plan.
 */
export const COUNT_OURS = `
  select (select coalesce(sum(ours.events), 0) from organizations cross join lateral (
            select count(*) as events from events
             where events.account_id = $1 and events.organization_id = organizations.id and events.s1_account_id = $2
               and events.occurred_at >= $3 and events.occurred_at < $4) as ours
           where organizations.account_id = $1)
       + (select count(*) from discards
           where account_id = $1 and s1_account_id = $2 and occurred_at >= $3 and occurred_at < $4)
       + (select count(*) from rejects
           where account_id = $1 and s1_account_id = $2 and occurred_at >= $3 and occurred_at < $4) as ours`;

export async function countOurs(tenant: Tenant, s1AccountId: string, window: Window): Promise<number> {
  const { rows } = await tenant.client.query<{ ours: string }>(COUNT_OURS, [
    tenant.accountId,
    s1AccountId,
    toInstant(window.fromMicros),
    toInstant(window.toMicros),
  ]);
  return Number(rows[0]?.ours ?? 0);
}

/** The shortfall that a person should know of: what is still short after the last look, as long as it is news. */
export interface Shortfall {
  readonly since: string;
  readonly missing: number;
}

export async function shortfall(tenant: Tenant, connectionId: string): Promise<Shortfall | null> {
  const { rows } = await sql<{ since: string | null; missing: number | null }>`
    select min(from_at) as since, sum(theirs - ours)::bigint as missing
      from completeness_checks as checks
      join connections on connections.account_id = checks.account_id and connections.id = checks.connection_id
     where checks.account_id = ${tenant.accountId} and checks.connection_id = ${connectionId}
       and checks.state = 'short' and checks.stage = 24
       and checks.short_since > connections.collected_through - ${SHORT_IS_NEWS_DAYS} * interval '1 day'`.execute(
    tenant.db,
  );
  const { since, missing } = rows[0] ?? { since: null, missing: null };
  return since === null || missing === null ? null : { since, missing };
}
