// Compares what is held of each window of console time with SentinelOne's own count, and reads a window again of which
// something is missing. What is due is read from the table each time, so an attempt that dies leaves nothing behind but
// its finished windows. A run is bounded; what it leaves is due at the next.
import { halves, nextStep, stageReached, verdictOn } from '../src/domain/collecting/completeness.js';
import { comparableFromMicros } from '../src/domain/collecting/retention.js';
import { toInstant, toMicros } from '../src/domain/instant.js';
import { COUNT_CAP } from '../src/sentinelone/calls/activity.calls.js';
import type { ActivityQuery } from '../src/sentinelone/calls/activity-query.js';
import { claimCompletenessCheckpoint } from '../src/store/collecting/checkpoint.repository.js';
import {
  countOurs,
  cutWindow,
  type DueWindow,
  dueWindows,
  recordCheck,
} from '../src/store/collecting/completeness.repository.js';
import { findConnection } from '../src/store/connections/connection.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { acceptedFacts, CHECK_SHARE, type ConnectionSession } from './attempt/connection-session.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { withSession } from './attempt/with-session.js';
import { type ChainResult, collectChain } from './collecting/collect-chain.js';
import { typeNamesOf } from './collecting/type-names.js';
import type { Activities, CompletenessOutcome, ConnectionRef } from './contract.js';
import type { Deps } from './deps.js';

/** At one request a second about half a minute. A quiet connection needs three an hour. */
const REQUESTS_PER_RUN = 30;
/** No window is begun after this; one that has begun is finished, which takes a few pages. */
const RUN_MS = 60_000;

export const checkCompleteness =
  (deps: Deps): Activities['checkCompleteness'] =>
  (ref) =>
    withHeartbeat((signal) =>
      withSession(deps, ref, { needs: { share: CHECK_SHARE, signal } }, (opened) =>
        check(deps, { ref, opened, signal }),
      ),
    );

interface Run {
  readonly ref: ConnectionRef;
  readonly opened: ConnectionSession;
  readonly signal: AbortSignal;
}

async function check(deps: Deps, run: Run): Promise<CompletenessOutcome> {
  const { ref, opened } = run;
  const { connection, credentialId } = opened;
  const { s1AccountId, collectFromMicros: wantedFromMicros } = acceptedFacts(connection);
  const tally = { credentialId, checked: 0, repaired: 0, short: 0 };
  if (connection.collectedThrough === null) return tally;
  const throughMicros = toMicros(connection.collectedThrough);
  const { retention } = deps;
  // What retention has dropped is not missing, and must not be collected again.
  const heldFromMicros = retention === undefined ? 0 : comparableFromMicros(retention, throughMicros);
  const collectFromMicros = Math.max(wantedFromMicros, heldFromMicros);
  const windows = await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
    dueWindows(tenant, ref.connectionId, { collectFromMicros, throughMicros }),
  );
  const endsAtMs = Date.now() + RUN_MS;
  let requests = 0;
  let hasNews = false;
  for (let due = windows.shift(); due !== undefined; due = windows.shift()) {
    if (requests >= REQUESTS_PER_RUN || Date.now() >= endsAtMs) break;
    const result = await compare(deps, { ...run, s1AccountId, throughMicros }, due);
    if (result === 'not collecting') break;
    requests += result.requests;
    windows.unshift(...result.parts);
    if (result.parts.length > 0) continue;
    tally.checked += 1;
    tally.repaired += result.repaired;
    tally.short += result.isShort ? 1 : 0;
    hasNews ||= result.repaired > 0 || result.isShort || due.before?.state === 'short';
  }
  if (hasNews) await connectionChanged(deps, ref);
  return tally;
}

interface Work extends Run {
  readonly s1AccountId: string;
  readonly throughMicros: number;
}

interface Compared {
  readonly requests: number;
  readonly repaired: number;
  readonly isShort: boolean;
  /** Instead of a finding: what is to be compared in the window's place. */
  readonly parts: readonly DueWindow[];
}

/**
 * Theirs first: no row that is already an hour old is stored between the two counts, except by a backfill, which waits.
 */
async function compare(deps: Deps, work: Work, due: DueWindow): Promise<Compared | 'not collecting'> {
  const { ref, opened, throughMicros } = work;
  const { window, before } = due;
  const theirs = await opened.session.countActivities(queryOf(work, due));
  const held = await look(deps, work, due);
  if (!held.isCollecting) return 'not collecting';
  const counts = { theirs, ours: held.ours, isCapped: theirs >= COUNT_CAP };
  const step = nextStep(window, counts);
  const parts = step === 'cut' ? halves(window) : null;
  if (parts !== null) {
    const waiting = await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
      cutWindow(tenant, ref.connectionId, { ...due, parts }),
    );
    return { requests: 1, repaired: 0, isShort: false, parts: waiting };
  }
  const reading = step === 'read' ? await readAgain(deps, work, due) : null;
  const repairedNow = reading === null ? 0 : reading.stored + reading.discarded + reading.rejected;
  const { ours } = reading === null ? held : await look(deps, work, due);
  const verdict = verdictOn({ ...counts, ours, repairedNow, listed: reading?.listed ?? null, before });
  await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
    recordCheck(tenant, ref.connectionId, {
      window,
      throughMicros,
      theirs,
      repairedNow,
      ...verdict,
      stage: stageReached(window, throughMicros),
      overMicros: before?.throughMicros ?? null,
    }),
  );
  tellLog(deps, work, { due, theirs, repairedNow, ...verdict });
  const isShort = verdict.state === 'short';
  return { requests: 1 + (reading?.pages ?? 0), repaired: repairedNow, isShort, parts: [] };
}

const queryOf = ({ s1AccountId }: Work, { window }: DueWindow): ActivityQuery & { readonly createdAtGte: string } => ({
  accountId: s1AccountId,
  createdAtGte: toInstant(window.fromMicros),
  createdAtLt: toInstant(window.toMicros),
});

async function look(deps: Deps, { ref, s1AccountId }: Work, { window }: DueWindow) {
  return withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
    const connection = await findConnection(tenant, ref.connectionId);
    return {
      isCollecting: connection?.state === 'active' && connection.scopeLostAt === null,
      ours: await countOurs(tenant, s1AccountId, window),
    };
  });
}

/** Through the same chain and transaction as everything else: what is known already is only looked up. */
async function readAgain(deps: Deps, work: Work, due: DueWindow): Promise<ChainResult> {
  const { ref, opened, signal, s1AccountId } = work;
  const query = queryOf(work, due);
  const checkpoint = await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
    claimCompletenessCheckpoint(tenant, ref.connectionId),
  );
  return collectChain(deps, {
    ...ref,
    s1AccountId,
    session: opened.session,
    typeNames: typeNamesOf(deps, ref),
    checkpoint,
    finishes: false,
    query: ({ watermark }) => ({ ...query, createdAtGte: watermark ?? query.createdAtGte }),
    onPage: () => signal.throwIfAborted(),
  });
}

function tellLog(
  deps: Deps,
  { ref }: Work,
  found: { due: DueWindow; theirs: number; ours: number; repairedNow: number; state: string; cause: string | null },
): void {
  const { due, ...rest } = found;
  if (rest.state === 'equal' || (rest.state === 'repaired' && rest.repairedNow === 0)) return;
  const fields = { ...ref, from: toInstant(due.window.fromMicros), to: toInstant(due.window.toMicros), ...rest };
  if (rest.state === 'short') deps.log.warn(fields, 'SentinelOne counts more activities than it lists');
  else if (rest.repairedNow > 0) deps.log.info(fields, 'activities were missing and have been collected');
}
