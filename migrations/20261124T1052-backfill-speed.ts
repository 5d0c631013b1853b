// Since when a backfill has been running without a rest, and how much of its window was covered then: what is left
// takes as long as the present speed says, whatever pauses and outages came before.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table backfills
      add column running_since timestamptz,
      add column covered_before_ms double precision not null default 0`.execute(db);
  await sql`comment on column backfills.running_since is 'null while it rests'`.execute(db);
}
