// The live poll: one chain of pages from the checkpoint to the console's now. When there is nothing new it fails on
// purpose, benignly, and Temporal tries again after the interval: an idle poll costs one action and leaves no history.
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { afterFailures } from '../src/domain/collecting/backoff.js';
import { collectableFromMicros } from '../src/domain/collecting/retention.js';
import { historyToHandOver, type LivePosition, liveWindow } from '../src/domain/collecting/windows.js';
import { toInstant, toMicros } from '../src/domain/instant.js';
import { hasUnfinishedBackfill, queueBackfill } from '../src/store/collecting/backfill.repository.js';
import {
  advanceCheckpoint,
  type Checkpoint,
  holdCheckpoint,
  liveCheckpoint,
} from '../src/store/collecting/checkpoint.repository.js';
import { countFailure, recordCollectedThrough, recordNextTry } from '../src/store/connections/connection.repository.js';
import { type Tenant, withTenant } from '../src/store/tenant.js';
import { acceptedFacts, type ConnectionSession, LIVE_SHARE } from './attempt/connection-session.js';
import { within } from './attempt/deadline.js';
import { Refused } from './attempt/failure.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { retryLadder, type WrittenFailure } from './attempt/retry-ladder.js';
import { type UpstreamFailure, withSessionInTime } from './attempt/with-session.js';
import { collectChain } from './collecting/collect-chain.js';
import { earliestNowMicros, followConsoleClock } from './collecting/follow-clock.js';
import { firstLimit } from './collecting/page-size.js';
import { typeNamesOf } from './collecting/type-names.js';
import type { Activities, ConnectionRef, PollOutcome } from './contract.js';
import type { Deps } from './deps.js';

/** Before Temporal's five minutes, with time left to write the failure down. */
const DEADLINE_MS = 4.5 * 60_000;
/** A store that hangs must not keep a failed attempt from ending. */
const WRITE_MS = 5_000;

export const pollActivities =
  (deps: Deps): Activities['pollActivities'] =>
  (input) => {
    const progress: Progress = { collectedThrough: null, degradedSince: null, pages: 0 };
    const work = async (cancellation: AbortSignal) => {
      const options = {
        needs: { share: LIVE_SHARE, signal: cancellation, impatient: true },
        onFailure: (failure: UpstreamFailure) => failedPoll(deps, input, failure),
        deadlineMs: deps.pollDeadlineMs ?? DEADLINE_MS,
      };
      const { pollIntervalMs: intervalMs, stateSeq } = input;
      const { outcome, handedOver } = await withSessionInTime(deps, input, options, (opened, signal) =>
        poll(deps, { ref: input, opened, signal, intervalMs, stateSeq, progress }),
      );
      const foundNothing = outcome.stored + outcome.discarded + outcome.rejected === 0;
      if (foundNothing && !handedOver) throw idleFailure(intervalMs, progress);
      return outcome;
    };
    return withHeartbeat(work, () => progress);
  };

/** What the Temporal UI shows of a poll: codes, figures and instants of the console. */
interface Progress {
  collectedThrough: string | null;
  degradedSince: string | null;
  /** Of this attempt's chain, stored so far. */
  pages: number;
}

interface Poll {
  readonly ref: ConnectionRef;
  readonly opened: ConnectionSession;
  readonly signal: AbortSignal;
  readonly intervalMs: number;
  readonly stateSeq: number | undefined;
  readonly progress: Progress;
}

async function poll(deps: Deps, input: Poll): Promise<{ outcome: PollOutcome; handedOver: boolean }> {
  const { ref, opened, signal, stateSeq, progress } = input;
  // One of the two was restored, or the workflow was reset: it has to learn of it before anything is collected.
  if (stateSeq !== undefined && stateSeq !== opened.connection.stateSeq) throw new Refused('state_differs');
  // Found by whoever looked at the scope; should its word be lost, this one's is not.
  if (opened.connection.scopeLostAt !== null) throw new Refused('s1.scope_changed');
  const { session, credentialId, connection } = opened;
  const { accountId, connectionId } = ref;
  const { degradedSince } = connection;
  await session.measureClock();
  const { collectedThrough, consoleAheadMs, isNews } = await followConsoleClock(deps, ref, opened);
  Object.assign(progress, { collectedThrough, degradedSince });
  const standing = await withTenant(deps.database, accountId, 'all', (tenant) =>
    standingOf(deps, tenant, { ...input, collectedThrough }),
  );
  // A console that is away must not be handed over to: each attempt of a long outage would queue one more backfill.
  if (isFarBehind(standing, input)) await session.getSystemInfo();
  const consoleNowMicros = session.consoleNowMicros();
  const start = await startFrom(deps, standing, { ...input, consoleNowMicros });
  const result = await collectChain(deps, {
    ...ref,
    s1AccountId: start.s1AccountId,
    session,
    typeNames: typeNamesOf(deps, ref),
    checkpoint: start.checkpoint,
    finishes: false,
    firstLimit: firstLimit({ failures: connection.consecutiveFailures, code: connection.failureCode }),
    query: (checkpoint) => {
      const position = { ...start.position, watermarkMicros: microsOf(checkpoint.watermark) };
      const window = liveWindow(position, consoleNowMicros);
      return {
        accountId: start.s1AccountId,
        createdAtGte: toInstant(window.fromMicros),
        createdAtLt: toInstant(window.toMicros),
      };
    },
    onPage: () => {
      progress.pages += 1;
      signal.throwIfAborted();
    },
  });
  const through = toInstant(consoleNowMicros);
  progress.collectedThrough = through;
  const clockDoubtMs = session.clockDoubtMs();
  const backfillQueued = await withTenant(deps.database, accountId, 'all', async (tenant) => {
    // Set back meanwhile, it must not be told to be further than it is.
    await holdCheckpoint(tenant, result.checkpoint);
    await recordCollectedThrough(tenant, connectionId, through, { consoleAheadMs, clockDoubtMs });
    return hasUnfinishedBackfill(tenant, connectionId);
  });
  const isClockNews = isNews || (clockDoubtMs === null) !== (connection.clockDoubtMs === null);
  if (connection.consecutiveFailures > 0 || result.rejected > 0 || isClockNews) await connectionChanged(deps, ref);
  const { stored, discarded, rejected, checkpoint } = result;
  const { watermark } = checkpoint;
  const outcome = { credentialId, stored, discarded, rejected, watermark, backfillQueued };
  return { outcome, handedOver: start.handedOver };
}

