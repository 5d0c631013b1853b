// Which connections have fallen behind, decided by PostgreSQL for all accounts at once, by its own clock: the worker
// whose business collecting is may be the one that has stopped. See migrations/20261201T0900-collection-behind.ts.
import { sql } from 'kysely';
import type { Database } from '../database.js';

export interface ChangedNotices {
  readonly accountId: string;
  readonly noticeIds: readonly string[];
}

/**
 * Opens, changes and resolves the notices `collection_behind` of every account. Returns those that changed; nothing
 * when another process is doing it at this moment.
 */
export async function reviewCollectionBehind({ kysely }: Database): Promise<ChangedNotices[]> {
  const { rows } = await sql<ChangedNotices>`select account_id, notice_ids from review_collection_behind()`.execute(
    kysely,
  );
  return rows;
}
