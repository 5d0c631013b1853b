// What an account's admins may change about it: its name, its time zone and how sources are counted for billing.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table accounts add column billing_basis text not null default 'closing'
      check (billing_basis in ('closing', 'peak', 'average'))`.execute(db);
  // Whoever sees only some organizations reads the account but never changes it.
  await sql`alter policy tenant on accounts with check (app_sees_account(id))`.execute(db);
  await sql`grant update (name, time_zone, billing_basis) on accounts to sentinelone_api`.execute(db);
}
