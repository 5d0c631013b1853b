// Once a day SentinelOne's own count of installed agents beside the sum of its license counts: the two should be close.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agent_counts (
      account_id uuid not null,
      connection_id uuid not null,
      day date not null,
      agents integer not null check (agents >= 0),
      licenses integer not null check (licenses >= 0),
      counted_at timestamptz not null default now(),
      primary key (account_id, connection_id, day),
      foreign key (account_id, connection_id) references connections (account_id, id)
    )`.execute(db);
  await sql`alter table agent_counts enable row level security`.execute(db);
  await sql`
    create policy tenant on agent_counts for select to sentinelone_api using (app_sees_account(account_id))`.execute(
    db,
  );
  await sql`grant select on agent_counts to sentinelone_api`.execute(db);
}
