// Sites as SentinelOne lists them. A site that SentinelOne no longer lists stays, marked deleted, with its mapping.
import { sql } from 'kysely';
import { lockRouting } from '../connection-lock.js';
import type { Tenant } from '../tenant.js';

export interface SyncedSite {
  readonly id: string;
  readonly name: string | null;
  readonly state: string | null;
  readonly activeLicenses: number | null;
}

export interface SiteTotals {
  readonly total: number;
  readonly mapped: number;
}

/**
 * Writes what SentinelOne lists now; sites it does not list become `deleted`, unless the list may not be whole. Between
 * two pages, because pages lock and add sites as well, in an order of their own: side by side the two could wait for
 * each other.
 */
export async function syncSites(
  tenant: Tenant,
  connectionId: string,
  sites: readonly SyncedSite[],
  { isWhole = true }: { readonly isWhole?: boolean } = {},
): Promise<void> {
  await lockRouting(tenant, connectionId, 'exclusive');
  // A list that changes while its pages are read can name a site twice; one statement may touch a row once.
  const ordered = [...new Map(sites.map((site) => [site.id, site])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const values = [
    ordered.map((site) => site.id),
    ordered.map((site) => site.name),
    ordered.map((site) => site.state ?? 'unknown'),
    ordered.map((site) => site.activeLicenses),
  ];
  await noteReturns(tenant, connectionId, ordered);
  await sql`
    insert into sites (account_id, connection_id, site_id, name, state, active_licenses, synced_at, deleted_at)
    select ${tenant.accountId}, ${connectionId}, site_id, name, state, active_licenses, now(),
           case when state = 'deleted' then now() end
      from unnest(${values[0]}::text[], ${values[1]}::text[], ${values[2]}::text[], ${values[3]}::int[])
        as listed (site_id, name, state, active_licenses)
    on conflict (account_id, connection_id, site_id) do update set
      name = coalesce(excluded.name, sites.name), state = excluded.state,
      active_licenses = excluded.active_licenses, synced_at = excluded.synced_at,
      deleted_at = case when excluded.state = 'deleted' then coalesce(sites.deleted_at, excluded.deleted_at) end
  `.execute(tenant.db);
  if (!isWhole) return;
  await tenant.db
    .updateTable('sites')
    .set({ state: 'deleted', deletedAt: sql`now()` })
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('state', '!=', 'deleted')
    .where(sql<boolean>`site_id <> all (${values[0]}::text[])`)
    .execute();
}

/** Remembers from when to when those were away that are listed again. */
async function noteReturns(tenant: Tenant, connectionId: string, listed: readonly SyncedSite[]): Promise<void> {
  const present = listed.filter(({ state }) => state !== 'deleted').map(({ id }) => id);
  await sql`
    insert into site_absences (account_id, connection_id, site_id, gone_at, returned_at)
    select account_id, connection_id, site_id, deleted_at, now() from sites
     where account_id = ${tenant.accountId} and connection_id = ${connectionId}
       and deleted_at is not null and site_id = any (${present}::text[])`.execute(tenant.db);
}

/** The sites that were listed so far and not as deleted. */
export async function livingSiteIds(tenant: Tenant, connectionId: string): Promise<string[]> {
  const rows = await tenant.db
    .selectFrom('sites')
    .select('siteId')
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('state', '!=', 'deleted')
    .execute();
  return rows.map(({ siteId }) => siteId);
}

export interface SiteView {
  readonly siteId: string;
  readonly siteName: string | null;
  readonly state: string;
  /** SentinelOne's `activeLicenses`; null when it was not told. */
  readonly licenseCount: number | null;
  readonly organizationId: string | null;
  readonly discarded: { readonly count: number; readonly first: string | null; readonly last: string | null };
}

/** The sites of a connection by name, with where each is mapped and what was discarded of it. */
export async function listSites(tenant: Tenant, connectionId: string): Promise<SiteView[]> {
  const rows = await tenant.db
    .selectFrom('sites')
    .select(['sites.siteId', 'sites.name', 'sites.state', 'sites.activeLicenses'])
    .select(['sites.discardedCount', 'sites.firstDiscardedAt', 'sites.lastDiscardedAt'])
    .select((select) =>
      select // a subquery for the same reason as in countSites
        .selectFrom('siteMappings')
        .select('siteMappings.organizationId')
        .whereRef('siteMappings.accountId', '=', 'sites.accountId')
        .whereRef('siteMappings.connectionId', '=', 'sites.connectionId')
        .whereRef('siteMappings.siteId', '=', 'sites.siteId')
        .as('organizationId'),
    )
    .where('sites.accountId', '=', tenant.accountId)
    .where('sites.connectionId', '=', connectionId)
    .orderBy('sites.name')
    .orderBy('sites.siteId')
    .execute();
  return rows.map((row) => ({
    siteId: row.siteId,
    siteName: row.name,
    state: row.state,
    licenseCount: row.activeLicenses,
    organizationId: row.organizationId,
    discarded: { count: row.discardedCount, first: row.firstDiscardedAt, last: row.lastDiscardedAt },
  }));
}

/**
 * How many sites there are that could be mapped, and how many are. Deleted sites count only while they are mapped. Not
 * a join: right after a large change, before PostgreSQL has statistics, it compared every site with every mapping
 * (12,000: 36 s).
 */
export async function countSites(tenant: Tenant, connectionId: string): Promise<SiteTotals> {
  const { rows } = await sql<SiteTotals>`
    with mapped as (
      select site_id from site_mappings where account_id = ${tenant.accountId} and connection_id = ${connectionId}
    )
    select count(*) filter (where state <> 'deleted' or site_id in (select site_id from mapped)) as total,
           (select count(*) from mapped) as mapped
      from sites where account_id = ${tenant.accountId} and connection_id = ${connectionId}`.execute(tenant.db);
  return rows[0] ?? { total: 0, mapped: 0 };
}

/**
 * Sets the discard counters of these sites from the ledger, after rows have left it. The caller holds the exclusive
 * routing lock.
 */
export async function refreshDiscardSpans(
  tenant: Tenant,
  connectionId: string,
  siteIds: readonly string[],
): Promise<void> {
  await sql`
    update sites set discarded_count = ledger.rows, first_discarded_at = ledger.first, last_discarded_at = ledger.last
      from unnest(${[...siteIds]}::text[]) as chosen (site_id)
      cross join lateral (
        select count(*) as rows, min(occurred_at) as first, max(occurred_at) as last from discards
         where account_id = ${tenant.accountId} and connection_id = ${connectionId} and discards.site_id = chosen.site_id
      ) as ledger
     where sites.account_id = ${tenant.accountId} and sites.connection_id = ${connectionId}
       and sites.site_id = chosen.site_id`.execute(tenant.db);
}
