// The connections table. The state columns belong to the workflow's projection, the health columns to the polls, the
// counters to the ingest transaction; each writer has its own statement here.
import { sql, type Selectable } from 'kysely';
import type { ConnectionState } from '../domain/connection.js';
import type { PauseReason } from '../domain/failures.js';
import type { PermissionCheck } from '../domain/permissions.js';
import { lockRouting } from './connection-lock.js';
import type { ConnectionsTable } from './schema.js';
import type { Tenant } from './tenant.js';

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

const UNLISTED: readonly ConnectionState[] = ['validating', 'refused'];

/** Oldest first; connections that were never accepted are not listed. */
export async function listConnections(tenant: Tenant): Promise<ConnectionRow[]> {
  return tenant.db
    .selectFrom('connections')
    .selectAll()
    .where('accountId', '=', tenant.accountId)
    .where('state', 'not in', UNLISTED)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

/** What validation learned. The unique index refuses a second live connection to the same SentinelOne account. */
export async function acceptConnection(
  tenant: Tenant,
  connectionId: string,
  facts: { readonly s1AccountId: string; readonly s1AccountName: string | null; readonly collectFrom: string },
): Promise<void> {
  await update(tenant, connectionId)
    .set({
      s1AccountId: facts.s1AccountId,
      s1AccountName: facts.s1AccountName,
      collectFrom: sql`coalesce(collect_from, ${facts.collectFrom}::timestamptz)`,
    })
    .execute();
}

/** The end of a connection that was never accepted. Returns whether it was this call that ended it. */
export async function refuse(tenant: Tenant, connectionId: string, code: string): Promise<boolean> {
  const { numUpdatedRows } = await update(tenant, connectionId)
    .set({ state: 'refused', stateSeq: sql`state_seq + 1`, stateCause: code, refusalCode: code })
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

export interface StateProjection {
  readonly stateSeq: number;
  readonly state: ConnectionState;
  readonly pauseReasons: readonly PauseReason[];
  readonly cause: string;
}

/**
 * Writes the state unless a later one is there already. Returns whether it was written. The end of a connection waits for its
 * open pages, so that none is stored beside those of a connection that takes its place.
 */
export async function projectState(tenant: Tenant, connectionId: string, to: StateProjection): Promise<boolean> {
  if (to.state === 'disconnected') await lockRouting(tenant, connectionId, 'exclusive');
  const { numUpdatedRows } = await update(tenant, connectionId)
    .set({
      state: to.state,
      stateSeq: to.stateSeq,
      pauseReasons: [...to.pauseReasons],
      stateCause: to.cause,
    })
    .where('stateSeq', '<', to.stateSeq)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function setCredential(tenant: Tenant, connectionId: string, credentialId: string): Promise<void> {
  await update(tenant, connectionId).set({ credentialId }).execute();
}

export interface SettingsChange {
  readonly name?: string;
  readonly pollIntervalSeconds?: number;
  readonly defaultOrganizationId?: string;
}

export async function changeSettings(tenant: Tenant, connectionId: string, change: SettingsChange): Promise<void> {
  if (Object.keys(change).length > 0) await update(tenant, connectionId).set(change).execute();
}

export async function setMappingVersion(tenant: Tenant, connectionId: string, version: number): Promise<void> {
  await update(tenant, connectionId).set({ mappingVersion: version }).execute();
}

/** A chain of pages reached its end: the connection is healthy, and collected through this instant of the console. */
export async function recordCollectedThrough(tenant: Tenant, connectionId: string, through: string): Promise<void> {
  await update(tenant, connectionId)
    .set({
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

/** What people see while the upstream is away: since when, and when the next try comes. */
export async function recordNextTry(
  tenant: Tenant,
  connectionId: string,
  next: { readonly nextTryInMs: number; readonly degraded: boolean },
): Promise<void> {
  await update(tenant, connectionId)
    .set({
      nextTryAt: sql`now() + ${next.nextTryInMs} * interval '1 millisecond'`,
      ...(next.degraded ? { degradedSince: sql`coalesce(degraded_since, now())` } : {}),
    })
    .execute();
}

function update(tenant: Tenant, connectionId: string) {
  return tenant.db.updateTable('connections').where('accountId', '=', tenant.accountId).where('id', '=', connectionId);
}
