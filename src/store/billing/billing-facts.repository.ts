// The rows that a month's statement is made from. Days are worked out by PostgreSQL, as they were when the counts were
// written; nothing here adds anything up.
import { type RawBuilder, sql } from 'kysely';
import type { DailyCount, MappingFact, MonthFacts, OrganizationFacts, SiteFacts } from '../../domain/billing/facts.js';
import { dayBefore, firstDayOf, lastDayOf } from '../../domain/billing/month.js';
import type { Tenant } from '../tenant.js';
import { billingDay, billingSettingsFor } from './billing-settings.repository.js';

/** As they are known at `at`, by default now; a month that is over is the same at any later time. */
export async function readMonthFacts(tenant: Tenant, month: string, at?: string): Promise<MonthFacts> {
  const { basis, timeZone } = await billingSettingsFor(tenant, month);
  const [firstDay, lastDay] = [firstDayOf(month), lastDayOf(month)];
  const yesterday = dayBefore(await billingDay(tenant, at));
  return {
    month,
    basis,
    timeZone,
    lastWholeDay: yesterday < lastDay ? yesterday : lastDay,
    counts: await readDailyCounts(tenant, firstDay, lastDay),
    sites: await readSites(tenant),
    mappings: await readMappings(tenant, lastDay),
    organizations: await readOrganizations(tenant),
  };
}

/** Every row of these days, both included: a month, or a year. */
export async function readDailyCounts(
  { db, accountId }: Tenant,
  firstDay: string,
  lastDay: string,
): Promise<DailyCount[]> {
  const { rows } = await countsStatement(accountId, firstDay, lastDay).execute(db);
  return rows;
}

/**
 * The statement itself, which a test explains. Each day is a range of the index; `offset 0` keeps PostgreSQL from
 * joining all days at once, for which it reads the whole table, everybody's, as soon as the days are a good part of it.
 */
export const countsStatement = (accountId: string, firstDay: string, lastDay: string): RawBuilder<DailyCount> =>
  sql<DailyCount>`
    select counted.connection_id, counted.site_id, counted.day, counted.organization_id, counted.first_count as first,
           counted.last_count as last, counted.peak_count as peak, counted.first_at, counted.last_at
      from generate_series(${firstDay}::timestamp, ${lastDay}::timestamp, interval '1 day') as date
      cross join lateral (
        select * from license_counts where account_id = ${accountId} and day = date::date offset 0
      ) as counted`;

/** The first day with a reading; null before there is one. */
export async function firstReadingDay({ db, accountId }: Tenant): Promise<string | null> {
  const row = await db
    .selectFrom('licenseCounts')
    .select(({ fn }) => fn.min('day').as('day'))
    .where('accountId', '=', accountId)
    .executeTakeFirst();
  return row?.day ?? null;
}

/** Each site's life in days: from when it could be read, to when it or its connection ended. */
export const SITE_LIVES = sql`
  select sites.account_id, sites.connection_id, sites.site_id, life.first_day,
         case when sites.deleted_at <= sites.first_seen_at then life.first_day - 1
              else least(billing_day(sites.account_id, connections.ended_at),
                         billing_day(sites.account_id, sites.deleted_at)) end as last_day
    from sites
    join connections on connections.account_id = sites.account_id and connections.id = sites.connection_id
    cross join lateral (
      select billing_day(sites.account_id, greatest(connections.created_at, sites.first_seen_at)) as first_day
    ) as life`;

/**
 * The whole days between a site's end and its return. It was there on the day of its end and on that of its return; one
 * that was deleted already when it was first seen was not there before it returned.
 */
export const SITE_ABSENCES = sql`
  select absence.account_id, absence.connection_id, absence.site_id,
         billing_day(absence.account_id, absence.gone_at)
           + case when absence.gone_at <= sites.first_seen_at then 0 else 1 end as first_day,
         billing_day(absence.account_id, absence.returned_at) - 1 as last_day
    from site_absences as absence
    join sites using (account_id, connection_id, site_id)`;

async function readSites({ db, accountId }: Tenant): Promise<SiteFacts[]> {
  const { rows } = await sql<SiteFacts>`
    select sites.connection_id, connections.name as connection_name, sites.site_id, sites.name as site_name,
           lives.first_day, lives.last_day,
           coalesce((select jsonb_agg(jsonb_build_object('firstDay', first_day, 'lastDay', last_day) order by first_day)
                       from (${SITE_ABSENCES}) as absent
                      where absent.account_id = lives.account_id and absent.connection_id = lives.connection_id
                        and absent.site_id = lives.site_id and absent.first_day <= absent.last_day), '[]') as absences
      from (${SITE_LIVES}) as lives
      join sites using (account_id, connection_id, site_id)
      join connections on connections.account_id = sites.account_id and connections.id = sites.connection_id
     where lives.account_id = ${accountId}`.execute(db);
  return rows;
}

async function readMappings({ db, accountId }: Tenant, lastDay: string): Promise<MappingFact[]> {
  const { rows } = await sql<MappingFact>`
    select connection_id, site_id, version, day, committed_at as at, organization_id
      from mapping_history, lateral (select billing_day(account_id, committed_at) as day) as committed
     where account_id = ${accountId} and site_id is not null and day <= ${lastDay}::date
     order by connection_id, version, site_id`.execute(db);
  return rows;
}

function readOrganizations({ db, accountId }: Tenant): Promise<OrganizationFacts[]> {
  return db
    .selectFrom('organizations')
    .select(['id', 'name', 'externalKey'])
    .where('accountId', '=', accountId)
    .execute();
}
