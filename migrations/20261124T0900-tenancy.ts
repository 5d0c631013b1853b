// Accounts and organizations, and the role that the api takes on. Row-level security is enabled, not forced: the owner
// (migrate, worker) passes it, because only an owner may COPY into such a table; the api does `SET ROLE` and is bound.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Roles belong to the whole cluster, so another database may have made it already, or be making it right now, or an
  // administrator made it and granted it to an owner who may do neither.
  await sql`
    do $$ begin
      if to_regrole('sentinelone_api') is null then create role sentinelone_api nologin; end if;
    exception when duplicate_object or unique_violation then null;
    end $$`.execute(db);
  // From PostgreSQL 16 on, whoever creates a role may not step down to it without being told so.
  await sql`
    do $$ begin
      if not pg_has_role(current_user, 'sentinelone_api', 'SET') then
        grant sentinelone_api to current_user with inherit false, set true;
      end if;
    end $$`.execute(db);

  await sql`
    create function app_account_id() returns uuid language sql stable parallel safe as
      $$ select nullif(current_setting('app.account_id', true), '')::uuid $$`.execute(db);
  await sql`
    create function app_sees_organization(organization uuid) returns boolean language sql stable parallel safe as $$
      select current_setting('app.organization_ids', true) = 'all'
          or organization::text = any (string_to_array(current_setting('app.organization_ids', true), ','))
    $$`.execute(db);

  await sql`
    create function app_sees_account(account uuid) returns boolean language sql stable parallel safe as $$
      select account = app_account_id() and current_setting('app.organization_ids', true) = 'all'
    $$`.execute(db);

  await sql`
    create table accounts (
      id uuid primary key,
      name text not null check (name <> ''),
      time_zone text not null default 'UTC',
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table organizations (
      account_id uuid not null references accounts,
      id uuid not null,
      name text not null check (name <> ''),
      external_key text,
      created_at timestamptz not null default now(),
      deleted_at timestamptz,
      primary key (account_id, id)
    )`.execute(db);
  await sql`
    create unique index organizations_name on organizations (account_id, lower(name)) where deleted_at is null`.execute(
    db,
  );

  await sql`alter table accounts enable row level security`.execute(db);
  await sql`create policy tenant on accounts to sentinelone_api using (id = app_account_id())`.execute(db);
  await sql`alter table organizations enable row level security`.execute(db);
  await sql`
    create policy tenant on organizations to sentinelone_api
      using (account_id = app_account_id() and app_sees_organization(id))
      with check (app_sees_account(account_id))`.execute(db);
  // The api reads which migrations were applied before it says that it is ready.
  await sql`grant select on kysely_migration to sentinelone_api`.execute(db);
  await sql`grant usage on schema public to sentinelone_api`.execute(db);
  await sql`grant select on accounts to sentinelone_api`.execute(db);
  await sql`grant select, insert, update on organizations to sentinelone_api`.execute(db);
}
