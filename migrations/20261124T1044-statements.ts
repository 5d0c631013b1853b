// Frozen statements: what was billed, word for word, with a hash of it. Nothing changes them, whoever asks: a
// correction is another revision. The api reads; the worker, which owns the table, adds, and triggers refuse it
// everything else.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table statements (
      account_id uuid not null references accounts,
      month text collate "C" not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
      revision integer not null check (revision >= 1),
      basis text not null check (basis in ('closing', 'peak', 'average')),
      time_zone text not null,
      total bigint not null check (total >= 0),
      content jsonb not null,
      content_sha256 text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
      frozen_at timestamptz not null default now(),
      supersedes integer,
      primary key (account_id, month, revision),
      foreign key (account_id, month, supersedes) references statements (account_id, month, revision),
      check (supersedes is not distinct from nullif(revision - 1, 0))
    )`.execute(db);

  await sql`
    create function refuse_statement_change() returns trigger language plpgsql as $$
      begin
        raise exception 'a frozen statement never changes' using errcode = 'insufficient_privilege';
      end $$`.execute(db);
  await sql`
    create trigger frozen before update or delete or truncate on statements
      for each statement execute function refuse_statement_change()`.execute(db);
  // `always`: also for a session that plays a replica, which ordinary triggers do not bind.
  await sql`alter table statements enable always trigger frozen`.execute(db);

  await sql`alter table statements enable row level security`.execute(db);
  await sql`
    create policy tenant on statements for select to sentinelone_api using (app_sees_account(account_id))`.execute(db);
  await sql`grant select on statements to sentinelone_api`.execute(db);
}
