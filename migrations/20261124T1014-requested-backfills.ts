// The api queues backfills that people ask for, with their slices, and may pause and cancel them. Everything else about
// them stays the worker's, and so do the checkpoints of live collection.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`grant insert on backfills, checkpoints to sentinelone_api`.execute(db);
  await sql`grant update (pause_requested, cancel_requested, state, finished_at) on backfills to sentinelone_api`.execute(
    db,
  );
  await sql`
    create policy requested_only on backfills as restrictive for insert to sentinelone_api
      with check (kind = 'requested')`.execute(db);
  await sql`
    create policy slices_only on checkpoints as restrictive for insert to sentinelone_api
      with check (kind = 'backfill' and version = 0 and watermark is null and done_at is null)`.execute(db);
  await sql`create index backfills_by_age on backfills (account_id, connection_id, created_at desc, id desc)`.execute(
    db,
  );
}
