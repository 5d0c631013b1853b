// The connections table. The state columns belong to the workflow's projection, the health columns to the polls, the
// counters to the ingest transaction; each writer has its own statement here.
import { type Selectable, sql } from 'kysely';
import { type ConnectionState, ENDED, GONE } from '../../domain/connection/connection-state.js';
import type { PermissionCheck } from '../../domain/connection/permissions.js';
import type { PauseReason } from '../../domain/failures/failures.js';
import { lockRouting } from '../connection-lock.js';
import type { ConnectionsTable } from '../schema/connections.js';
import type { Tenant } from '../tenant.js';

export type ConnectionRow = Selectable<ConnectionsTable>;

export interface NewConnection {
  readonly id: string;
  readonly name: string;
  readonly consoleUrl: string;
  readonly defaultOrganizationId: string;
  readonly collectFrom: string | null;
  readonly pollIntervalSeconds: number;
  readonly credentialId: string;
}

/** Inserts the connection in `validating`, which lists omit. Returns false when it exists already. */
export async function insertConnection(tenant: Tenant, connection: NewConnection): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tenant.db
    .insertInto('connections')
    .values({ accountId: tenant.accountId, ...connection })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export async function findConnection(tenant: Tenant, connectionId: string): Promise<ConnectionRow | undefined> {
  return tenant.db
    .selectFrom('connections')
    .selectAll()
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', connectionId)
    .executeTakeFirst();
}

/**
 * What validation learned. The unique index refuses a second live connection to the same SentinelOne account. Returns
 * false when the creation was given up meanwhile: of the two, whichever commits first holds.
 */
