// Fake activities over a small world that a test can change at any time: which credential is current, what is dead or
// missing, how many pages wait. They behave towards the workflow as the real ones promise to.
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Activities, StatusProjection, TimelineEntry, Verdict } from '../../activities/contract.js';
import { DEFAULT_INTERVALS, type Intervals } from '../../src/domain/connection/chores.js';
import type { StoredConnection } from '../../src/domain/connection/stored-connection.js';
import { type FailureCode, FAILURES, isFailureCode } from '../../src/domain/failures/failures.js';

export interface World {
  verdict: Verdict | 'never';
  /** The credential in the store, which activities use. */
  credentialId: string;
  /** What the console answers about the current credential. */
  token: 'alive' | 'rejected' | 'expired';
  permissionsGranted: boolean;
  /** What the token sees of the account; other: site sync and license counts are refused. */
  scope: 'whole' | 'other';
  /** Everything that asks the console fails with this code. */
  failing: FailureCode | null;
  /** The credential that a failure names; by default the one in use. */
  blames: string | null;
  /** Polls that will store something before the next idle one. */
  pages: number;
  /** A poll runs, heartbeating, until this is false. */
  pollHeld: boolean;
  mappedSites: number;
  mappingVersion: number;
  /** Rows of `backfills` that wait. */
  queuedBackfills: number;
  /** A backfill runs until this is false. */
  backfillHeld: boolean;
  /** Mappings and swaps are refused with this code. */
  commandFails: FailureCode | null;
  storeAway: boolean;
  /** How many windows each comparison with the console's count says to have compared. */
  windowsCompared: number;
  /** How long a worker stands still between taking a message and telling Temporal that it accepted it. */
  frozenMs: number;
  /** `/activities` fails for the comparison alone. */
  comparisonAway: boolean;
  /** The state that the store holds, which projections write. */
  stored: StoredState;
  /** The connection has no row any more. */
  rowGone: boolean;
}

export type StoredState = Pick<StoredConnection, 'state' | 'pauseReasons' | 'stateSeq' | 'cause' | 'wasMapped'> &
  Partial<Pick<StoredConnection, 'pollIntervalMs'>>;

export interface Journal {
  readonly calls: { readonly name: keyof Activities; readonly input: unknown }[];
  readonly projections: StatusProjection[];
  readonly timeline: TimelineEntry[];
  /** Polls running at this moment, and the most that ever did at once. */
  polls: { running: number; most: number; idle: number };
}

export const aWorld = (changes: Partial<World> = {}): World => ({
  verdict: { verdict: 'accepted', credentialId: 'credential-1', tokenExpiresAt: '2099-01-01T00:00:00.000000Z' },
  credentialId: 'credential-1',
  token: 'alive',
  permissionsGranted: true,
  scope: 'whole',
  failing: null,
  blames: null,
  pages: 0,
  pollHeld: false,
  mappedSites: 0,
  mappingVersion: 0,
  queuedBackfills: 0,
  backfillHeld: false,
  commandFails: null,
  storeAway: false,
  windowsCompared: 0,
  frozenMs: 0,
  comparisonAway: false,
  stored: { state: 'validating', pauseReasons: [], stateSeq: 0, cause: 'created', wasMapped: false },
  rowGone: false,
  ...changes,
});

export const aJournal = (): Journal => ({
  calls: [],
  projections: [],
  timeline: [],
  polls: { running: 0, most: 0, idle: 0 },
});

const EXPIRES_AT = '2099-01-01T00:00:00.000000Z';

