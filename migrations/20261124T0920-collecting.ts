// What polls and backfills write: checkpoints, events, discards, rejects. Events and discards are partitioned by month
// of `occurred_at`; the months themselves are made when a page needs them. Ids are text in the C collation: SentinelOne
// calls them strings, and a byte comparison costs what an integer's would.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table events (
      account_id uuid not null,
      organization_id uuid not null,
      connection_id uuid not null,
      s1_account_id text collate "C" not null,
      activity_id text collate "C" not null,
      activity_type integer,
      site_id text collate "C",
      agent_id text collate "C",
      occurred_at timestamptz not null,
      ingested_at timestamptz not null,
      mapping_version integer not null,
      event_action text,
      event_kind text not null,
      event_category text[] not null,
      event_type text[] not null,
      event_outcome text,
      event_severity smallint,
      message text,
      site_name text,
      group_name text,
      user_id text,
      user_name text,
      user_domain text,
      user_email text,
      host_name text,
      host_os_type text,
      host_ip text[],
      source_ip text,
      file_name text,
      file_path text,
      file_hash text,
      rule_id text,
      rule_name text,
      threat_id text,
      threat_classification text,
      sanitized boolean not null,
      activity text not null,
      unique (account_id, s1_account_id, activity_id, occurred_at)
    ) partition by range (occurred_at)`.execute(db);
  await sql`comment on column events.activity is 'the activity''s own JSON text as SentinelOne sent it'`.execute(db);
  await sql`comment on column events.sanitized is 'true: U+0000 or lone surrogates were replaced by U+FFFD'`.execute(
    db,
  );
  await sql`create index on events (account_id, organization_id, occurred_at)`.execute(db);

  await sql`
    create table discards (
      account_id uuid not null,
      connection_id uuid not null,
      s1_account_id text collate "C" not null,
      activity_id text collate "C" not null,
      occurred_at timestamptz not null,
      discarded_at timestamptz not null,
      site_id text collate "C",
      agent_id text collate "C",
      site_from text not null check (site_from in ('activity', 'agent')),
      reason text not null check (reason in ('site_unmapped', 'agent_unresolved')),
      mapping_version integer not null,
      unique (account_id, s1_account_id, activity_id, occurred_at)
    ) partition by range (occurred_at)`.execute(db);
  await sql`create index on discards (account_id, connection_id, site_id, occurred_at)`.execute(db);

  await sql`
    create table rejects (
      account_id uuid not null,
      connection_id uuid not null,
      s1_account_id text not null,
      sha256 bytea not null,
      reason text not null,
      occurred_at timestamptz,
      received_at timestamptz not null default now(),
      raw text not null,
      primary key (account_id, s1_account_id, sha256),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);

  await sql`
    create table backfills (
      account_id uuid not null,
      connection_id uuid not null,
      id uuid not null,
      kind text not null check (kind in ('history', 'requested', 'discarded')),
      from_at timestamptz not null,
      to_at timestamptz not null,
      site_ids text[],
      state text not null default 'queued' check (state in ('queued', 'running', 'done', 'cancelled')),
      pause_requested boolean not null default false,
      cancel_requested boolean not null default false,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      stored_count bigint not null default 0,
      discarded_count bigint not null default 0,
      rejected_count bigint not null default 0,
      unavailable_count bigint not null default 0,
      consecutive_failures integer not null default 0,
      failure_code text,
      next_try_at timestamptz,
      primary key (account_id, connection_id, id),
      foreign key (account_id, connection_id) references connections (account_id, id),
      check (from_at < to_at)
    )`.execute(db);

  await sql`
    create table checkpoints (
      account_id uuid not null,
      connection_id uuid not null,
      kind text not null check (kind in ('live', 'backfill')),
      slice text not null,
      backfill_id uuid,
      from_at timestamptz,
      to_at timestamptz,
      watermark timestamptz,
      version integer not null default 0,
      done_at timestamptz,
      primary key (account_id, connection_id, kind, slice),
      foreign key (account_id, connection_id) references connections (account_id, id),
      foreign key (account_id, connection_id, backfill_id) references backfills (account_id, connection_id, id)
    )`.execute(db);

  await sql`alter table events enable row level security`.execute(db);
  await sql`
    create policy tenant on events for select to sentinelone_api
      using (account_id = app_account_id() and app_sees_organization(organization_id))`.execute(db);
  await sql`grant select on events to sentinelone_api`.execute(db);
  for (const table of ['discards', 'rejects', 'backfills', 'checkpoints']) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`
      create policy tenant on ${sql.table(table)} to sentinelone_api
        using (app_sees_account(account_id)) with check (app_sees_account(account_id))`.execute(db);
    await sql`grant select on ${sql.table(table)} to sentinelone_api`.execute(db);
  }
}
