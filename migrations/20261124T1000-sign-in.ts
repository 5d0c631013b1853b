// The tables of Better Auth, which signs people in. They belong to no tenant: who somebody is must be known before it
// can be said to which account they belong, so row-level security does not bind them. The library never changes them by
// itself.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table auth_users (
      id uuid primary key,
      name text not null,
      email text not null unique check (email = lower(email)),
      email_verified boolean not null default false,
      image text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table auth_sessions (
      id uuid primary key,
      user_id uuid not null references auth_users on delete cascade,
      token text not null unique,
      expires_at timestamptz not null,
      ip_address text,
      user_agent text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index auth_sessions_user_id on auth_sessions (user_id)`.execute(db);
  // A way to sign in: a password (provider "credential") or an identity at an OpenID provider.
  await sql`
    create table auth_accounts (
      id uuid primary key,
      user_id uuid not null references auth_users on delete cascade,
      provider_id text not null,
      account_id text not null,
      password text,
      access_token text,
      refresh_token text,
      id_token text,
      access_token_expires_at timestamptz,
      refresh_token_expires_at timestamptz,
      scope text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (provider_id, account_id)
    )`.execute(db);
  await sql`create index auth_accounts_user_id on auth_accounts (user_id)`.execute(db);
  await sql`
    create table auth_verifications (
      id uuid primary key,
      identifier text not null,
      value text not null,
      expires_at timestamptz not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index auth_verifications_identifier on auth_verifications (identifier)`.execute(db);
  // Attempts, shared by all api processes. Milliseconds since 1970, as the library counts.
  await sql`
    create table auth_rate_limits (
      id uuid primary key default gen_random_uuid(),
      key text not null unique,
      count integer not null,
      last_request bigint not null
    )`.execute(db);

  await sql`
    grant select, insert, update, delete
      on auth_users, auth_sessions, auth_accounts, auth_verifications, auth_rate_limits
      to sentinelone_api`.execute(db);
}
