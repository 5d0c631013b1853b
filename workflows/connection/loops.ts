// What a connection does by itself: it polls, and it does its chores. No loop ends by itself; each ends when the run
// must, and none lets a failure out.
import { condition, isCancellation, log } from '@temporalio/workflow';
import type { SitesOutcome } from '../../activities/contract.js';
import { type Chore, isCurrent } from '../../src/domain/connection/connection.js';
import { inPollSeconds } from '../../src/domain/connection/poll-interval.js';
import { CHORE_SUMMARIES } from './activities.js';
import { failureOf, isRejection } from './failure.js';
import type { LiveConnection } from './live-connection.js';

/**
 * Before an activity that used an old credential is started again; without it a lagging reader would make a hot loop.
 */
const STALE_RETRY_MS = 1000;
const JITTER = 0.1;

/** Polls while the connection is collecting. An idle poll waits inside the activity and leaves no event. */
export async function collect(connection: LiveConnection): Promise<void> {
  await untilCancelled(async () => {
    while (!connection.leaving) {
      await condition(() => connection.leaving || connection.collecting);
      await connection.written(); // the poll reads the state from the store
      const waitMs = connection.collecting && !connection.leaving ? await pollOnce(connection) : 0;
      const isOver = () => connection.woken || !connection.collecting;
      if (waitMs > 0) await connection.pauseFor(waitMs, isOver, 'next poll');
    }
  });
}

/** One poll; returns how long to wait before the next. */
async function pollOnce(connection: LiveConnection): Promise<number> {
  const { pollIntervalMs } = connection.intervals;
  const { stateSeq } = connection.state;
  const input = { ...connection.ref, pollIntervalMs, ...(connection.adopts && { stateSeq }) };
  try {
    const outcome = await connection.interruptible(() => connection.activities.live.pollActivities(input));
    if (outcome === null) return 0;
    if (isCurrent(connection.state, outcome.credentialId)) connection.usedOurs();
    else if (connection.adopts) await connection.usedAnother();
    await connection.commit({ kind: 'polled', outcome });
    return jittered(pollIntervalMs);
  } catch (error) {
    return (await absorb(connection, 'poll', error)) === 'stale' ? STALE_RETRY_MS : jittered(pollIntervalMs);
  }
}

/** Does each of `chores` when it is due; one at a time, the earliest first. */
export async function doChores(connection: LiveConnection, chores: readonly Chore[]): Promise<void> {
  await untilCancelled(async () => {
    while (!connection.leaving) {
      const due = connection.nextChore(chores);
      const waitMs = due === null ? Infinity : due.at - Date.now();
      if (due !== null && waitMs <= 0) await doChore(connection, due.chore);
      else await waitForChore(connection, chores, waitMs);
    }
  });
}

/** Until the next chore is due, or an event makes one due earlier. */
async function waitForChore(connection: LiveConnection, chores: readonly Chore[], waitMs: number): Promise<void> {
  const dueAt = Date.now() + waitMs;
  const next = connection.nextChore(chores);
  const dueEarlier = () => (connection.nextChore(chores)?.at ?? Infinity) < dueAt;
  if (next === null) await condition(() => connection.leaving || dueEarlier());
  else await connection.pauseFor(waitMs, dueEarlier, `next ${CHORE_SUMMARIES[next.chore]}`);
}

async function doChore(connection: LiveConnection, chore: Chore): Promise<void> {
  const before = standingOf(connection);
  try {
    const outcome = await runChore(connection, chore);
    // The store was restored, or this run was reset, unless something has changed meanwhile.
    const isOther = connection.adopts && differs(outcome, before);
    if (isOther && !differs(standingOf(connection), before)) await connection.compareWithStore();
    if (isCurrent(connection.state, outcome.credentialId)) return connection.usedOurs();
    if (connection.adopts) await connection.usedAnother();
    await connection.pauseFor(STALE_RETRY_MS);
  } catch (error) {
    if ((await absorb(connection, chore, error)) === 'stale') await connection.pauseFor(STALE_RETRY_MS);
  }
}

