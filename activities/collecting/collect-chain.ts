// One chain of pages: a frozen filter, followed by its cursor to the end. Each page is one transaction with the
// checkpoint that covers it; the next page is fetched while this one is stored. Live polls and backfill slices both
// come through here.
import { keptFrom } from '../../src/domain/collecting/retention.js';
import { MICROS_PER_HOUR } from '../../src/domain/instant.js';
import { type ActivityQuery, PAGE_LIMIT } from '../../src/sentinelone/calls/activity-query.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';
import type { Checkpoint } from '../../src/store/collecting/checkpoint.repository.js';
import { ingestPage, NOTHING_STORED } from '../../src/store/ingest/ingest-page.js';
import { readKnownKeys } from '../../src/store/ingest/known-keys.js';
import type { PreparedPage, StoredPage } from '../../src/store/ingest/page.js';
import type { PreparedActivity } from '../../src/store/ingest/prepare-activity.js';
import type { Deps } from '../deps.js';
import { type OpenPage, readInPlace } from '../pages/open-page.js';
import { earliestNowMicros } from './follow-clock.js';
import { PageSize } from './page-size.js';
import { PlaceWatch } from './place-watch.js';
import { resolveAgents } from './resolve-agents.js';
import type { ReadTypeNames } from './type-names.js';

/** A row dated a day ahead of the console is no row of now. */
const AHEAD_MICROS = 24 * MICROS_PER_HOUR;
/**
 * A cursor may die before its chain has got past the overlap, where nothing moves the watermark; not again and again.
 */
const MAX_RESTARTS_WITHOUT_PROGRESS = 1;

export interface Chain {
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
  readonly session: SentinelOneSession;
  readonly typeNames: ReadTypeNames;
  readonly checkpoint: Checkpoint;
  /** The filter for a chain that starts from this checkpoint; asked again when a cursor died. */
  readonly query: (checkpoint: Checkpoint) => ActivityQuery;
  /** A slice is done with its last page; live never is. */
  readonly finishes: boolean;
  /** Rows of the first page; by default as many as SentinelOne gives. */
  readonly firstLimit?: number;
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
  /** Rows of any kind since the chain last started over, all of which are in the database now. */
  readonly listed: number;
}

/** Follows the chain to its end. What it throws leaves every page before it stored. */
export async function collectChain(deps: Deps, chain: Chain): Promise<ChainResult> {
  const progress = new Progress(chain.checkpoint);
  const size = new PageSize(chain.firstLimit ?? PAGE_LIMIT);
  let restartsWithoutProgress = 0;
  for (;;) {
    const before = progress.checkpoint.watermark;
    try {
      await followCursor(deps, chain, { progress, size });
      return progress;
    } catch (error) {
      const cursorDied = error instanceof SentinelOneError && error.cursorRejected;
      restartsWithoutProgress = progress.checkpoint.watermark === before ? restartsWithoutProgress + 1 : 0;
      if (!cursorDied || restartsWithoutProgress > MAX_RESTARTS_WITHOUT_PROGRESS) throw error;
      const { accountId, connectionId } = chain;
      deps.log.warn({ accountId, connectionId, code: error.code }, 'a chain of pages begins again at its checkpoint');
    }
  }
}

interface Following {
  readonly progress: Progress;
  readonly size: PageSize;
}

class Progress implements ChainResult {
  pages = 0;
  stored = 0;
  discarded = 0;
  rejected = 0;
  listed = 0;
  constructor(public checkpoint: Checkpoint) {}

  add(page: StoredPage): void {
    this.checkpoint = page.checkpoint;
    this.pages += 1;
    this.stored += page.stored;
    this.discarded += page.discarded;
    this.rejected += page.rejected;
  }
}

