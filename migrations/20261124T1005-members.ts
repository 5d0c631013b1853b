// Who may act for an account: its people, the keys of its scripts, and invitations not yet accepted. Each has a role;
// `org_user` is bound to organizations by composite foreign keys, which no foreign organization can pass.
import { type Kysely, sql } from 'kysely';

const ROLE = sql`check (role in ('admin', 'security_engineer', 'finance', 'read_only', 'org_user'))`;

export async function up(db: Kysely<unknown>): Promise<void> {
  // One account a person: a session says who it is, and nobody has to choose.
  await sql`
    create table memberships (
      account_id uuid not null references accounts,
      user_id uuid not null unique references auth_users on delete cascade,
      role text not null ${ROLE},
      created_at timestamptz not null default now(),
      primary key (account_id, user_id)
    )`.execute(db);
  await sql`
    create table membership_organizations (
      account_id uuid not null,
      user_id uuid not null,
      organization_id uuid not null,
      primary key (account_id, user_id, organization_id),
      foreign key (account_id, user_id) references memberships (account_id, user_id) on delete cascade,
      foreign key (account_id, organization_id) references organizations (account_id, id)
    )`.execute(db);

  await sql`
    create table api_keys (
      account_id uuid not null references accounts,
      id uuid not null,
      key text not null unique check (key <> '' and key not like '%:%'),
      name text not null check (name <> ''),
      role text not null ${ROLE},
      secret_sha256 bytea not null check (length(secret_sha256) = 32),
      created_at timestamptz not null default now(),
      created_by text not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      primary key (account_id, id)
    )`.execute(db);
  await sql`
    create table api_key_organizations (
      account_id uuid not null,
      api_key_id uuid not null,
      organization_id uuid not null,
      primary key (account_id, api_key_id, organization_id),
      foreign key (account_id, api_key_id) references api_keys (account_id, id) on delete cascade,
      foreign key (account_id, organization_id) references organizations (account_id, id)
    )`.execute(db);

  await sql`
    create table invitations (
      account_id uuid not null references accounts,
      id uuid not null,
      email text not null check (email = lower(email)),
      role text not null ${ROLE},
      token_sha256 bytea not null unique check (length(token_sha256) = 32),
      created_at timestamptz not null default now(),
      created_by text not null,
      expires_at timestamptz not null,
      primary key (account_id, id),
      unique (account_id, email)
    )`.execute(db);
  await sql`
    create table invitation_organizations (
      account_id uuid not null,
      invitation_id uuid not null,
      organization_id uuid not null,
      primary key (account_id, invitation_id, organization_id),
      foreign key (account_id, invitation_id) references invitations (account_id, id) on delete cascade,
      foreign key (account_id, organization_id) references organizations (account_id, id)
    )`.execute(db);

  const tables = ['memberships', 'api_keys', 'invitations'];
  const organizations = ['membership_organizations', 'api_key_organizations', 'invitation_organizations'];
  for (const name of [...tables, ...organizations]) {
    const table = sql.table(name);
    await sql`alter table ${table} enable row level security`.execute(db);
    await sql`
      create policy tenant on ${table} to sentinelone_api
        using (app_sees_account(account_id)) with check (app_sees_account(account_id))`.execute(db);
    await sql`grant select, insert, delete on ${table} to sentinelone_api`.execute(db);
  }
  await sql`grant update (role) on memberships to sentinelone_api`.execute(db);
  await sql`grant update (last_used_at, revoked_at) on api_keys to sentinelone_api`.execute(db);

  await createBootstrapMemory(db);
  await createLookups(db);
}

/**
 * What bootstrap has made, for the owner alone: an account's name is its own people's to change, so no name may decide
 * whose account the operator's admin and key are put into; and who was removed does not come back with the next start.
 */
async function createBootstrapMemory(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table bootstrapped_accounts (
      name text primary key,
      account_id uuid not null references accounts
    )`.execute(db);
  await sql`
    create table bootstrapped_admins (
      account_id uuid not null references accounts,
      email text not null,
      primary key (account_id, email)
    )`.execute(db);
  for (const name of ['bootstrapped_accounts', 'bootstrapped_admins']) {
    const table = sql.table(name);
    await sql`alter table ${table} enable row level security`.execute(db);
    await sql`
      create policy tenant on ${table} to sentinelone_api
        using (app_sees_account(account_id)) with check (false)`.execute(db);
  }
  // Until now nobody but the operator could name an account.
  await sql`
    insert into bootstrapped_accounts (name, account_id)
      select distinct on (name) name, id from accounts order by name, created_at, id`.execute(db);
}

/**
 * What must be read before the tenant is known. Each answers for one user, key or token that the caller has to know
 * already, and runs as the owner; `pg_temp` last, so that no temporary table can stand in for ours.
 */
async function createLookups(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function find_membership(wanted uuid)
      returns table (account_id uuid, role text, organization_ids uuid[])
      language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
        select m.account_id, m.role, array(
            select o.id from public.membership_organizations mo
              join public.organizations o on o.account_id = mo.account_id and o.id = mo.organization_id
             where mo.account_id = m.account_id and mo.user_id = m.user_id and o.deleted_at is null)
          from public.memberships m where m.user_id = wanted
      $$`.execute(db);
  await sql`
    create function find_api_key(wanted text)
      returns table (account_id uuid, id uuid, name text, role text, organization_ids uuid[], secret_sha256 bytea,
                     is_usable boolean, is_use_to_be_noted boolean)
      language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
        select k.account_id, k.id, k.name, k.role, array(
            select o.id from public.api_key_organizations ko
              join public.organizations o on o.account_id = ko.account_id and o.id = ko.organization_id
             where ko.account_id = k.account_id and ko.api_key_id = k.id and o.deleted_at is null),
          k.secret_sha256,
          k.revoked_at is null and (k.expires_at is null or k.expires_at > now()),
          k.last_used_at is null or k.last_used_at <= now() - interval '1 minute'
          from public.api_keys k where k.key = wanted
      $$`.execute(db);
  await sql`
    create function find_invitation(wanted bytea)
      returns table (account_id uuid, id uuid)
      language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
        select i.account_id, i.id from public.invitations i where i.token_sha256 = wanted and i.expires_at > now()
      $$`.execute(db);
  for (const signature of ['find_membership(uuid)', 'find_api_key(text)', 'find_invitation(bytea)']) {
    await sql`revoke all on function ${sql.raw(signature)} from public`.execute(db);
    await sql`grant execute on function ${sql.raw(signature)} to sentinelone_api`.execute(db);
  }
}
