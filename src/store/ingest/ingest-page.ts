// The one transaction that makes collecting exactly once in effect: a page's rows and the checkpoint that covers them
// are committed together or not at all. The steps are in the order that keeps two attempts from hurting each other:
//   1. compare-and-set of the checkpoint     a loser changes nothing
//   2. routing lock, shared with pages       no page spans a remap
//      and the rows' stretches of time       of two pages with the same activity the later finds it known
//   3. mapping, agents, unknown sites
//   4. look the page's ids up                known rows cost one indexed read (212,000 rows/s against 11,000 by insert)
//   5. COPY what is new
//   6. counters, sites in order of their id  so that two pages never wait for each other crosswise
// A unique violation means that another writer was faster: the page is tried again from the start. So it is after a
// deadlock, after another collector took rows out of the discard ledger, and after retention dropped a month's
// partition.
import { advanceCheckpoint } from '../collecting/checkpoint.repository.js';
import type { Database } from '../database.js';
import { StoreConflict } from '../errors.js';
import { isDeadlock, isMissingPartition, isUniqueViolation } from '../pg-errors.js';
import { type Tenant, withTenant } from '../tenant.js';
import { ensurePartitions, forgetPartitions, monthOf } from '../upkeep/partitions.js';
import { copyDiscards, copyEvents } from './copy-page.js';
import { countPage } from './count-page.js';
import { LedgerMoved, lookUpKnown, removeFromLedger } from './known-activities.js';
import { lockPage } from './lock-page.js';
import type { PageToStore, StoredPage } from './page.js';
import { readRouting } from './read-routing.js';
import { insertRejects } from './rejects.js';
import { sortActivities } from './sort-activities.js';

const MAX_ATTEMPTS = 3;

/** Stores one page. Throws `CheckpointConflict`, `StoreConflict`, `ConnectionGone`, or the database's own error. */
export async function ingestPage(database: Database, page: PageToStore): Promise<StoredPage> {
  const months = monthsOf(page);
  for (let attempt = 1; ; attempt++) {
    try {
      await ensurePartitions(database, months);
      return await withTenant(database, page.accountId, 'all', (tenant) => storeRows(tenant, page));
    } catch (error) {
      if (isMissingPartition(error)) forgetPartitions(database);
      else if (!lostRace(error)) throw error;
      if (attempt === MAX_ATTEMPTS) throw new StoreConflict('the same rows kept arriving elsewhere', { cause: error });
    }
  }
}

/** A month that retention has dropped is not made again for rows that will not be stored. */
function monthsOf({ activities, keptFrom }: PageToStore): Set<string> {
  const times = activities.map(({ createdAt }) => createdAt);
  const stored =
    keptFrom === undefined ? times : times.filter((at) => at >= keptFrom.events || at >= keptFrom.discards);
  return new Set(stored.map(monthOf));
}

const lostRace = (error: unknown) => isUniqueViolation(error) || isDeadlock(error) || error instanceof LedgerMoved;

export const NOTHING_STORED = { stored: 0, discarded: 0, rejected: 0, organizationIds: [] } as const;

async function storeRows(tenant: Tenant, page: PageToStore): Promise<StoredPage> {
  const to = { watermark: page.watermark, done: page.done === true };
  const checkpoint = await advanceCheckpoint(tenant, page.checkpoint, to);
  if (page.activities.length + page.rejects.length === 0) return { checkpoint, ...NOTHING_STORED };
  await lockPage(tenant, page);
  const mapping = await readRouting(tenant, page);
  const known = await lookUpKnown(tenant, page);
  const sorted = sortActivities(page.activities, {
    mapping,
    known,
    fromLedger: page.fromLedger === true,
    keptFrom: page.keptFrom,
  });
  await removeFromLedger(tenant, page, sorted.collected);
  await copyEvents(tenant, page, { version: mapping.version, rows: sorted.events });
  await copyDiscards(tenant, page, { version: mapping.version, rows: sorted.discards });
  const rejected = await insertRejects(tenant, page);
  await countPage(tenant, page, { ...sorted, rejected });
  const organizationIds = [...new Set(sorted.events.map(({ route }) => route.organizationId))];
  return { checkpoint, stored: sorted.events.length, discarded: sorted.discards.length, rejected, organizationIds };
}
