// Windows of console time whose activities were counted on both sides: SentinelOne's own count and ours.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table completeness_checks (
      account_id uuid not null,
      connection_id uuid not null,
      from_at timestamptz not null,
      to_at timestamptz not null,
      theirs bigint,
      ours bigint,
      repaired bigint not null default 0,
      state text not null check (state in ('waiting', 'equal', 'repaired', 'short', 'surplus')),
      checked_at timestamptz,
      checks integer not null default 0,
      primary key (account_id, connection_id, from_at),
      foreign key (account_id, connection_id) references connections (account_id, id),
      check (from_at < to_at)
    )`.execute(db);
  await sql`
    comment on column completeness_checks.repaired is 'rows that were missing here and were collected by the check'`.execute(
    db,
  );
  await sql`alter table completeness_checks enable row level security`.execute(db);
  await sql`
    create policy tenant on completeness_checks to sentinelone_api
      using (app_sees_account(account_id)) with check (app_sees_account(account_id))`.execute(db);
  await sql`grant select on completeness_checks to sentinelone_api`.execute(db);
}
