// Works on the connection's oldest backfill: its slices side by side, each with a checkpoint of its own, so that a
// chain of cursor pages is not bound by one console's latency. Stops between pages for a pause, a cancel, or a
// connection that no longer collects; what was stored until then stays.
import { afterFailures } from '../src/domain/collecting/backoff.js';
import { isSentinelOneId } from '../src/sentinelone/calls/activity-query.js';
import {
  type BackfillRow,
  clearBackfillFailures,
  countBackfillFailure,
  findBackfill,
  finishBackfill,
  markResting,
  markRunning,
  oldestUnfinishedBackfill,
  recordBackfillNextTry,
} from '../src/store/collecting/backfill.repository.js';
import { openSlices, type SliceCheckpoint } from '../src/store/collecting/checkpoint.repository.js';
import { findConnection } from '../src/store/connections/connection.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { acceptedFacts, BACKFILL_SHARE, type ConnectionSession } from './attempt/connection-session.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged, refreshNotices } from './attempt/refresh-notices.js';
import { retryLadder } from './attempt/retry-ladder.js';
import { type UpstreamFailure, withSession } from './attempt/with-session.js';
import { collectChain } from './collecting/collect-chain.js';
import { type BackfillRun, collectLedgerOfAgents, finishLedger } from './collecting/collect-ledger.js';
import { firstLimit } from './collecting/page-size.js';
import { typeNamesOf } from './collecting/type-names.js';
import type { Activities, BackfillOutcome, ConnectionRef } from './contract.js';
import type { Deps } from './deps.js';

/**
 * Four already fill two cores against a near console; six hide more of the latency of a far one, and of PostgreSQL's
 * answers.
 */
const SLICES_AT_ONCE = 6;
/** Another backfill waits and shall not wait for this one's next try. */
const OTHERS_GO_FIRST_MS = 1_000;
const LOOK_AT_FLAGS_EVERY_MS = 1_000;

export const runBackfill =
  (deps: Deps): Activities['runBackfill'] =>
  (ref) =>
    withHeartbeat(async (signal) => {
      const backfill = await nextBackfill(deps, ref);
      if (backfill === undefined) return { credentialId: null, drained: true };
      if (backfill.cancelRequested) return cancelled(deps, ref, backfill);
      const options = {
        needs: { share: BACKFILL_SHARE, signal },
        onFailure: (failure: UpstreamFailure) => failedBackfill(deps, ref, { backfill, failure }),
      };
      return withSession(deps, ref, options, (opened) => work(deps, { ref, backfill, opened, signal }));
    });

/** None while the connection is not collecting: its workflow starts the backfill's again when it is. */
async function nextBackfill(deps: Deps, ref: ConnectionRef): Promise<BackfillRow | undefined> {
  return withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
    const connection = await findConnection(tenant, ref.connectionId);
    if (connection?.state !== 'active' || connection.scopeLostAt !== null) return undefined;
    return oldestUnfinishedBackfill(tenant, ref.connectionId);
  });
}

interface Work {
  readonly ref: ConnectionRef;
  readonly backfill: BackfillRow;
  readonly opened: ConnectionSession;
  readonly signal: AbortSignal;
}

async function work(deps: Deps, { ref, backfill, opened, signal }: Work): Promise<BackfillOutcome> {
  const { s1AccountId } = acceptedFacts(opened.connection);
  const slices = await withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
    await markRunning(tenant, backfill);
    return openSlices(tenant, backfill);
  });
  const typeNames = typeNamesOf(deps, ref);
  const watch = watchFlags(deps, ref, backfill);
  let failed = false;
  const onPage = () => {
    signal.throwIfAborted();
    if (watch.stop || failed) throw new Stopped();
  };
  const afterPage = recovery(deps, ref, backfill);
  const siteIds = backfill.siteIds?.filter(isSentinelOneId) ?? null;
  const run: BackfillRun = { ref, backfill, opened, s1AccountId, siteIds, typeNames, onPage, afterPage };
  try {
    await sideBySide(siteIds?.length === 0 ? [] : slices, {
      work: (slice) => collectSlice(deps, run, slice),
      onFailure: () => (failed = true),
    });
    if (backfill.kind === 'discarded') await collectLedgerOfAgents(deps, run);
    await finish(deps, run);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    await withTenant(deps.database, ref.accountId, 'all', (tenant) => markResting(tenant, backfill));
  } finally {
    watch.end();
  }
  return { credentialId: opened.credentialId, drained: false };
}

