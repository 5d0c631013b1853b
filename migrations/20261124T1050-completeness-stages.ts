// What the worker needs to compare windows of collected time with SentinelOne's own count: how far each window has been
// looked at, a checkpoint for reading one again, and indexes to count what is held of an hour. Events need none: their
// index by organization and time is read once for each organization, which spares every ingest a third index.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table completeness_checks
      add column stage smallint not null default 0 check (stage in (0, 1, 6, 24)),
      add column cause text check (cause in ('late_rows', 'not_listed', 'not_countable', 'count_capped')),
      add column through_at timestamptz,
      add column short_since timestamptz`.execute(db);
  await sql`
    comment on column completeness_checks.stage is
      'hours after the beginning of the window''s last hour at which it was compared last; 0: not yet'`.execute(db);
  await sql`comment on column completeness_checks.ours is 'rows held of the window after the check'`.execute(db);
  await sql`
    comment on column completeness_checks.through_at is
      'console time through which the connection had collected when the window was compared last'`.execute(db);
  await sql`
    comment on column completeness_checks.short_since is
      'null unless short: the through_at of the comparison that first found it so'`.execute(db);
  await sql`
    create index completeness_checks_open on completeness_checks (account_id, connection_id, from_at)
      where stage < 24 or state = 'short'`.execute(db);
  await sql`create index discards_by_time on discards (account_id, s1_account_id, occurred_at)`.execute(db);
  await sql`create index rejects_by_time on rejects (account_id, s1_account_id, occurred_at)`.execute(db);
  await sql`
    alter table checkpoints drop constraint checkpoints_kind_check,
      add constraint checkpoints_kind_check check (kind in ('live', 'backfill', 'completeness'))`.execute(db);
}
