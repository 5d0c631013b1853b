// Which resource a request that creates has made, by the key that its caller chose: a repeated request finds it instead
// of making another. Kept for 24 hours; the api itself removes what is older.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table idempotency_keys (
      account_id uuid not null references accounts,
      route text not null,
      key text not null,
      body_sha256 bytea not null,
      resource_id text not null,
      status smallint not null,
      created_at timestamptz not null default now(),
      primary key (account_id, route, key)
    )`.execute(db);
  await sql`create index idempotency_keys_age on idempotency_keys (account_id, created_at)`.execute(db);
  await sql`alter table idempotency_keys enable row level security`.execute(db);
  await sql`
    create policy tenant on idempotency_keys to sentinelone_api
      using (account_id = app_account_id()) with check (account_id = app_account_id())`.execute(db);
  await sql`grant select, insert, update, delete on idempotency_keys to sentinelone_api`.execute(db);
}