interface Standing {
  readonly s1AccountId: string;
  readonly checkpoint: Checkpoint;
  readonly position: LivePosition;
}

/** Where live stands. What would be too old to be kept is not collected, however long the connection has waited. */
async function standingOf(
  { retention }: Deps,
  tenant: Tenant,
  { opened: { connection, session }, collectedThrough }: Poll & { readonly collectedThrough: string | null },
): Promise<Standing> {
  const { s1AccountId, collectFromMicros: wantedFromMicros } = acceptedFacts(connection);
  const keptFromMicros = retention === undefined ? 0 : collectableFromMicros(retention, earliestNowMicros(session));
  const collectFromMicros = Math.max(wantedFromMicros, keptFromMicros);
  const checkpoint = await liveCheckpoint(tenant, connection.id);
  const position = positionOf(checkpoint, { collectFromMicros, collectedThrough });
  return { s1AccountId, checkpoint, position };
}

const isFarBehind = ({ position }: Standing, { opened, intervalMs }: Poll): boolean =>
  historyToHandOver(position, opened.session.consoleNowMicros(), intervalMs) !== null;

/**
 * When live is far behind, hands the history over to a backfill and moves the watermark past it, in one transaction.
 */
async function startFrom(deps: Deps, standing: Standing, input: Poll & { readonly consoleNowMicros: number }) {
  const { accountId, connectionId } = input.ref;
  const history = historyToHandOver(standing.position, input.consoleNowMicros, input.intervalMs);
  if (history === null) return { ...standing, handedOver: false };
  const checkpoint = await withTenant(deps.database, accountId, 'all', async (tenant) => {
    const to = { watermark: toInstant(history.toMicros) };
    const moved = await advanceCheckpoint(tenant, standing.checkpoint, to);
    await queueBackfill(tenant, { connectionId, kind: 'history', window: history });
    return moved;
  });
  return { ...standing, checkpoint, handedOver: true };
}

function positionOf(
  checkpoint: Checkpoint,
  from: { readonly collectFromMicros: number; readonly collectedThrough: string | null },
): LivePosition {
  return {
    collectFromMicros: from.collectFromMicros,
    watermarkMicros: microsOf(checkpoint.watermark),
    collectedThroughMicros: microsOf(from.collectedThrough),
  };
}

const microsOf = (instant: string | null) => (instant === null ? null : toMicros(instant));

function failedPoll(deps: Deps, ref: ConnectionRef, failure: UpstreamFailure): Promise<Error> {
  const write = async () => {
    const written = await within(WRITE_MS, writeFailure(deps, ref, failure));
    await within(WRITE_MS, connectionChanged(deps, ref)).catch(toldLater);
    return written;
  };
  return retryLadder(deps, ref, failure, { what: 'poll', write });
}

/** Notices are made up to date by whoever learns something next. */
const toldLater = () => undefined;

async function writeFailure(deps: Deps, ref: ConnectionRef, failure: UpstreamFailure): Promise<WrittenFailure> {
  const { code, retryAfterMs } = failure;
  return withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
    const failures = await countFailure(tenant, ref.connectionId, code);
    const next = afterFailures({ code, failures, retryAfterMs });
    const shown = await recordNextTry(tenant, ref.connectionId, next);
    const { nextTryInMs } = next;
    deps.log.warn({ ...ref, code, failures, nextTryInMs }, 'a poll failed and will be tried again; nothing is lost');
    return shown === undefined ? { nextTryInMs } : { nextTryInMs, note: noteOf(shown) };
  });
}

const noteOf = ({ degradedSince, collectedThrough }: Omit<Progress, 'pages'>): string =>
  [
    `collected through ${collectedThrough ?? 'nothing yet'}`,
    ...(degradedSince === null ? [] : [`degraded since ${degradedSince}`]),
  ].join(', ');

const idleFailure = (intervalMs: number, { collectedThrough }: Progress): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'idle',
    message: `nothing new, collected through ${collectedThrough ?? ''}`,
    nextRetryDelay: intervalMs,
    category: ApplicationFailureCategory.BENIGN,
  });