/** Ends a run between two pages without failing it: the next look at the table decides what comes then. */
class Stopped extends Error {}

/**
 * Looks at the row once a second, so that pages need not. A look that fails is no reason to stop; the pages will tell.
 */
function watchFlags(deps: Deps, ref: ConnectionRef, backfill: BackfillRow) {
  const watch = { stop: false, end: () => clearInterval(timer) };
  const look = async () => {
    const { row, connection } = await withTenant(deps.database, ref.accountId, 'all', async (tenant) => ({
      row: await findBackfill(tenant, ref.connectionId, backfill.id),
      connection: await findConnection(tenant, ref.connectionId),
    }));
    watch.stop =
      row === undefined ||
      row.pauseRequested ||
      row.cancelRequested ||
      connection?.state !== 'active' ||
      connection.scopeLostAt !== null;
  };
  const timer = setInterval(() => {
    look().catch(() => deps.log.warn({ ...ref, backfillId: backfill.id }, 'could not look whether to stop'));
  }, LOOK_AT_FLAGS_EVERY_MS);
  return watch;
}

/** Only a good page says that the upstream is back: an attempt that merely began must not start the backoff over. */
function recovery(deps: Deps, ref: ConnectionRef, backfill: BackfillRow): () => Promise<void> {
  let isRecovered = backfill.consecutiveFailures === 0;
  return async () => {
    if (isRecovered) return;
    isRecovered = true;
    await withTenant(deps.database, ref.accountId, 'all', (tenant) => clearBackfillFailures(tenant, backfill));
  };
}

/**
 * Oldest first, a few at a time. The first failure is told, so that the rest can stop at their next page, and thrown.
 */
async function sideBySide<T>(
  items: readonly T[],
  { work, onFailure }: { readonly work: (item: T) => Promise<void>; readonly onFailure: () => void },
): Promise<void> {
  const waiting = [...items];
  const errors: unknown[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && errors.length === 0; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
        onFailure();
      }
    }
  };
  await Promise.all(Array.from({ length: SLICES_AT_ONCE }, worker));
  if (errors.length > 0) throw errors[0];
}

async function collectSlice(deps: Deps, run: BackfillRun, slice: SliceCheckpoint): Promise<void> {
  const { ref, backfill, opened, s1AccountId, siteIds, typeNames, onPage, afterPage } = run;
  await collectChain(deps, {
    ...ref,
    s1AccountId,
    session: opened.session,
    typeNames,
    checkpoint: slice,
    finishes: true,
    firstLimit: firstLimit({ failures: backfill.consecutiveFailures, code: backfill.failureCode }),
    fromLedger: backfill.kind === 'discarded',
    backfillId: backfill.id,
    query: ({ watermark }) => ({
      accountId: s1AccountId,
      createdAtGte: watermark ?? slice.fromAt,
      createdAtLt: slice.toAt,
      ...(siteIds === null ? {} : { siteIds }),
    }),
    onPage,
    afterPage,
  });
}

async function finish(deps: Deps, { ref, backfill }: BackfillRun): Promise<void> {
  await withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
    const unavailable = backfill.kind === 'discarded' ? await finishLedger(tenant, backfill) : 0;
    await finishBackfill(tenant, backfill, { state: 'done', unavailable });
  });
  deps.log.info({ ...ref, backfillId: backfill.id, kind: backfill.kind }, 'backfill done');
  await connectionChanged(deps, ref);
}

async function cancelled(deps: Deps, ref: ConnectionRef, backfill: BackfillRow): Promise<BackfillOutcome> {
  await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
    finishBackfill(tenant, backfill, { state: 'cancelled' }),
  );
  return { credentialId: null, drained: false };
}

function failedBackfill(
  deps: Deps,
  ref: ConnectionRef,
  { backfill, failure }: { readonly backfill: BackfillRow; readonly failure: UpstreamFailure },
): Promise<Error> {
  const write = async () => {
    const written = await withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
      const failures = await countBackfillFailure(tenant, backfill, failure.code);
      const { nextTryInMs } = afterFailures({ ...failure, failures });
      await recordBackfillNextTry(tenant, backfill, nextTryInMs);
      const next = await oldestUnfinishedBackfill(tenant, ref.connectionId);
      const othersWait = next !== undefined && next.id !== backfill.id;
      return { nextTryInMs: othersWait ? OTHERS_GO_FIRST_MS : nextTryInMs };
    });
    await refreshNotices(deps, ref);
    return written;
  };
  return retryLadder(deps, ref, failure, { what: 'backfill', write });
}