export async function acceptConnection(
  tenant: Tenant,
  connectionId: string,
  facts: { readonly s1AccountId: string; readonly s1AccountName: string | null; readonly collectFrom: string },
): Promise<boolean> {
  const { numUpdatedRows } = await update(tenant, connectionId)
    .set({
      s1AccountId: facts.s1AccountId,
      s1AccountName: facts.s1AccountName,
      collectFrom: sql`coalesce(collect_from, ${facts.collectFrom}::timestamptz)`,
    })
    .where('state', '=', 'validating')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** What SentinelOne calls the account now. */
export async function saveAccountName(tenant: Tenant, connectionId: string, s1AccountName: string): Promise<void> {
  await update(tenant, connectionId)
    .set({ s1AccountName })
    .where('s1AccountName', 'is distinct from', s1AccountName)
    .execute();
}

/** Whether another connection of this account that lives was accepted for this SentinelOne account. */
export async function isConnectedAlready(
  tenant: Tenant,
  { connectionId, s1AccountId }: { readonly connectionId: string; readonly s1AccountId: string },
): Promise<boolean> {
  const other = await tenant.db
    .selectFrom('connections')
    .select('id')
    .where('accountId', '=', tenant.accountId)
    .where('s1AccountId', '=', s1AccountId)
    .where('state', 'not in', GONE)
    .where('id', '!=', connectionId)
    .executeTakeFirst();
  return other !== undefined;
}

/**
 * By the api, of a creation that it has given up: refused as `command_expired`, its token destroyed. Returns false, and
 * does nothing, when it was accepted or refused before. A workflow that comes to it later finds that it has been
 * refused.
 */
export async function giveUpCreation({ db }: Tenant, connectionId: string): Promise<boolean> {
  const { rows } = await sql<{ givenUp: boolean }>`select give_up_creation(${connectionId}) as given_up`.execute(db);
  return rows[0]?.givenUp === true;
}

/** The end of a connection that was never accepted. Returns whether it was this call that ended it. */
export async function refuse(tenant: Tenant, connectionId: string, code: string): Promise<boolean> {
  const { numUpdatedRows } = await update(tenant, connectionId)
    .set({ state: 'refused', stateSeq: sql`state_seq + 1`, stateCause: code, refusalCode: code, endedAt: sql`now()` })
    .where('state', '=', 'validating')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function savePermissions(
  tenant: Tenant,
  connectionId: string,
  permissions: readonly PermissionCheck[],
): Promise<void> {
  await update(tenant, connectionId)
    .set({ permissions: JSON.stringify(permissions) })
    .execute();
}

/** Null: not to be seen with this token. What was known before is then no longer sure. */
export async function saveSyslogTaken(
  tenant: Tenant,
  connectionId: string,
  syslogTaken: boolean | null,
): Promise<void> {
  await update(tenant, connectionId).set({ syslogTaken }).execute();
}

export interface StateProjection {
  readonly stateSeq: number;
  readonly state: ConnectionState;
  readonly pauseReasons: readonly PauseReason[];
  readonly cause: string;
}

/**
 * Writes the state unless a later one is there already. Returns whether it was written. The end of a connection waits
 * for its open pages, so that none is stored beside those of a connection that takes its place.
 */
export async function projectState(tenant: Tenant, connectionId: string, to: StateProjection): Promise<boolean> {
  if (to.state === 'disconnected') await lockRouting(tenant, connectionId, 'exclusive');
  const { numUpdatedRows } = await update(tenant, connectionId)
    .set({
      state: to.state,
      stateSeq: to.stateSeq,
      pauseReasons: [...to.pauseReasons],
      stateCause: to.cause,
      ...(ENDED.includes(to.state) ? { endedAt: sql`coalesce(ended_at, now())` } : {}),
    })
    .where('stateSeq', '<', to.stateSeq)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function setCredential(tenant: Tenant, connectionId: string, credentialId: string): Promise<void> {
  await update(tenant, connectionId).set({ credentialId }).execute();
}

export interface SettingsChange {
  readonly pollIntervalSeconds?: number;
  readonly defaultOrganizationId?: string;
}

export async function changeSettings(tenant: Tenant, connectionId: string, change: SettingsChange): Promise<void> {
  if (Object.keys(change).length > 0) await update(tenant, connectionId).set(change).execute();
}

/** By the api: a name moves nothing, and has no business in Temporal's payloads. */
export async function renameConnection(tenant: Tenant, connectionId: string, name: string): Promise<void> {
  await update(tenant, connectionId).set({ name }).execute();
}

export async function setMappingVersion(tenant: Tenant, connectionId: string, version: number): Promise<void> {
  await update(tenant, connectionId).set({ mappingVersion: version }).execute();
}

/** The console's clock as a poll went by it. */
export interface PollClock {
  readonly consoleAheadMs: number;
  /** How far its replies were off; null when they were not. */
  readonly clockDoubtMs: number | null;
}

/** A chain of pages reached its end: the connection is healthy, and collected through this instant of the console. */
export async function recordCollectedThrough(
  tenant: Tenant,
  connectionId: string,
  through: string,
  clock: PollClock = { consoleAheadMs: 0, clockDoubtMs: null },
): Promise<void> {
  await update(tenant, connectionId)
    .set({
      ...clock,
      collectedThrough: sql`greatest(collected_through, ${through}::timestamptz)`,
      lastPollAt: sql`now()`,
      consecutiveFailures: 0,
      degradedSince: null,
      failureCode: null,
      nextTryAt: null,
    })
    .execute();
}

/** Counts one more failed attempt and returns how many there have been in a row. */
export async function countFailure(tenant: Tenant, connectionId: string, code: string): Promise<number> {
  const row = await update(tenant, connectionId)
    .set({
      consecutiveFailures: sql`consecutive_failures + 1`,
      failureCode: code,
      lastPollAt: sql`now()`,
    })
    .returning('consecutiveFailures')
    .executeTakeFirst();
  return row?.consecutiveFailures ?? 1;
}

/** What people see while the upstream is away: since when, and when the next try comes. Returns what is known of it. */
export async function recordNextTry(
  tenant: Tenant,
  connectionId: string,
  next: { readonly nextTryInMs: number; readonly degraded: boolean },
): Promise<Pick<ConnectionRow, 'degradedSince' | 'collectedThrough'> | undefined> {
  return update(tenant, connectionId)
    .set({
      nextTryAt: sql`now() + ${next.nextTryInMs} * interval '1 millisecond'`,
      ...(next.degraded ? { degradedSince: sql`coalesce(degraded_since, now())` } : {}),
    })
    .returning(['degradedSince', 'collectedThrough'])
    .executeTakeFirst();
}

function update(tenant: Tenant, connectionId: string) {
  return tenant.db.updateTable('connections').where('accountId', '=', tenant.accountId).where('id', '=', connectionId);
}
