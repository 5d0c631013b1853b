// Which organization each site's activities go to. A change takes the connection's routing lock exclusively, so every
// page is stored wholly before or wholly after it, and each version is kept with its commit time.
import { sql } from 'kysely';
import { ConnectionGone } from '../errors.js';
import type { Tenant } from '../tenant.js';

export interface MappingChange {
  readonly siteId: string;
  readonly organizationId: string | null;
}

/**
 * Locks the connection's row; the caller holds the exclusive routing lock. Throws `ConnectionGone` when there is none.
 */
export async function readMappingVersion(tenant: Tenant, connectionId: string): Promise<number> {
  const row = await tenant.db
    .selectFrom('connections')
    .select('mappingVersion')
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', connectionId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new ConnectionGone();
  return row.mappingVersion;
}

/** The changed sites that this connection does not have. */
export async function unknownSites(
  tenant: Tenant,
  connectionId: string,
  changes: readonly MappingChange[],
): Promise<string[]> {
  const siteIds = changes.map((change) => change.siteId);
  const rows = await tenant.db
    .selectFrom('sites')
    .select('siteId')
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('siteId', '=', sql<string>`any (${siteIds})`)
    .execute();
  const known = new Set(rows.map((row) => row.siteId));
  return siteIds.filter((siteId) => !known.has(siteId));
}

/**
 * Writes the changes and their history. Sites and organizations are known to exist. As arrays, because an account may
 * have more sites than a statement has parameters for.
 */
export async function writeMapping(
  tenant: Tenant,
  mapping: {
    readonly connectionId: string;
    readonly version: number;
    readonly changes: readonly MappingChange[];
    readonly commandId: string;
  },
): Promise<void> {
  const { accountId, db } = tenant;
  const { connectionId, version, changes, commandId } = mapping;
  const removed = changes.filter((change) => change.organizationId === null).map((change) => change.siteId);
  if (removed.length > 0) {
    await db
      .deleteFrom('siteMappings')
      .where('accountId', '=', accountId)
      .where('connectionId', '=', connectionId)
      .where('siteId', '=', sql<string>`any (${removed})`)
      .execute();
  }
  const mapped = changes.filter((change) => change.organizationId !== null);
  if (mapped.length > 0) {
    await sql`
      insert into site_mappings (account_id, connection_id, site_id, organization_id)
      select ${accountId}, ${connectionId}, site_id, organization_id
        from unnest(${mapped.map((change) => change.siteId)}::text[],
                    ${mapped.map((change) => change.organizationId)}::uuid[]) as mapped (site_id, organization_id)
      on conflict (account_id, connection_id, site_id) do update set organization_id = excluded.organization_id
    `.execute(db);
  }
  const history = changes.map((change) => ({ ...change, version, connectionId, commandId }));
  await addMappingHistory(tenant, history);
}

/** `siteId` null says the default organization. */
export async function addMappingHistory(
  tenant: Tenant,
  rows: readonly {
    readonly connectionId: string;
    readonly version: number;
    readonly siteId: string | null;
    readonly organizationId: string | null;
    readonly commandId: string;
  }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into mapping_history (account_id, connection_id, version, site_id, organization_id, committed_at, command_id)
    select ${tenant.accountId}, connection_id, version, site_id, organization_id, clock_timestamp(), command_id
      from unnest(${rows.map((row) => row.connectionId)}::uuid[], ${rows.map((row) => row.version)}::int[],
                  ${rows.map((row) => row.siteId)}::text[], ${rows.map((row) => row.organizationId)}::uuid[],
                  ${rows.map((row) => row.commandId)}::text[])
        as history (connection_id, version, site_id, organization_id, command_id)`.execute(tenant.db);
}
