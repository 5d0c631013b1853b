// Whoever watches live changes and may no longer is told of nothing more: every change of what somebody may do is
// announced when it is committed, whoever made it, so that the api asks that account's watchers again. NOTIFY inside a
// transaction makes commits wait for each other; access changes a few times a day, and a payload that repeats is sent
// once.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function announce_access_change() returns trigger
      language plpgsql set search_path = pg_catalog, pg_temp as $$
      begin
        perform pg_notify('sentinelone_changes',
          json_build_object('accountId', coalesce(new.account_id, old.account_id), 'access', true)::text);
        return null;
      end $$`.execute(db);
  await onChange(db, 'memberships', 'update or delete');
  await onChange(db, 'membership_organizations', 'insert or delete');
  await onChange(db, 'api_keys', 'update of revoked_at or delete');
  // A scope names living organizations alone.
  await onChange(db, 'organizations', 'update of deleted_at');

  // A session belongs to no tenant; whose it is, is looked up past row-level security.
  await sql`
    create function announce_session_end() returns trigger
      language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
      begin
        perform pg_notify('sentinelone_changes', json_build_object('accountId', m.account_id, 'access', true)::text)
           from public.memberships m where m.user_id = old.user_id;
        return null;
      end $$`.execute(db);
  await sql`revoke all on function announce_session_end() from public`.execute(db);
  await sql`
    create trigger announce_session_end after delete on auth_sessions
      for each row execute function announce_session_end()`.execute(db);
}

async function onChange(db: Kysely<unknown>, table: string, event: string): Promise<void> {
  await sql`
    create trigger announce_access_change after ${sql.raw(event)} on ${sql.table(table)}
      for each row execute function announce_access_change()`.execute(db);
}
