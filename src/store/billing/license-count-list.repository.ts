// The list of license counts by day, site and organization, with a row for each day that was not read. One statement:
// the readings of a page come from the index in its order, and missing days are worked out only as far as the page
// reaches, each looked up by itself (`limit 1`): joined all at once they would make PostgreSQL read the whole table.
import { type RawBuilder, sql } from 'kysely';
import type { Tenant } from '../tenant.js';
import { SITE_ABSENCES, SITE_LIVES } from './billing-facts.repository.js';

export interface CountFilter {
  /** Both included. */
  readonly from: string;
  readonly to: string;
  readonly siteId?: string | undefined;
  readonly connectionId?: string | undefined;
  /** On a day without a reading: whoever the site was mapped to. */
  readonly organizationId?: string | undefined;
  /** Day, connection, site and organization (or nothing) of the last row of the page before. */
  readonly after: readonly [day: string, connectionId: string, siteId: string, organizationId: string] | null;
  readonly limit: number;
  /** From which on nothing is missing yet; by default now. */
  readonly at?: string;
}

export interface ListedCount {
  readonly day: string;
  readonly connectionId: string;
  readonly connectionName: string;
  readonly siteId: string;
  readonly siteName: string | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  /** Nothing was read on this day; the counts and times are null. */
  readonly missing: boolean;
  readonly first: number | null;
  readonly last: number | null;
  readonly peak: number | null;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Holds the day's last reading: of a site's rows of one day this one is billed. */
  readonly ownsDay: boolean;
}

/** In order of day, connection, site and organization. */
export async function listLicenseCounts(tenant: Tenant, filter: CountFilter): Promise<ListedCount[]> {
  const { rows } = await listStatement(tenant.accountId, filter).execute(tenant.db);
  return rows;
}

/** The statement itself, which a test explains. */
export function listStatement(accountId: string, filter: CountFilter): RawBuilder<ListedCount> {
  const { from, to, after, limit, at = null } = filter;
  const start = after === null ? from : after[0];
  return sql<ListedCount>`
    with readings as materialized (
      select * from license_counts as row
       where row.account_id = ${accountId} and row.day between ${start}::date and ${to}::date
         ${chosen(filter)} ${organization(sql`row.organization_id`, filter)} ${behind(after)}
       order by row.day, row.connection_id, row.site_id, row.organization_id
       limit ${limit}
    ), reach as (
      select case when count(*) < ${limit} then ${to}::date else max(day) end as day from readings
    ), lives as materialized (
      select * from (${SITE_LIVES}) as row where row.account_id = ${accountId} ${chosen(filter)}
    ), missing as (
      select row.account_id, dates.day, row.connection_id, row.site_id, mapped.organization_id
        from lives as row
        cross join reach
        cross join lateral (
          select day::date from generate_series(
            greatest(row.first_day, ${start}::date)::timestamp,
            least(row.last_day, reach.day, billing_day(row.account_id, coalesce(${at}::timestamptz, now())) - 1)::timestamp, interval '1 day') as day
        ) as dates
        left join lateral (
          select true as found from license_counts as read
           where read.account_id = row.account_id and read.connection_id = row.connection_id
             and read.site_id = row.site_id and read.day = dates.day
           limit 1
        ) as read on true
        left join lateral (
          select organization_id from mapping_history as history
           where history.account_id = row.account_id and history.connection_id = row.connection_id
             and history.site_id = row.site_id and billing_day(history.account_id, history.committed_at) <= dates.day
           order by version desc limit 1
        ) as mapped on true
       where read.found is null
         and not exists (
           select from (${SITE_ABSENCES}) as absent
            where absent.account_id = row.account_id and absent.connection_id = row.connection_id
              and absent.site_id = row.site_id and dates.day between absent.first_day and absent.last_day)
         ${organization(sql`mapped.organization_id`, filter)}
    ), listed as (
      select account_id, day, connection_id, site_id, organization_id, false as missing,
             first_count as first, last_count as last, peak_count as peak, first_at, last_at
        from readings
      union all
      select row.account_id, row.day, row.connection_id, row.site_id, row.organization_id, true, null, null, null, null, null
        from missing as row where true ${behind(after)}
       order by day, connection_id, site_id, organization_id
       limit ${limit}
    )
    select row.day, row.connection_id, connections.name as connection_name, row.site_id, sites.name as site_name,
           row.organization_id, organizations.name as organization_name, row.missing,
           row.first, row.last, row.peak, row.first_at, row.last_at,
           not row.missing and row.organization_id is not distinct from (
             select owner.organization_id from license_counts as owner
              where owner.account_id = row.account_id and owner.day = row.day
                and owner.connection_id = row.connection_id and owner.site_id = row.site_id
              order by owner.last_at desc, owner.first_at desc, owner.organization_id desc nulls last limit 1
           ) as owns_day
      from listed as row
      join sites using (account_id, connection_id, site_id)
      join connections on connections.account_id = row.account_id and connections.id = row.connection_id
      left join organizations on organizations.account_id = row.account_id and organizations.id = row.organization_id
     order by row.day, row.connection_id, row.site_id, row.organization_id`;
}

function chosen({ connectionId, siteId }: CountFilter): RawBuilder<unknown> {
  const ofConnection = connectionId === undefined ? sql`` : sql`and row.connection_id = ${connectionId}`;
  return siteId === undefined ? ofConnection : sql`${ofConnection} and row.site_id = ${siteId}`;
}

const organization = (column: RawBuilder<unknown>, { organizationId }: CountFilter): RawBuilder<unknown> =>
  organizationId === undefined ? sql`` : sql`and ${column} = ${organizationId}`;

/** Rows without an organization come last of their site's day, as the index has them. */
function behind(after: CountFilter['after']): RawBuilder<unknown> {
  if (after === null) return sql``;
  const [day, connectionId, siteId, organizationId] = after;
  const key = sql`(row.day, row.connection_id, row.site_id)`;
  const same = sql`(${day}::date, ${connectionId}::uuid, ${siteId}::text)`;
  const later =
    organizationId === ''
      ? sql`false`
      : sql`(row.organization_id > ${organizationId}::uuid or row.organization_id is null)`;
  return sql`and ${key} >= ${same} and (${key} > ${same} or ${later})`;
}
