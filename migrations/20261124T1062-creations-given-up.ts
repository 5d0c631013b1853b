// A creation that Temporal or a worker did not take in time is over, and the api, which alone knows, says so: the row
// would wait for ever, keep its organization from being deleted, and keep a token that nobody uses. The state of a
// connection is the workflow's to write and not the api's, so it may do exactly this, in the account and scope that it
// has named before. What was learned of a SentinelOne account is never taken back: that is a workflow that was in time
// and goes on.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function give_up_creation(given_up uuid) returns boolean
      language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
      declare
        account uuid := public.app_account_id();
      begin
        update public.connections
           set state = 'refused', state_seq = state_seq + 1, state_cause = 'command_expired',
               refusal_code = 'command_expired', ended_at = now()
         where account_id = account and id = given_up and state = 'validating' and s1_account_id is null
           and public.app_sees_account(account_id);
        if not found then
          return false;
        end if;
        update public.credentials set token_jwe = null, destroyed_at = now(), pending_until = null
         where account_id = account and connection_id = given_up and destroyed_at is null;
        insert into public.connection_timeline (account_id, connection_id, kind, outcome, code)
          values (account, given_up, 'state', 'refused', 'command_expired');
        return true;
      end $$`.execute(db);
  await sql`revoke all on function give_up_creation(uuid) from public`.execute(db);
  await sql`grant execute on function give_up_creation(uuid) to sentinelone_api`.execute(db);
}