export function createFakeActivities(
  world: World,
  journal: Journal,
  settings: Pick<Intervals, 'pollIntervalMs'> = DEFAULT_INTERVALS,
): Activities {
  const doneCommands = new Map<string, unknown>();
  const once = <T>(commandId: string, work: () => T): T => {
    if (!doneCommands.has(commandId)) doneCommands.set(commandId, work());
    return doneCommands.get(commandId) as T;
  };
  const askConsole = () => {
    if (world.failing !== null) throw failure(world.failing, world.blames ?? world.credentialId);
    if (world.token !== 'alive') throw failure(`s1.token_${world.token}`, world.credentialId);
  };
  const write = () => {
    if (world.storeAway) throw failure('store.unavailable');
    if (world.rowGone) throw failure('connection_gone');
  };
  const stored = (): StoredConnection => ({
    ...world.stored,
    backfillQueued: world.queuedBackfills > 0,
    sites: { total: 3, mapped: world.mappedSites },
    credentialId: world.credentialId,
    tokenExpiresAt: EXPIRES_AT,
    mappingVersion: world.mappingVersion,
    pollIntervalMs: world.stored.pollIntervalMs ?? settings.pollIntervalMs,
  });

  const activities: Activities = {
    async validateConnection() {
      while (world.verdict === 'never') await breathe();
      if (world.failing !== null) throw failure(world.failing);
      return world.verdict;
    },
    async refuseConnection() {
      write();
      const { state } = world.stored;
      if (state !== 'validating' && state !== 'refused') return { outcome: 'standing', stored: stored() };
      world.stored = { ...world.stored, state: 'refused' };
      return { outcome: 'refused' };
    },
    async readConnection() {
      write();
      return stored();
    },
    async pollActivities({ pollIntervalMs, stateSeq = world.stored.stateSeq }) {
      if (stateSeq !== world.stored.stateSeq) throw failure('state_differs');
      journal.polls.running += 1;
      journal.polls.most = Math.max(journal.polls.most, journal.polls.running);
      try {
        while (world.pollHeld) await breathe();
        askConsole();
        if (!world.permissionsGranted) throw failure('s1.permission_missing', world.credentialId);
        if (world.pages > 0) return page(world);
        journal.polls.idle += 1;
        throw idle(pollIntervalMs);
      } finally {
        journal.polls.running -= 1;
      }
    },
    async syncSites() {
      askConsole();
      if (world.scope === 'other') throw failure('s1.scope_changed', world.credentialId);
      const { credentialId, stateSeq, mappingVersion, pollIntervalMs } = stored();
      return { ...sites(world), credentialId: credentialId ?? '', stateSeq, mappingVersion, pollIntervalMs };
    },
    async recordLicenseCounts() {
      askConsole();
      return { credentialId: world.credentialId, sites: 3 };
    },
    async checkToken() {
      if (world.failing !== null) throw failure(world.failing);
      const { stateSeq } = world.stored;
      return {
        credentialId: world.credentialId,
        stateSeq,
        status: world.token,
        expiresAt: EXPIRES_AT,
        scope: world.scope,
      };
    },
    async checkPermissions() {
      askConsole();
      return { credentialId: world.credentialId, granted: world.permissionsGranted };
    },
    async checkCompleteness() {
      askConsole();
      if (world.comparisonAway) throw failure('s1.unavailable');
      return { credentialId: world.credentialId, checked: world.windowsCompared, repaired: 0, short: 0 };
    },
    async applyMapping({ commandId, changes }) {
      write();
      if (world.commandFails !== null) throw failure(world.commandFails);
      return once(commandId, () => {
        world.mappingVersion += 1;
        world.mappedSites = changes.filter((change) => change.organizationId !== null).length;
        if (world.mappedSites > 0) world.stored = { ...world.stored, wasMapped: true };
        return { ...sites(world), version: world.mappingVersion };
      });
    },
    async swapCredential({ commandId, credentialId }) {
      write();
      if (world.commandFails !== null) throw failure(world.commandFails, credentialId);
      return once(commandId, () => {
        world.credentialId = credentialId;
        world.token = 'alive';
        return { credentialId, tokenExpiresAt: EXPIRES_AT };
      });
    },
    async changeSettings({ pollIntervalMs }) {
      write();
      if (pollIntervalMs !== undefined) world.stored = { ...world.stored, pollIntervalMs };
    },
    async projectStatus(projection) {
      write();
      const { state, pauseReasons, stateSeq, cause } = projection;
      if (stateSeq <= world.stored.stateSeq) return { outcome: 'superseded', stored: stored() };
      journal.projections.push(projection);
      world.stored = { ...world.stored, state, pauseReasons, stateSeq, cause };
      return { outcome: 'written' };
    },
    async recordTimeline(entry) {
      write();
      journal.timeline.push(entry);
    },
    async tearDown() {
      write();
    },
    async readCommitTime() {
      return new Date(Date.now() + world.frozenMs).toISOString();
    },
    async freezeStatements() {
      write();
      return { frozen: 0 };
    },
    async maintain() {
      write();
      return { done: {}, failed: [] };
    },
    async reconcile() {
      write();
      return { checked: 1, restarted: 0, ended: 0, refused: 0, failed: 0, compared: 0 };
    },
    async runBackfill() {
      while (world.backfillHeld) await breathe();
      askConsole();
      world.queuedBackfills = Math.max(0, world.queuedBackfills - 1);
      return { credentialId: world.credentialId, drained: world.queuedBackfills === 0 };
    },
  };
  return noted(activities, journal);
}

const page = (world: World) => {
  world.pages -= 1;
  return {
    credentialId: world.credentialId,
    stored: 2,
    discarded: 1,
    rejected: 0,
    watermark: '2026-01-15T09:00:00.123456Z',
    backfillQueued: world.queuedBackfills > 0,
  };
};

const sites = (world: World) => ({
  total: 3,
  mapped: world.mappedSites,
  backfillQueued: world.queuedBackfills > 0,
});

const idle = (nextRetryDelayMs: number) =>
  ApplicationFailure.create({
    type: 'idle',
    message: 'nothing new',
    nextRetryDelay: nextRetryDelayMs,
    category: ApplicationFailureCategory.BENIGN,
  });

/** Retryable ones come back quickly, so that a test need not wait for a policy that is meant for outages. */
function failure(code: FailureCode, credentialId: string | null = null) {
  const nonRetryable = isFailureCode(code) && !FAILURES[code].retryable;
  const details = credentialId === null ? [] : [{ credentialId }];
  return ApplicationFailure.create({ type: code, message: code, nonRetryable, details, nextRetryDelay: 100 });
}

/** A moment of work in a running activity; throws when it is cancelled. */
async function breathe(): Promise<void> {
  Context.current().heartbeat();
  await Context.current().sleep(20);
}

function noted(activities: Activities, journal: Journal): Activities {
  const wrapped = Object.entries(activities).map(([name, run]: [string, (input: unknown) => Promise<unknown>]) => [
    name,
    (input: unknown) => {
      journal.calls.push({ name: name as keyof Activities, input });
      return run(input);
    },
  ]);
  return Object.fromEntries(wrapped) as Activities;
}
