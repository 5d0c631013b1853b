// One chain of pages: a frozen filter, followed by its cursor to the end. Each page is one transaction with the checkpoint
// that covers it; the next page is fetched while this one is stored. Live polls and backfill slices both come through here.
import { readActivity, type ReadActivity } from '../src/domain/ecs/read-activity.js';
import { parseInstant, toInstant, toMicros } from '../src/domain/instant.js';
import { keptFrom } from '../src/domain/retention.js';
import type { ActivityPage, ActivityRow } from '../src/sentinelone/activity-page.js';
import type { ActivityQuery } from '../src/sentinelone/activity-query.js';
import type { SentinelOneSession } from '../src/sentinelone/client.js';
import { SentinelOneError } from '../src/sentinelone/sentinelone-error.js';
import type { Checkpoint } from '../src/store/checkpoint.repository.js';
import { heldRows } from '../src/store/ingest/held-rows.js';
import { ingestPage, NOTHING_STORED } from '../src/store/ingest/ingest-page.js';
import type { PageResult, Reject } from '../src/store/ingest/page.js';
import { activityKey } from '../src/store/ingest/sort-activities.js';
import { withTenant } from '../src/store/tenant.js';
import type { TypeNames } from '../src/domain/ecs/action-name.js';
import { resolveAgents } from './resolve-agents.js';
import type { Deps } from './deps.js';

/** SentinelOne began in 2013; a row dated a day ahead of the console is no row of now. */
const EARLIEST_MICROS = toMicros('2013-01-01T00:00:00Z');
const AHEAD_MICROS = 24 * 3600 * 1_000_000;
/** Where an instant is exact to the microsecond: a reject dated beyond keeps its text, not a rounded time. */
const STORABLE = { from: toMicros('0001-01-01T00:00:00Z'), to: toMicros('2255-01-01T00:00:00Z') };
/** A cursor may die before its chain has got past the overlap, where nothing moves the watermark; not again and again. */
const MAX_RESTARTS_WITHOUT_PROGRESS = 1;

export interface Chain {
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
  readonly session: SentinelOneSession;
  readonly typeNames: TypeNames;
  readonly checkpoint: Checkpoint;
  /** The filter for a chain that starts from this checkpoint; asked again when a cursor died. */
  readonly query: (checkpoint: Checkpoint) => ActivityQuery;
  /** A slice is done with its last page; live never is. */
  readonly finishes: boolean;
  readonly fromLedger?: boolean;
  readonly backfillId?: string;
  /** Called before each page; throws to stop between pages. */
  readonly onPage: () => void;
  /** Called after each page that SentinelOne gave and that is stored. */
  readonly afterPage?: () => Promise<void>;
}

export interface ChainResult {
  readonly checkpoint: Checkpoint;
  readonly pages: number;
  readonly stored: number;
  readonly discarded: number;
  readonly rejected: number;
  /** Rows of any kind since the chain last started over, all of which are held now. */
  readonly listed: number;
}

/** Follows the chain to its end. What it throws leaves every page before it stored. */
export async function collectChain(deps: Deps, chain: Chain): Promise<ChainResult> {
  const progress = new Progress(chain.checkpoint);
  let restartsWithoutProgress = 0;
  for (;;) {
    const before = progress.checkpoint.watermark;
    try {
      await followCursor(deps, chain, progress);
      return progress;
    } catch (error) {
      const cursorDied = error instanceof SentinelOneError && error.cursorRejected;
      restartsWithoutProgress = progress.checkpoint.watermark === before ? restartsWithoutProgress + 1 : 0;
      if (!cursorDied || restartsWithoutProgress > MAX_RESTARTS_WITHOUT_PROGRESS) throw error;
    }
  }
}

class Progress implements ChainResult {
  pages = 0;
  stored = 0;
  discarded = 0;
  rejected = 0;
  listed = 0;
  constructor(public checkpoint: Checkpoint) {}

  add(page: PageResult): void {
    this.checkpoint = page.checkpoint;
    this.pages += 1;
    this.stored += page.stored;
    this.discarded += page.discarded;
    this.rejected += page.rejected;
  }
}

