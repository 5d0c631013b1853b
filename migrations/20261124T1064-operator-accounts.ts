// Whoever operates the product lists all accounts with what they are billed, over HTTP too. The api is bound to one
// tenant at a time, so the ids and names alone come past row-level security, by this function; an account's figures are
// then read as that account. Inside a tenant's transaction it finds nothing: what is done for one account never learns
// of another.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function accounts_after(after_created_at timestamptz, after_id uuid, most integer)
      returns table (id uuid, name text, created_at timestamptz)
      language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
        select a.id, a.name, a.created_at
          from public.accounts a
         where public.app_account_id() is null
           and (after_id is null or (a.created_at, a.id) > (after_created_at, after_id))
         order by a.created_at, a.id
         limit most
      $$`.execute(db);
  await sql`revoke all on function accounts_after(timestamptz, uuid, integer) from public`.execute(db);
  await sql`grant execute on function accounts_after(timestamptz, uuid, integer) to sentinelone_api`.execute(db);
}
