// How a migration builds an index on `events` or `discards` while pages are being stored: copy it, and change the names
// and the columns. PostgreSQL builds concurrently only month by month. The parent's index comes first, empty: from then
// on a new month gets its own by itself. The parent's is valid once the last month's is attached. Whatever an
// interrupted run leaves behind, running it again finishes.
import { type Kysely, sql } from 'kysely';

export const transaction = false;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$ begin
      if to_regclass('events_of_user') is null then
        create index events_of_user on only events (account_id, user_name, occurred_at);
      end if;
    end $$`.execute(db);
  for (let month = await monthWithout(db); month !== undefined; month = await monthWithout(db)) {
    const [table, index] = [sql.table(month.name), sql.ref(`${month.name}_of_user`)];
    if (month.built === false) await sql`drop index concurrently ${index}`.execute(db); // its build was interrupted
    if (month.built !== true) {
      await sql`set lock_timeout = 0`.execute(db); // it waits for open pages and keeps nobody waiting
      await sql`create index concurrently ${index} on ${table} (account_id, user_name, occurred_at)`.execute(db);
      await sql`reset lock_timeout`.execute(db);
    }
    await sql`alter index events_of_user attach partition ${index}`.execute(db);
  }
}

/** A month whose index is not attached yet: whether it has a whole one, a broken one (false) or none (null). */
async function monthWithout(db: Kysely<unknown>): Promise<{ name: string; built: boolean | null } | undefined> {
  const { rows } = await sql<{ name: string; built: boolean | null }>`
    select month.relname as name,
           (select indisvalid from pg_index where indexrelid = to_regclass(month.relname || '_of_user')) as built
      from pg_inherits part join pg_class month on month.oid = part.inhrelid
     where part.inhparent = 'events'::regclass and not part.inhdetachpending
       and not exists (
         select from pg_inherits attached join pg_index on indexrelid = attached.inhrelid
          where attached.inhparent = 'events_of_user'::regclass and indrelid = month.oid)
     order by 1 limit 1`.execute(db);
  return rows[0];
}
