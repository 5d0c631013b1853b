// When a site that SentinelOne had deleted, or did not list any more, was there again. On the days between there was
// nothing to read; `sites.deleted_at` says it of a site that has not come back.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table site_absences (
      account_id uuid not null,
      connection_id uuid not null,
      site_id text not null,
      gone_at timestamptz not null,
      returned_at timestamptz not null,
      primary key (account_id, connection_id, site_id, gone_at)
    )`.execute(db);
  await sql`
    alter table site_absences add foreign key (account_id, connection_id, site_id)
      references sites (account_id, connection_id, site_id)`.execute(db);
  await sql`alter table site_absences enable row level security`.execute(db);
  await sql`
    create policy tenant on site_absences for select to sentinelone_api using (app_sees_account(account_id))`.execute(
    db,
  );
  await sql`grant select on site_absences to sentinelone_api`.execute(db);
}
