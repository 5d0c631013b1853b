// How the recurring work of a connection goes: since when a chore keeps failing, and what it could not read of the
// lists that it reads. Both are told by a notice.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table chore_health (
      account_id uuid not null,
      connection_id uuid not null,
      chore text not null,
      failures integer not null default 0 check (failures >= 0),
      failure_code text,
      failing_since timestamptz,
      unreadable jsonb not null default '[]',
      unreadable_at timestamptz,
      primary key (account_id, connection_id, chore),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);
  await sql`alter table chore_health enable row level security`.execute(db);
  await sql`
    create policy tenant on chore_health for select to sentinelone_api using (app_sees_account(account_id))`.execute(
    db,
  );
  await sql`grant select on chore_health to sentinelone_api`.execute(db);
}
