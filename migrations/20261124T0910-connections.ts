// A connection with its credentials, sites, mapping, agents and timeline. Every key starts with the tenant and foreign
// keys between tenant tables are composite: a plain one ignores row-level security and accepts a foreign tenant's id.
// These tables are the account's own: somebody who sees only some organizations sees none of their rows.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table connections (
      account_id uuid not null references accounts,
      id uuid not null,
      name text not null check (name <> ''),
      console_url text not null,
      default_organization_id uuid not null,
      s1_account_id text,
      s1_account_name text,
      credential_id uuid,
      collect_from timestamptz,
      poll_interval_seconds integer not null check (poll_interval_seconds between 1 and 900),
      mapping_version integer not null default 0,
      permissions jsonb,
      -- written by the workflow's projection, only forwards
      state text not null default 'validating' check (state in
        ('validating', 'refused', 'awaiting_mapping', 'active', 'paused', 'disconnecting', 'disconnected')),
      state_seq integer not null default 0,
      pause_reasons text[] not null default '{}',
      state_cause text,
      refusal_code text,
      -- written by the polls: a workflow cannot see the failing attempts of its activities
      collected_through timestamptz,
      last_poll_at timestamptz,
      consecutive_failures integer not null default 0,
      degraded_since timestamptz,
      failure_code text,
      next_try_at timestamptz,
      -- counted by the ingest transaction
      stored_count bigint not null default 0,
      discarded_count bigint not null default 0,
      rejected_count bigint not null default 0,
      created_at timestamptz not null default now(),
      primary key (account_id, id),
      foreign key (account_id, default_organization_id) references organizations (account_id, id)
    )`.execute(db);
  await sql`
    create unique index connections_one_live_per_console_account on connections (account_id, s1_account_id)
      where s1_account_id is not null and state not in ('refused', 'disconnected')`.execute(db);

  await sql`
    create table credentials (
      account_id uuid not null,
      id uuid not null,
      connection_id uuid not null,
      token_jwe text,
      last_four text not null,
      expires_at timestamptz,
      created_at timestamptz not null default now(),
      pending_until timestamptz,
      destroyed_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, connection_id) references connections (account_id, id),
      check ((token_jwe is null) = (destroyed_at is not null))
    )`.execute(db);

  await sql`
    create table sites (
      account_id uuid not null,
      connection_id uuid not null,
      site_id text not null,
      name text,
      state text not null default 'unknown',
      active_licenses integer,
      first_seen_at timestamptz not null default now(),
      synced_at timestamptz,
      stored_count bigint not null default 0,
      last_event_at timestamptz,
      discarded_count bigint not null default 0,
      first_discarded_at timestamptz,
      last_discarded_at timestamptz,
      primary key (account_id, connection_id, site_id),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);

  await sql`
    create table site_mappings (
      account_id uuid not null,
      connection_id uuid not null,
      site_id text not null,
      organization_id uuid not null,
      primary key (account_id, connection_id, site_id),
      foreign key (account_id, connection_id, site_id) references sites (account_id, connection_id, site_id),
      foreign key (account_id, organization_id) references organizations (account_id, id)
    )`.execute(db);
  await sql`create index site_mappings_organization on site_mappings (account_id, organization_id)`.execute(db);

  await sql`
    create table mapping_history (
      account_id uuid not null,
      connection_id uuid not null,
      version integer not null,
      site_id text,
      organization_id uuid,
      committed_at timestamptz not null,
      command_id text not null,
      unique nulls not distinct (account_id, connection_id, version, site_id),
      foreign key (account_id, connection_id) references connections (account_id, id),
      foreign key (account_id, organization_id) references organizations (account_id, id)
    )`.execute(db);
  await sql`
    comment on column mapping_history.site_id is 'null: the row says the default organization of this version'`.execute(
    db,
  );

  await sql`
    create table agents (
      account_id uuid not null,
      connection_id uuid not null,
      agent_id text not null,
      site_id text,
      checked_at timestamptz not null default now(),
      primary key (account_id, connection_id, agent_id),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);
  await sql`comment on column agents.site_id is 'null: SentinelOne answered without this agent'`.execute(db);

  await sql`
    create table activity_types (
      account_id uuid not null,
      connection_id uuid not null,
      activity_type integer not null,
      name text not null,
      fetched_at timestamptz not null default now(),
      primary key (account_id, connection_id, activity_type),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);

  await sql`
    create table connection_timeline (
      account_id uuid not null,
      connection_id uuid not null,
      id bigint generated always as identity,
      at timestamptz not null default now(),
      kind text not null,
      outcome text not null,
      code text,
      command_id text,
      details jsonb not null default '{}',
      primary key (account_id, connection_id, id),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);

  await sql`
    create table commands (
      account_id uuid not null,
      connection_id uuid not null,
      command_id text not null,
      kind text not null,
      result jsonb not null,
      at timestamptz not null default now(),
      primary key (account_id, connection_id, command_id),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);

  for (const table of [
    'connections',
    'credentials',
    'sites',
    'site_mappings',
    'mapping_history',
    'agents',
    'activity_types',
    'connection_timeline',
    'commands',
  ]) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`
      create policy tenant on ${sql.table(table)} to sentinelone_api
        using (app_sees_account(account_id)) with check (app_sees_account(account_id))`.execute(db);
    await sql`grant select on ${sql.table(table)} to sentinelone_api`.execute(db);
  }
  await sql`grant insert on connections, credentials to sentinelone_api`.execute(db);
}
