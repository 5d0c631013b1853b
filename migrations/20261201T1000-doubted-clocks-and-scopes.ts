// What a connection can be sure of, so that collecting goes on from there when something was wrong: until when the
// token was known to see the whole account, and how far had been collected when the console's clock last jumped.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table connections
      add column scope_confirmed_at timestamptz,
      add column scope_confirmed_through timestamptz,
      add column scope_lost_at timestamptz,
      add column sites_emptied_at timestamptz,
      add column clock_jumped_at timestamptz,
      add column clock_jump_ms bigint,
      add column clock_sure_through timestamptz,
      add column clock_doubt_ms bigint`.execute(db);
  for (const [column, comment] of Object.entries(COMMENTS)) {
    await sql`comment on column ${sql.ref(`connections.${column}`)} is ${sql.lit(comment)}`.execute(db);
  }
}

const COMMENTS = {
  scope_confirmed_at: 'when the token was last seen to see the whole account',
  scope_confirmed_through: 'the same moment by the clock of the console',
  scope_lost_at: 'since when the token is known to have another scope; null: it has not',
  sites_emptied_at: 'since when SentinelOne lists no site at all, which is not believed; null: it lists some',
  clock_jumped_at: 'when the clock of the console was last found to have jumped',
  clock_jump_ms: 'by how much; negative: back',
  clock_sure_through: 'collected through before that jump, for sure',
  clock_doubt_ms: 'how far the replies of the last poll were off the clock that is gone by; null: they were not',
};
