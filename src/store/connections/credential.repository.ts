// API tokens, encrypted. A destroyed credential keeps its last four characters and its dates, never its token.
import { sql } from 'kysely';
import type { PermissionCheck } from '../../domain/connection/permissions.js';
import type { Tenant } from '../tenant.js';
import type { ConnectionRow } from './connection.repository.js';

export interface NewCredential {
  readonly id: string;
  readonly connectionId: string;
  readonly tokenJwe: string;
  readonly lastFour: string;
}

export interface StoredCredential {
  readonly id: string;
  readonly tokenJwe: string;
  readonly expiresAt: string | null;
}

/** Inserts a token that waits to be accepted; maintenance destroys it when nobody does within the hour. */
export async function insertPendingCredential(tenant: Tenant, credential: NewCredential): Promise<void> {
  await tenant.db
    .insertInto('credentials')
    .values({ accountId: tenant.accountId, ...credential, pendingUntil: sql`now() + interval '1 hour'` as never })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Only the connection's own credential that still has its token. */
export async function findCredential(
  tenant: Tenant,
  connectionId: string,
  credentialId: string,
): Promise<StoredCredential | undefined> {
  const row = await tenant.db
    .selectFrom('credentials')
    .select(['id', 'tokenJwe', 'expiresAt'])
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('id', '=', credentialId)
    .executeTakeFirst();
  return row?.tokenJwe == null ? undefined : { ...row, tokenJwe: row.tokenJwe };
}

export interface ConnectionWithToken {
  readonly connection: ConnectionRow;
  readonly credential: StoredCredential;
}

/**
 * A connection with its current credential, or with another of its own. Undefined when either is not there, or has no
 * token any more. One statement, because a new token may take over at any moment: between two reads the first would
 * name a credential that the second finds destroyed.
 */
export async function findConnectionWithToken(
  tenant: Tenant,
  connectionId: string,
  wantedCredentialId: string | null,
): Promise<ConnectionWithToken | undefined> {
  const row = await tenant.db
    .selectFrom('connections')
    .innerJoin('credentials', (join) =>
      join
        .onRef('credentials.accountId', '=', 'connections.accountId')
        .onRef('credentials.connectionId', '=', 'connections.id')
        .on('credentials.id', '=', sql<string>`coalesce(${wantedCredentialId}::uuid, connections.credential_id)`),
    )
    .selectAll('connections')
    .select(['credentials.id as tokenId', 'credentials.tokenJwe', 'credentials.expiresAt as tokenExpiresAt'])
    .where('connections.accountId', '=', tenant.accountId)
    .where('connections.id', '=', connectionId)
    .executeTakeFirst();
  if (row?.tokenJwe == null) return undefined;
  const { tokenId: id, tokenJwe, tokenExpiresAt: expiresAt, ...connection } = row;
  return { connection, credential: { id, tokenJwe, expiresAt } };
}

/** When the connection's current credential expires, or did; also after it was destroyed. */
export async function findExpiryOfCurrent(tenant: Tenant, connectionId: string): Promise<string | null> {
  const row = await tenant.db
    .selectFrom('credentials')
    .innerJoin('connections', (join) =>
      join
        .onRef('connections.accountId', '=', 'credentials.accountId')
        .onRef('connections.credentialId', '=', 'credentials.id'),
    )
    .select('credentials.expiresAt')
    .where('connections.accountId', '=', tenant.accountId)
    .where('connections.id', '=', connectionId)
    .executeTakeFirst();
  return row?.expiresAt ?? null;
}

/** False when its token has been destroyed meanwhile, because it had waited for too long. */
export async function markAccepted(tenant: Tenant, credentialId: string, expiresAt: string | null): Promise<boolean> {
  const { numUpdatedRows } = await tenant.db
    .updateTable('credentials')
    .set({ pendingUntil: null, expiresAt })
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', credentialId)
    .where('destroyedAt', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** The checklist of a token that was refused for it; the connection's own is about the token that stays. */
export async function saveRefusedPermissions(
  tenant: Tenant,
  credentialId: string,
  permissions: readonly PermissionCheck[],
): Promise<void> {
  await tenant.db
    .updateTable('credentials')
    .set({ permissions: JSON.stringify(permissions) })
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', credentialId)
    .execute();
}

export async function findRefusedPermissions(tenant: Tenant, credentialId: string): Promise<PermissionCheck[] | null> {
  const row = await tenant.db
    .selectFrom('credentials')
    .select('permissions')
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', credentialId)
    .executeTakeFirst();
  return row?.permissions ?? null;
}

/**
 * Destroys one credential of the connection, or all of them but one and those that were sent after it and still wait.
 */
export async function destroyCredentials(
  tenant: Tenant,
  connectionId: string,
  which: { readonly only: string } | { readonly allBut: string | null },
): Promise<void> {
  let query = tenant.db
    .updateTable('credentials')
    .set({ tokenJwe: null, destroyedAt: sql`now()`, pendingUntil: null })
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('destroyedAt', 'is', null);
  if ('only' in which) query = query.where('id', '=', which.only);
  else if (which.allBut !== null) query = query.where('id', '!=', which.allBut).where(isNoLaterOffer(which.allBut));
  await query.execute();
}

/** Several may have been left for a worker that was away: the latest is the one that is meant. */
const isNoLaterOffer = (kept: string) => sql<boolean>`not (
  pending_until is not null
  and created_at > (select k.created_at from credentials k where k.account_id = credentials.account_id and k.id = ${kept}))`;
