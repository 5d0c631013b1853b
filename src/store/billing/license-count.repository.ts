// License counts by site and day of the account's calendar, kept apart by the organization that owned the site then. A
// remap inside a day makes a second row. SentinelOne's null is a missing reading and writes nothing.
import { sql } from 'kysely';
import type { Tenant } from '../tenant.js';

export interface LicenseReading {
  readonly siteId: string;
  readonly activeLicenses: number | null;
}

/**
 * Returns how many sites had a reading. The sites are known to the connection. `at` is when they were read, by default
 * now.
 */
export async function recordLicenseCounts(
  tenant: Tenant,
  connectionId: string,
  readings: readonly LicenseReading[],
  at?: string,
): Promise<number> {
  // A list that changes while its pages are read can name a site twice; one statement may touch a row once.
  const counted = [...new Map(readings.map((reading) => [reading.siteId, reading])).values()]
    .filter((reading): reading is LicenseReading & { activeLicenses: number } => reading.activeLicenses !== null)
    .sort((a, b) => (a.siteId < b.siteId ? -1 : 1));
  if (counted.length === 0) return 0;
  await sql`
    insert into license_counts
      (account_id, connection_id, site_id, day, organization_id, first_count, last_count, peak_count, first_at, last_at)
    select accounts.id, ${connectionId}, reading.site_id, moment.day,
           (select organization_id from site_mappings as mapping
             where mapping.account_id = accounts.id and mapping.connection_id = ${connectionId}
               and mapping.site_id = reading.site_id),
           reading.count, reading.count, reading.count, moment.at, moment.at
      from accounts
      cross join lateral (select billing_day(accounts.id, instant.at) as day, instant.at
                            from (select coalesce(${at ?? null}::timestamptz, now()) as at) as instant) as moment
      cross join unnest(${counted.map((c) => c.siteId)}::text[], ${counted.map((c) => c.activeLicenses)}::int[])
        as reading (site_id, count)
     where accounts.id = ${tenant.accountId}
     order by reading.site_id
    on conflict (account_id, day, connection_id, site_id, organization_id) do update set
      last_count = case when excluded.last_at >= license_counts.last_at then excluded.last_count else license_counts.last_count end,
      peak_count = greatest(license_counts.peak_count, excluded.peak_count),
      last_at = greatest(license_counts.last_at, excluded.last_at)`.execute(tenant.db);
  return counted.length;
}
