// How an account is billed, month by month: a change applies from the next month, so what was billed before stays
// explainable. The row of month `0001-01` is what held before the first change; an account without rows has never
// changed.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table billing_settings (
      account_id uuid not null references accounts,
      from_month text collate "C" not null check (from_month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
      basis text not null check (basis in ('closing', 'peak', 'average')),
      time_zone text not null,
      changed_at timestamptz not null default now(),
      primary key (account_id, from_month)
    )`.execute(db);
  await sql`alter table billing_settings enable row level security`.execute(db);
  await sql`
    create policy tenant on billing_settings to sentinelone_api
      using (app_sees_account(account_id)) with check (app_sees_account(account_id))`.execute(db);
  await sql`grant select, insert, update on billing_settings to sentinelone_api`.execute(db);

  // A new zone begins with its own first midnight of the month: the day never goes back, and each instant has one. Not
  // in SQL, whose functions are started anew for each of the thousands of instants of a list.
  await sql`
    create function billing_day(account uuid, instant timestamptz) returns date language plpgsql stable parallel safe as $$
      declare zone text;
      begin
        select settings.time_zone into zone from billing_settings settings
         where settings.account_id = account
           and to_char(instant at time zone settings.time_zone, 'YYYY-MM') >= settings.from_month
         order by settings.from_month desc limit 1;
        if zone is null then
          select accounts.time_zone into zone from accounts where accounts.id = account;
        end if;
        return (instant at time zone zone)::date;
      end $$`.execute(db);
  await sql`
    comment on function billing_day is 'the day of the account''s calendar that an instant is billed to'`.execute(db);
}