/** What workflow and store hold both, as far as an activity says it. */
interface Standing {
  readonly stateSeq?: number;
  readonly mappingVersion?: number;
  readonly pollIntervalMs?: number;
}

interface Used extends Standing {
  /** The credential that the activity used. */
  readonly credentialId: string;
}

function standingOf({ state, intervals }: LiveConnection): Required<Standing> {
  const { stateSeq, mappingVersion } = state;
  return { stateSeq, mappingVersion, pollIntervalMs: intervals.pollIntervalMs };
}

function differs(one: Standing, other: Required<Standing>): boolean {
  const { stateSeq = other.stateSeq, mappingVersion = other.mappingVersion } = one;
  const { pollIntervalMs = other.pollIntervalMs } = one;
  const isOtherPace = inPollSeconds(pollIntervalMs) !== inPollSeconds(other.pollIntervalMs);
  return stateSeq !== other.stateSeq || mappingVersion !== other.mappingVersion || isOtherPace;
}

async function runChore(connection: LiveConnection, chore: Chore): Promise<Used> {
  const { ref, activities } = connection;
  const named = { summary: CHORE_SUMMARIES[chore] };
  switch (chore) {
    case 'sites': {
      const outcome = await activities.routine.syncSites.executeWithOptions(named, [ref]);
      await connection.commit({ kind: 'sitesSynced', outcome });
      if (connection.adopts) await activateWhenMapped(connection, outcome);
      return outcome;
    }
    case 'licenseCounts': {
      const outcome = await activities.routine.recordLicenseCounts.executeWithOptions(named, [ref]);
      await connection.commit({ kind: 'licensesCounted', outcome });
      return outcome;
    }
    case 'tokenCheck': {
      const outcome = await activities.routine.checkToken.executeWithOptions(named, [ref]);
      await connection.commit({ kind: 'tokenChecked', outcome });
      return outcome;
    }
    case 'completeness': {
      const outcome = await activities.completeness.checkCompleteness(ref);
      await connection.commit({ kind: 'completenessChecked', outcome });
      return outcome;
    }
    case 'permissionRecheck': {
      const outcome = await activities.routine.checkPermissions.executeWithOptions(named, [ref]);
      await connection.commit({ kind: 'permissionsChecked', outcome });
      return outcome;
    }
  }
}

/** A first mapping was applied, and the workflow that was to say so ended before it did. */
async function activateWhenMapped(connection: LiveConnection, outcome: SitesOutcome): Promise<void> {
  const { phase, mappingVersion } = connection.state;
  if (phase !== 'awaiting_mapping' || outcome.mapped === 0) return;
  await connection.commit({ kind: 'mapped', outcome: { ...outcome, version: mappingVersion } });
}

/**
 * Turns a failure into a change of state. `stale`: it was about a credential that is no longer, or not yet, ours, or
 * about a state.
 */
async function absorb(connection: LiveConnection, of: string, error: unknown): Promise<'stale' | 'applied'> {
  if (isCancellation(error)) throw error;
  const failure = failureOf(error);
  const stale = isRejection(failure) && !isCurrent(connection.state, failure.credentialId);
  if (stale) {
    if (connection.adopts) await connection.usedAnother();
    return 'stale';
  }
  if (failure.code === 'state_differs') {
    await connection.compareWithStore();
    return 'stale';
  }
  if (failure.code === 'internal') log.error('activity failed', { of, error });
  if (failure.code === 'connection_gone') {
    await connection.commit({ kind: 'disconnectRequested', cause: failure.code });
  } else {
    await connection.commit({ kind: 'failed', of, ...failure });
  }
  return 'applied';
}

const jittered = (ms: number): number => Math.round(ms * (1 - JITTER + 2 * JITTER * Math.random()));

/** The scope around all loops is cancelled when the run must end: that is how they end, not a failure. */
async function untilCancelled(loop: () => Promise<void>): Promise<void> {
  try {
    await loop();
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}
