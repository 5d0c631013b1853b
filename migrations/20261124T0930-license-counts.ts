// One row per site, day and owning organization (or none): a remap inside a day makes a second row. `day` is the
// account's calendar day.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table license_counts (
      account_id uuid not null,
      connection_id uuid not null,
      site_id text not null,
      day date not null,
      organization_id uuid,
      first_count integer not null,
      last_count integer not null,
      peak_count integer not null,
      first_at timestamptz not null,
      last_at timestamptz not null,
      unique nulls not distinct (account_id, day, connection_id, site_id, organization_id),
      foreign key (account_id, connection_id, site_id) references sites (account_id, connection_id, site_id),
      foreign key (account_id, organization_id) references organizations (account_id, id)
    )`.execute(db);
  await sql`alter table license_counts enable row level security`.execute(db);
  await sql`
    create policy tenant on license_counts to sentinelone_api
      using (account_id = app_account_id() and app_sees_organization(organization_id))`.execute(db);
  await sql`grant select on license_counts to sentinelone_api`.execute(db);
}
