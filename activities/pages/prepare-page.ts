// What is done with a page's bytes before its transaction: finding the rows, leaving out those that are held, and preparing the
// rest. Pure, and nearly all of what collecting costs in this process; so it can run on a thread of its own (page-threads.ts).
import type { TypeNames } from '../../src/domain/ecs/action-name.js';
import { readActivity } from '../../src/domain/ecs/read-activity.js';
import { parseInstant, toInstant, toMicros } from '../../src/domain/instant.js';
import { type ActivityRow, parseActivityPage } from '../../src/sentinelone/calls/activity-page.js';
import { HeldKeys } from '../../src/store/ingest/held-rows.js';
import { type KeyRange, keyRange } from '../../src/store/ingest/key-range.js';
import type { Reject } from '../../src/store/ingest/page.js';
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

export interface PrepareRequest {
  /** As `heldRows` answers. */
  readonly held: string;
  readonly typeNames: TypeNames;
  /** A row dated later is no row of now. */
  readonly latestMicros: number;
}

export interface PreparedPage {
  readonly activities: readonly PreparedActivity[];
  readonly rejects: readonly Reject[];
  /** The newest time among the rows that are held, or null when none is. */
  readonly newestHeld: string | null;
}

/** Throws `s1.bad_response` when the bytes are no page; `prepare` does so when a row that it reads is no JSON. */
export class ReceivedPage {
  readonly outline: PageOutline;
  private readonly rows: readonly ActivityRow[];

  constructor(bytes: Buffer) {
    const { rows, nextCursor } = parseActivityPage(bytes);
    const keys = rows.flatMap(({ key }) => key ?? []);
    this.rows = rows;
    this.outline = { rowCount: rows.length, nextCursor, keyCount: keys.length, range: keyRange(keys) };
  }

  prepare({ held, typeNames, latestMicros }: PrepareRequest): PreparedPage {
    const { rows, newestHeld } = notHeld(this.rows, new HeldKeys(held));
    const prepare = createPreparer(typeNames, rows.length);
    const activities: PreparedActivity[] = [];
    const rejects: Reject[] = [];
    for (const row of rows) {
      const raw = row.read();
      const result = readActivity(raw, { earliestMicros: EARLIEST_MICROS, latestMicros });
      if (result.ok) activities.push(prepare(result.activity));
      else rejects.push({ text: raw.text, reason: result.reason, occurredAt: rejectTime(raw.value) });
    }
    return { activities, rejects, newestHeld };
  }
}

function notHeld(all: readonly ActivityRow[], held: HeldKeys) {
  const rows: ActivityRow[] = [];
  let newestHeld: string | null = null;
  for (const row of all) {
    const { key } = row;
    if (key === null || !held.has(key)) rows.push(row);
    else if (newestHeld === null || key.createdAt > newestHeld) newestHeld = key.createdAt;
  }
  return { rows, newestHeld };
}

/** The time of a reject where PostgreSQL can hold it, so that an hour's count can include the row. */
function rejectTime(value: unknown): string | null {
  const createdAt = (value as { createdAt?: unknown } | null)?.createdAt;
  const micros = typeof createdAt === 'string' ? parseInstant(createdAt) : null;
  return micros === null || micros < STORABLE.from || micros > STORABLE.to ? null : toInstant(micros);
}
