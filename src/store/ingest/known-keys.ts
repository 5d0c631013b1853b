// Which rows of a page are in the database already, by id and time as they stand in it: what is known need not be
// parsed. Asked before the page's transaction and without a lock. That is safe, because what is known stays known (a
// row leaves the discards only by becoming an event, in one transaction), and the rest is looked up again inside the
// transaction. Nor need the answer be complete: a row of which it says nothing is parsed for nothing.
import type { ActivityKey } from '../../domain/collecting/activity.js';
import { type Database, parseTimestamptz } from '../database.js';
import { readAsTenant } from '../tenant.js';
import { selectInStretch, type Stretch } from './key-range.js';
import { activityKey } from './sort-activities.js';

export interface KnownQuestion extends Stretch {
  readonly keyCount: number;
  /** Whoever collects from the discard ledger has to read what is in it. */
  readonly fromLedger: boolean;
}

/** What is known in the stretch, whether it was asked about or not, as one text for `KnownKeys`. */
export async function readKnownKeys(database: Database, question: KnownQuestion): Promise<string> {
  const statement = knownKeysStatement(question);
  const [row] = await readAsTenant<{ readonly known: string }>(database, question.accountId, statement);
  return row?.known ?? '';
}

/**
 * One text for all rows: each row of a result costs us 3 µs, four times what finding it costs PostgreSQL. Limited,
 * because a page that is filtered by site covers a stretch that may hold millions of other rows. Exported for the test
 * that explains its plan.
 */
export function knownKeysStatement({ keyCount, fromLedger, ...stretch }: KnownQuestion): string {
  const limit = 2 * keyCount;
  return selectInStretch(
    stretch,
    (inStretch) => `
      coalesce(string_agg(activity_id || ' ' || occurred_at, ','), '') as known from (
        (select activity_id, occurred_at from events where ${inStretch} limit ${limit})
        union all
        (select activity_id, occurred_at from discards where ${inStretch} and not ${fromLedger} limit ${limit})
      ) as rows`,
  );
}

/** The rows of an answer of `readKnownKeys`; of an empty one none. */
export class KnownKeys {
  private readonly times = new Map<string, string>();
  /** Of ids that are known at more than one time, the other times. */
  private readonly others = new Set<string>();

  constructor(known: string) {
    if (known === '') return;
    for (const row of known.split(',')) {
      const at = row.indexOf(' ');
      const id = row.slice(0, at);
      const time = parseTimestamptz(row.slice(at + 1));
      if (this.times.has(id)) this.others.add(activityKey(id, time));
      else this.times.set(id, time);
    }
  }

  has({ id, createdAt }: ActivityKey): boolean {
    if (this.times.get(id) === createdAt) return true;
    return this.others.size > 0 && this.others.has(activityKey(id, createdAt));
  }
}