async function followCursor(deps: Deps, chain: Chain, { progress, size }: Following): Promise<void> {
  const query = chain.query(progress.checkpoint);
  const watch = new PlaceWatch();
  progress.listed = 0;
  let next: Promise<OpenPage> | null = fetchPage(deps, chain, { query, cursor: null, size });
  try {
    while (next !== null) {
      const page: OpenPage = await next;
      const { rowCount, nextCursor } = page;
      size.isGood();
      next = nextCursor === null ? null : fetchPage(deps, chain, { query, cursor: nextCursor, size });
      const result = await collectPage(deps, chain, { page, checkpoint: progress.checkpoint }).finally(() =>
        page.close(),
      );
      progress.add(result);
      progress.listed += rowCount;
      watch.look(page);
      tell(deps, chain, result);
      await chain.afterPage?.();
    }
  } finally {
    next?.then((page) => page.close(), ignored);
  }
}

/** Of a page that nobody will ask for any more. */
const ignored = () => undefined;

function tell(deps: Deps, { accountId, connectionId }: Chain, page: StoredPage): void {
  if (page.stored + page.discarded + page.rejected === 0) return;
  deps.changes?.send({ accountId, counters: [connectionId], organizations: page.organizationIds });
}

interface Place {
  readonly query: ActivityQuery;
  readonly cursor: string | null;
  readonly size: PageSize;
}

/** Starts at once. Its failure is looked at when its turn comes, so it must not count as unhandled until then. */
function fetchPage(deps: Deps, chain: Chain, place: Place): Promise<OpenPage> {
  chain.onPage();
  const page = pageThatFits(deps, chain, place);
  page.catch(ignored);
  return page;
}

/** Of as many rows as the console gives at once from here. */
async function pageThatFits({ pageReader = readInPlace }: Deps, chain: Chain, place: Place): Promise<OpenPage> {
  const { query, cursor, size } = place;
  const open = (bytes: Buffer) => pageReader.open(bytes);
  for (;;) {
    try {
      return await chain.session.pageOfActivities(query, cursor, open, pageReader.memory, size.limit);
    } catch (error) {
      if (!size.shrinksFor(error)) throw error;
      chain.onPage();
    }
  }
}

async function collectPage(
  deps: Deps,
  chain: Chain,
  { page, checkpoint }: { readonly page: OpenPage; readonly checkpoint: Checkpoint },
): Promise<StoredPage> {
  const isDone = page.nextCursor === null && chain.finishes;
  const { activities, rejects, newestKnown } = await prepareUnknown(deps, chain, page);
  const watermark = newest(activities, newestKnown);
  const isMove = watermark !== null && (checkpoint.watermark === null || watermark > checkpoint.watermark);
  if (activities.length + rejects.length === 0 && !isMove && !isDone) return { checkpoint, ...NOTHING_STORED };
  await resolveAgents(deps, chain, activities);
  const { accountId, connectionId, s1AccountId, fromLedger, backfillId } = chain;
  return ingestPage(deps.database, {
    accountId,
    connectionId,
    s1AccountId,
    checkpoint,
    activities,
    rejects,
    watermark,
    done: isDone,
    ...(deps.retention === undefined ? {} : { keptFrom: keptFrom(deps.retention, earliestNowMicros(chain.session)) }),
    ...(fromLedger === undefined ? {} : { fromLedger }),
    ...(backfillId === undefined ? {} : { backfillId }),
  });
}

/** The rows that are not in the database yet, ready to be stored. */
async function prepareUnknown(deps: Deps, chain: Chain, { range, keyCount, ...page }: OpenPage): Promise<PreparedPage> {
  if (page.rowCount === 0) return NO_ROWS;
  const { accountId, s1AccountId, fromLedger = false, session } = chain;
  const question = { accountId, s1AccountId, keyCount, fromLedger };
  const known = range === null ? '' : await readKnownKeys(deps.database, { ...question, range });
  const typeNames = await chain.typeNames();
  const latestMicros = session.consoleNowMicros() + AHEAD_MICROS;
  return page.prepare({ known, typeNames, latestMicros, s1AccountId });
}

const NO_ROWS: PreparedPage = { activities: [], rejects: [], newestKnown: null };

/** Instants are written alike, so they compare as text. */
function newest(activities: readonly PreparedActivity[], other: string | null): string | null {
  let latest = other;
  for (const { createdAt } of activities) if (latest === null || createdAt > latest) latest = createdAt;
  return latest;
}
