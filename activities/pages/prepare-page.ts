// What is done with a page before its transaction: leaving out the rows that are in the database already, and preparing
// the rest. Pure. With finding the rows it is nearly all of what collecting costs a worker, so it can run on a thread
// (page-pool.ts).
import type { TypeNames } from '../../src/domain/ecs/activity-types.js';
import { readActivity } from '../../src/domain/ecs/read-activity.js';
import { parseConsoleInstant, toInstant, toMicros } from '../../src/domain/instant.js';
import type { ActivityPage, ActivityRow } from '../../src/sentinelone/calls/activity-page.js';
import { type KeyRange, keyRange } from '../../src/store/ingest/key-range.js';
import { KnownKeys } from '../../src/store/ingest/known-keys.js';
import type { PreparedPage, Reject } from '../../src/store/ingest/page.js';
import { createPreparer, type PreparedActivity } from '../../src/store/ingest/prepare-activity.js';

/** SentinelOne began in 2013. */
const EARLIEST_MICROS = toMicros('2013-01-01T00:00:00Z');
/** Where an instant is exact to the microsecond: a reject dated beyond keeps its text, not a rounded time. */
const STORABLE = { from: toMicros('0001-01-01T00:00:00Z'), to: toMicros('2255-01-01T00:00:00Z') };

/** What a page says of itself before its rows are looked at. */
export interface PageOutline {
  readonly rowCount: number;
  /** Null at the end of the chain. */
  readonly nextCursor: string | null;
  /** Rows whose id and time can be told without parsing them, and the stretch that these cover. */
  readonly keyCount: number;
  readonly range: KeyRange | null;
}

export interface Preparation {
  /** As `readKnownKeys` answers. */
  readonly known: string;
  readonly typeNames: TypeNames;
  /** A row dated later is no row of now. */
  readonly latestMicros: number;
  /** A row of another account is no row of this connection. */
  readonly s1AccountId: string;
}

export function outlineOf({ rows, nextCursor }: ActivityPage): PageOutline {
  const keys = rows.flatMap(({ key }) => key ?? []);
  return { rowCount: rows.length, nextCursor, keyCount: keys.length, range: keyRange(keys) };
}

/** Throws `s1.bad_response` when a row that it reads is no JSON. */
export function preparePage(
  page: ActivityPage,
  { known, typeNames, latestMicros, s1AccountId }: Preparation,
): PreparedPage {
  const { rows, newestKnown } = unknownRows(page.rows, new KnownKeys(known));
  const prepare = createPreparer(typeNames, rows.length);
  const activities: PreparedActivity[] = [];
  const rejects: Reject[] = [];
  for (const row of rows) {
    const raw = row.read();
    const result = readActivity(raw, { earliestMicros: EARLIEST_MICROS, latestMicros, s1AccountId });
    if (result.ok) activities.push(prepare(result.activity));
    else rejects.push({ text: raw.text, reason: result.reason, occurredAt: rejectTime(raw.value) });
  }
  return { activities, rejects, newestKnown };
}

function unknownRows(all: readonly ActivityRow[], known: KnownKeys) {
  const rows: ActivityRow[] = [];
  let newestKnown: string | null = null;
  for (const row of all) {
    const { key } = row;
    if (key === null || !known.has(key)) rows.push(row);
    else if (newestKnown === null || key.createdAt > newestKnown) newestKnown = key.createdAt;
  }
  return { rows, newestKnown };
}

/** The time of a reject where PostgreSQL can hold it, so that an hour's count can include the row. */
function rejectTime(value: unknown): string | null {
  const createdAt = (value as { createdAt?: unknown } | null)?.createdAt;
  const micros = typeof createdAt === 'string' ? parseConsoleInstant(createdAt) : null;
  return micros === null || micros < STORABLE.from || micros > STORABLE.to ? null : toInstant(micros);
}
