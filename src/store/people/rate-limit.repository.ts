// Attempts per key, counted in the table that sign-in counts its own in, so that several api processes share them.
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema/schema.js';

export interface RateLimit {
  readonly windowSeconds: number;
  readonly max: number;
}

/**
 * Counts one attempt and says whether it may go on. After `max` attempts nothing goes on until `windowSeconds` have
 * passed since the last one that did; what is refused in between does not prolong it. One statement, so that any number
 * at once cannot all pass by the same count.
 */
export async function consumeAttempt(
  db: Kysely<Schema>,
  key: string,
  { windowSeconds, max }: RateLimit,
): Promise<{ readonly allowed: boolean; readonly retryAfterSeconds: number }> {
  const windowMs = windowSeconds * 1000;
  const nowMs = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  const { rows } = await sql<{ count: number }>`
    insert into auth_rate_limits as l (key, count, last_request) values (${key}, 1, ${nowMs})
    on conflict (key) do update
      set count = case when l.last_request <= ${nowMs} - ${windowMs} then 1 else l.count + 1 end, last_request = ${nowMs}
      where l.count < ${max} or l.last_request <= ${nowMs} - ${windowMs}
    returning count`.execute(db);
  if (rows.length > 0) return { allowed: true, retryAfterSeconds: 0 };
  const row = await db.selectFrom('authRateLimits').select('lastRequest').where('key', '=', key).executeTakeFirst();
  const waitedMs = Date.now() - (row?.lastRequest ?? 0);
  return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil((windowMs - waitedMs) / 1000)) };
}

export async function forgetAttempts(db: Kysely<Schema>, key: string): Promise<void> {
  await db.deleteFrom('authRateLimits').where('key', '=', key).execute();
}
