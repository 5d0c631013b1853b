// Notices: operational trouble that a person should act on, open until its cause is gone. The worker writes them; one
// row may be open for a subject of a connection, however often the trouble is seen.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table notices (
      account_id uuid not null references accounts,
      id uuid not null,
      connection_id uuid,
      kind text not null,
      subject_type text not null,
      subject_id text not null,
      severity text not null check (severity in ('low', 'high', 'critical')),
      state text not null default 'open' check (state in ('open', 'resolved')),
      details jsonb not null default '{}',
      opened_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      resolved_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, connection_id) references connections (account_id, id),
      check ((state = 'resolved') = (resolved_at is not null))
    )`.execute(db);
  // Two consoles may use the same site id, so the connection is part of what a notice is about.
  await sql`
    create unique index notices_one_open on notices (account_id, connection_id, kind, subject_type, subject_id)
      nulls not distinct where state = 'open'`.execute(db);
  await sql`create index notices_by_age on notices (account_id, opened_at desc, id desc)`.execute(db);
  await sql`alter table notices enable row level security`.execute(db);
  await sql`
    create policy tenant on notices to sentinelone_api
      using (app_sees_account(account_id)) with check (app_sees_account(account_id))`.execute(db);
  await sql`grant select on notices to sentinelone_api`.execute(db);
}
