// Whether row-level security holds for whoever a connection really is. Asked of PostgreSQL itself, because what an
// address says is not what a pooler signs in as.
import { sql } from 'kysely';
import { API_ROLE, type Database } from '../database.js';

/** False for the tables' owner, whoever could become it, a superuser, and whoever lacks the api's role. */
export async function isBound({ kysely }: Database): Promise<boolean> {
  const { rows } = await sql<{ bound: boolean }>`
    select row_security_active('events')
       and not pg_has_role(current_user, relowner, 'MEMBER')
       and not pg_has_role(session_user, relowner, 'MEMBER')
       and pg_has_role(current_user, ${API_ROLE}, 'USAGE') as bound
      from pg_class where oid = 'events'::regclass`.execute(kysely);
  return rows[0]?.bound === true;
}
