// Whether a connection collects is decided outside the worker, which may be frozen, away, or busy with something else.
// Workers say that they are alive in `workers`; every api process asks `review_collection_behind` once a minute, which
// keeps the notices `collection_behind` of all accounts as they should be. Nobody else writes notices of this kind, so
// it takes none of the locks that a worker may hold and never waits: a connection whose row somebody has locked waits
// for the next minute.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table workers (
      identity text primary key,
      started_at timestamptz not null default now(),
      seen_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on table workers is 'worker processes and their last sign of life; the api sees none of it'`.execute(
    db,
  );
  await sql`alter table workers enable row level security`.execute(db);
  await sql`create policy nobody on workers to sentinelone_api using (false) with check (false)`.execute(db);
  await sql`alter table connections add column workflow_missing_since timestamptz`.execute(db);
  await sql`
    comment on column connections.workflow_missing_since is 'since when Temporal has no workflow of it; null: it has'`.execute(
    db,
  );
  await createReview(db);
  await sql`revoke all on function review_collection_behind() from public`.execute(db);
  await sql`grant execute on function review_collection_behind() to sentinelone_api`.execute(db);
}

/**
 * Ages are measured by this clock alone: `collected_through` is the console's time and is corrected by how far its
 * clock is ahead. They count from when the connection last became active: after a pause it is not late at once. Inside
 * a tenant's transaction it does nothing: what is done for one account never learns of another.
 */
async function createReview(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function review_collection_behind() returns table (account_id uuid, notice_ids uuid[])
      language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
      #variable_conflict use_column
      declare
        moment timestamptz := now();
        has_worker boolean;
      begin
        if public.app_account_id() is not null
           or not pg_try_advisory_xact_lock(hashtextextended('notices/collection_behind', 0)) then
          return;
        end if;
        has_worker := exists (select from public.workers where seen_at > moment - interval '1 minute');
        return query
          with suspects as (
            select c.account_id, c.id as connection_id, c.collected_through, c.created_at,
                   c.collected_through - c.console_ahead_ms * interval '1 millisecond' as collected_at,
                   moment - greatest(interval '15 minutes', 5 * c.poll_interval_seconds * interval '1 second') as limit_at,
                   case when not has_worker then 'worker_away'
                        when c.workflow_missing_since is not null then 'workflow_gone'
                        when c.consecutive_failures > 0 and c.failure_code = 's1.unavailable' then 'console_silent'
                        when c.consecutive_failures > 0 then 'poll_failing'
                        else 'unknown' end as cause,
                   case when c.consecutive_failures > 0 then c.failure_code end as code
              from public.connections c
             where c.state = 'active'
               and exists (select from public.site_mappings m
                            where m.account_id = c.account_id and m.connection_id = c.id)
          ), late as (
            select s.*, (select t.at from public.connection_timeline t
                          where t.account_id = s.account_id and t.connection_id = s.connection_id
                            and t.kind = 'state' and t.outcome = 'active'
                          order by t.id desc limit 1) as active_at
              from suspects s
             where s.collected_at is null or s.collected_at < s.limit_at
          ), behind as (
            select l.account_id, l.connection_id, jsonb_build_object(
                     'cause', l.cause,
                     'code', case when l.cause in ('console_silent', 'poll_failing') then l.code end,
                     'collectedThrough', to_char(l.collected_through at time zone 'UTC',
                                                 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) as details
              from late l
             where greatest(l.collected_at, coalesce(l.active_at, l.created_at)) < l.limit_at
          ), open as (
            select n.account_id, n.id, n.connection_id, n.details
              from public.notices n where n.kind = 'collection_behind' and n.state = 'open'
          ), fresh as (
            select b.account_id, b.connection_id, b.details
              from behind b
              join public.connections c on c.account_id = b.account_id and c.id = b.connection_id
              join public.accounts a on a.id = b.account_id
             where not exists (select from open o
                                where o.account_id = b.account_id and o.connection_id = b.connection_id)
               for key share of c, a skip locked
          ), opened as (
            insert into public.notices
              (account_id, id, connection_id, kind, subject_type, subject_id, severity, details)
            select f.account_id, gen_random_uuid(), f.connection_id, 'collection_behind', 'connection',
                   f.connection_id::text, 'critical', f.details
              from fresh f
            returning account_id, id
          ), changed as (
            update public.notices n set details = b.details, updated_at = moment
              from open o join behind b on b.account_id = o.account_id and b.connection_id = o.connection_id
             where n.account_id = o.account_id and n.id = o.id and o.details <> b.details
            returning n.account_id, n.id
          ), resolved as (
            update public.notices n set state = 'resolved', resolved_at = moment, updated_at = moment
              from open o
             where n.account_id = o.account_id and n.id = o.id
               and not exists (select from behind b
                                where b.account_id = o.account_id and b.connection_id = o.connection_id)
            returning n.account_id, n.id
          )
          select w.account_id, array_agg(w.id)
            from (table opened union all table changed union all table resolved) w
           group by w.account_id;
      end $$`.execute(db);
}