async function followCursor(deps: Deps, chain: Chain, progress: Progress): Promise<void> {
  const query = chain.query(progress.checkpoint);
  progress.listed = 0;
  let next: Promise<ActivityPage> | null = fetchPage(chain, query, null);
  while (next !== null) {
    const page: ActivityPage = await next;
    next = page.nextCursor === null ? null : fetchPage(chain, query, page.nextCursor);
    const result = await storePage(deps, chain, { page, checkpoint: progress.checkpoint });
    progress.add(result);
    progress.listed += page.rows.length;
    tell(deps, chain, result);
    await chain.afterPage?.();
  }
}

function tell(deps: Deps, { accountId, connectionId }: Chain, page: PageResult): void {
  if (page.stored + page.discarded + page.rejected === 0) return;
  deps.changes?.send({ accountId, counters: [connectionId], organizations: page.organizationIds });
}

/** Starts at once. Its failure is looked at when its turn comes, so it must not count as unhandled until then. */
function fetchPage(chain: Chain, query: ActivityQuery, cursor: string | null): Promise<ActivityPage> {
  chain.onPage();
  const page = chain.session.pageOfActivities(query, cursor);
  page.catch(() => undefined);
  return page;
}

async function storePage(
  deps: Deps,
  chain: Chain,
  { page, checkpoint }: { readonly page: ActivityPage; readonly checkpoint: Checkpoint },
): Promise<PageResult> {
  const isDone = page.nextCursor === null && chain.finishes;
  const { rows, newestHeld } = await notHeld(deps, chain, page.rows);
  const { activities, rejects } = readRows(rows, chain.session.consoleNowMicros());
  const watermark = newest(activities, newestHeld);
  const isMove = watermark !== null && (checkpoint.watermark === null || watermark > checkpoint.watermark);
  if (rows.length === 0 && !isMove && !isDone) return { checkpoint, ...NOTHING_STORED };
  await resolveAgents(deps, chain, activities);
  const { accountId, connectionId, s1AccountId, typeNames, fromLedger, backfillId } = chain;
  return ingestPage(deps.database, {
    ...{ accountId, connectionId, s1AccountId, checkpoint, activities, rejects, typeNames, watermark },
    done: isDone,
    ...(deps.retention === undefined ? {} : { keptFrom: keptFrom(deps.retention, chain.session.consoleNowMicros()) }),
    ...(fromLedger === undefined ? {} : { fromLedger }),
    ...(backfillId === undefined ? {} : { backfillId }),
  });
}

/** The rows that have to be parsed and stored, and the newest time among the others. */
async function notHeld(deps: Deps, chain: Chain, all: readonly ActivityRow[]) {
  const keys = all.flatMap(({ key }) => key ?? []);
  const { s1AccountId, fromLedger = false } = chain;
  const held =
    keys.length === 0
      ? new Set<string>()
      : await withTenant(deps.database, chain.accountId, 'all', (tenant) =>
          heldRows(tenant, { s1AccountId, keys, fromLedger }),
        );
  const rows: ActivityRow[] = [];
  let newestHeld: string | null = null;
  for (const row of all) {
    const { key } = row;
    if (key === null || !held.has(activityKey(key.id, key.createdAt))) rows.push(row);
    else if (newestHeld === null || key.createdAt > newestHeld) newestHeld = key.createdAt;
  }
  return { rows, newestHeld };
}

function readRows(
  rows: readonly ActivityRow[],
  consoleNowMicros: number,
): { activities: ReadActivity[]; rejects: Reject[] } {
  const bounds = { earliestMicros: EARLIEST_MICROS, latestMicros: consoleNowMicros + AHEAD_MICROS };
  const activities: ReadActivity[] = [];
  const rejects: Reject[] = [];
  for (const row of rows) {
    const raw = row.read();
    const result = readActivity(raw, bounds);
    if (result.ok) activities.push(result.activity);
    else rejects.push({ text: raw.text, reason: result.reason, occurredAt: rejectTime(raw.value) });
  }
  return { activities, rejects };
}

/** The time of a reject where PostgreSQL can hold it, so that an hour's count can include the row. */
function rejectTime(value: unknown): string | null {
  const createdAt = (value as { createdAt?: unknown } | null)?.createdAt;
  const micros = typeof createdAt === 'string' ? parseInstant(createdAt) : null;
  return micros === null || micros < STORABLE.from || micros > STORABLE.to ? null : toInstant(micros);
}

/** Instants are written alike, so they compare as text. */
function newest(activities: readonly ReadActivity[], other: string | null): string | null {
  let latest = other;
  for (const { createdAt } of activities) if (latest === null || createdAt > latest) latest = createdAt;
  return latest;
}
