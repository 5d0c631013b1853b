// What the console of a connection shows beside its activities: how far its clock is from ours, and whether somebody
// else has taken its syslog setting.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table connections add column console_ahead_ms bigint not null default 0, add column syslog_taken boolean`.execute(
    db,
  );
  await sql`
    comment on column connections.console_ahead_ms is
      'the console''s clock less ours at the last good poll: lag is measured on the console''s clock'`.execute(db);
  await sql`comment on column connections.syslog_taken is 'null: not asked yet, or not allowed to see it'`.execute(db);
  // Of a token that was refused for its permissions, so that the reply can name them while the old token's list stays.
  await sql`alter table credentials add column permissions jsonb`.execute(db);
  // A name moves nothing, so the api writes it itself; everything else of a connection is the workflow's to change.
  await sql`grant update (name) on connections to sentinelone_api`.execute(db);
}
