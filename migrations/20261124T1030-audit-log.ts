// Who did what to what, from where, with the old and the new value. Append-only for every role: the api is granted
// nothing but reading and adding, and triggers refuse the rest to the owner and to superusers alike.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_log (
      account_id uuid not null references accounts,
      id bigint generated always as identity,
      at timestamptz not null default clock_timestamp(),
      actor_kind text not null check (actor_kind in ('user', 'api_key', 'operator', 'system')),
      actor_id text,
      actor_label text not null,
      action text not null,
      subject_type text not null,
      subject_id text not null,
      ip text,
      user_agent text,
      request_id text,
      before jsonb,
      after jsonb,
      command_id text,
      primary key (account_id, id)
    )`.execute(db);
  // A command that is sent again is carried out once, and so is its entry written once.
  await sql`create unique index audit_log_command on audit_log (account_id, command_id)`.execute(db);
  await sql`create index audit_log_time on audit_log (account_id, at, id)`.execute(db);
  await sql`create index audit_log_subject on audit_log (account_id, subject_type, subject_id, at, id)`.execute(db);

  await sql`
    create function refuse_audit_log_change() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
      end $$`.execute(db);
  await sql`
    create trigger append_only before update or delete or truncate on audit_log
      for each statement execute function refuse_audit_log_change()`.execute(db);
  // `always`: also for a session that plays a replica, which ordinary triggers do not bind.
  await sql`alter table audit_log enable always trigger append_only`.execute(db);

  await sql`alter table audit_log enable row level security`.execute(db);
  await sql`
    create policy read_own on audit_log for select to sentinelone_api using (app_sees_account(account_id))`.execute(db);
  // What people of a single organization do is recorded too, although they may not read it.
  await sql`
    create policy add_own on audit_log for insert to sentinelone_api
      with check (account_id = app_account_id())`.execute(db);
  await sql`grant select, insert on audit_log to sentinelone_api`.execute(db);
}
