// A connection whose workflow was gone and was started again says so for a day. Whoever starts it writes it down: the
// worker, which owns the tables, or the api, when somebody's command finds the workflow gone. Of a connection's state
// and timeline the api writes nothing else, so it may do exactly this, in the account and scope that it has named
// before. That it is missing is written down first, so that a restart whose answer was lost is recorded by whoever
// finds the workflow running, and once: who comes too late for it finds another restart than the one it has read of.
// And it may end a creation that has no workflow and for which nobody waits any
// more.
// `account_of_connection` answers, outside of any tenant's transaction, to whoever knows a connection's id already:
// whoever operates the product names a connection and no account.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table connections add column workflow_restarted_at timestamptz`.execute(db);

  await sql`
    create function record_workflow_missing(missing uuid, restarted_before timestamptz) returns void
      language sql security definer set search_path = pg_catalog, public, pg_temp as $$
        update public.connections set workflow_missing_since = coalesce(workflow_missing_since, now())
         where account_id = public.app_account_id() and id = missing and public.app_sees_account(account_id)
           and workflow_restarted_at is not distinct from restarted_before
      $$`.execute(db);

  await sql`
    create function record_workflow_restart(restarted uuid, how text) returns void
      language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
      declare
        account uuid := public.app_account_id();
      begin
        update public.connections set workflow_restarted_at = now(), workflow_missing_since = null
         where account_id = account and id = restarted and workflow_missing_since is not null
           and public.app_sees_account(account_id);
        if not found then
          return;
        end if;
        insert into public.connection_timeline (account_id, connection_id, kind, outcome, details)
          values (account, restarted, 'repair', 'restarted', jsonb_build_object('workflow', how));
      end $$`.execute(db);

  await sql`
    create function refuse_lost_creation(refused uuid) returns boolean
      language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
      declare
        account uuid := public.app_account_id();
      begin
        update public.connections
           set state = 'refused', state_seq = state_seq + 1, state_cause = 'command_expired',
               refusal_code = 'command_expired', ended_at = now()
         where account_id = account and id = refused and state = 'validating'
           and created_at < now() - interval '1 minute' and public.app_sees_account(account_id);
        if not found then
          return false;
        end if;
        update public.credentials set token_jwe = null, destroyed_at = now(), pending_until = null
         where account_id = account and connection_id = refused and destroyed_at is null;
        insert into public.connection_timeline (account_id, connection_id, kind, outcome, code)
          values (account, refused, 'state', 'refused', 'command_expired');
        return true;
      end $$`.execute(db);

  await sql`
    create function account_of_connection(named uuid) returns uuid
      language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
        select c.account_id from public.connections c where public.app_account_id() is null and c.id = named limit 1
      $$`.execute(db);

  for (const signature of [
    'record_workflow_missing(uuid, timestamptz)',
    'record_workflow_restart(uuid, text)',
    'refuse_lost_creation(uuid)',
    'account_of_connection(uuid)',
  ]) {
    await sql`revoke all on function ${sql.raw(signature)} from public`.execute(db);
    await sql`grant execute on function ${sql.raw(signature)} to sentinelone_api`.execute(db);
  }
}
