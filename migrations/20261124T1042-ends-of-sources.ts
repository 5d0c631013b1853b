// When a connection and a site ended. Until then a day without a reading is a missing one; afterwards there is nothing
// to read. What has ended already gets the best time that is known.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table connections add column ended_at timestamptz`.execute(db);
  await sql`
    update connections set ended_at = coalesce(
        (select max(synced_at) from sites
          where sites.account_id = connections.account_id and sites.connection_id = connections.id), created_at)
      where state in ('refused', 'disconnecting', 'disconnected')`.execute(db);
  await sql`alter table sites add column deleted_at timestamptz`.execute(db);
  await sql`update sites set deleted_at = coalesce(synced_at, first_seen_at) where state = 'deleted'`.execute(db);
}
