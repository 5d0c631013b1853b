// Nothing is lost and nothing is doubled, whatever is killed, restarted or unwell in the middle of collecting.
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type E2eStack, startE2eStack, waitUntil } from './support/e2e-stack.js';
import { type LossyWorker, startLossyWorker } from './support/lossy-worker.js';
import { collectingPartner, type Partner } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

const HISTORY_ROWS = 30_000;
/** At this pace the history takes about six seconds, long enough to hit the middle of it. */
const REQUESTS_PER_SECOND = 10;
const FEED = { rowsPerSecond: 20, lateShare: 0.2, lateByMs: 30_000 };

let stack: E2eStack;
beforeAll(async () => {
  stack = await startE2eStack({ requestsPerSecond: REQUESTS_PER_SECOND, simulator: { historyRows: HISTORY_ROWS } });
});
afterAll(() => stack[Symbol.asyncDispose]());

describe('replies that are lost after the commit', () => {
  /** Validation has two tries in all; each of the others may be tried for ever. */
  const LOSSES = {
    validateConnection: 1,
    pollActivities: 3,
    runBackfill: 2,
    applyMapping: 3,
    swapCredential: 3,
    changeSettings: 2,
    projectStatus: 2,
    syncSites: 2,
    recordLicenseCounts: 2,
    tearDown: 2,
  };
  let worker: LossyWorker;
  beforeAll(async () => {
    worker = await startLossyWorker(stack, LOSSES);
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  test('change nothing: everything is as if done once', async () => {
    const { control } = stack.simulator;
    control.startFeed(FEED);
    const partner = await collectingPartner(stack);
    const { token } = control.addToken({ label: 'second', accountIds: [partner.s1AccountId] });
    await partner.tokens.replace(...partner.target, token);
    await partner.connections.change(...partner.target, { pollIntervalSeconds: 0.4 });
    await collectedOnce(partner);
    await partner.map({ 2: 1 }, true);
    await collectedOnce(partner);
    await partner.disconnect();

    const commands = await partner.rows('commands', { columns: 'kind' });
    expect(commands.map(({ kind }) => kind).sort()).toEqual([
      'changeSettings',
      'remapSites',
      'remapSites',
      'rotateToken',
    ]);
    const versions = await partner.rows('mapping_history', { columns: 'distinct version' });
    expect(versions.map(({ version }) => version).sort()).toEqual([0, 1, 2]);
    const backfills = await partner.rows('backfills', { columns: 'kind, state' });
    expect(backfills.map(({ kind, state }) => `${String(kind)} ${String(state)}`).sort()).toEqual([
      'discarded done',
      'history done',
    ]);
    expect(await partner.rows('discards')).toEqual([]);
    const credentials = await partner.rows('credentials', { columns: 'token_jwe' });
    expect(credentials.map(({ token_jwe }) => token_jwe)).toEqual([null, null]);
    const states = await partner.rows('connection_timeline', { columns: "outcome, details ->> 'cause' as cause" });
    expect(states.map(({ outcome, cause }) => `${String(outcome)} after ${String(cause)}`)).toEqual([
      'awaiting_mapping after accepted',
      'active after remapSites',
      'disconnecting after disconnect',
      'disconnected after tornDown',
    ]);
    expect(worker.lost()).toEqual(LOSSES);
  });
});

describe('in the middle of collecting', () => {
  beforeAll(() => stack.startWorker().then(() => undefined));

  let partner: Partner;
  beforeEach(async () => {
    stack.simulator.control.startFeed(FEED);
    partner = await collectingPartner(stack);
    onTestFinished(() => partner.disconnect());
    await waitUntil('the middle of collecting', async () => (await partner.collected()) > HISTORY_ROWS / 4);
  });

  test('the mapping changes', async () => {
    const { control } = stack.simulator;
    // The change waits for the page that is being stored; on a busy machine the history would be over by then.
    control.configure({ pageLatencyMs: 1_000 });
    await partner.map({ 0: 2, 1: null, 2: 1 });
    await provenMidway(partner);
    control.configure({ pageLatencyMs: 0 });
    await partner.map({ 1: 2, 2: 1 }, true);
    await collectedOnce(partner);
    expect(await partner.rows('discards')).toEqual([]);
    const kinds = await partner.rows('backfills', { columns: 'kind' });
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(['discarded', 'history']);
  });

  test('the console has a bad day', async () => {
    const { control, requests } = stack.simulator;
    const pages = { pathPrefix: '/activities' };
    const askedBefore = requests('/activities').length;
    const asked = () => requests('/activities').slice(askedBefore);
    await waitUntil('a cursor to be refused', () => {
      if (asked().some(({ status }) => status === 400)) return true;
      control.expireCursors();
      return false;
    });
    const faults = [
      { status: 429, retryAfter: '1' },
      { status: 502 },
      { reset: 'mid-body' as const },
      // Good pages in between, or the next try would wait twice as long.
      { after: 8, cutJson: true },
      { after: 8, errorsIn200: true },
      { after: 8, reset: 'before' as const },
    ];
    for (const fault of faults) control.addFault({ ...pages, ...fault });
    const allHitAfter = asked().length + 8 + faults.length;
    await waitUntil('every fault to hit', () => asked().length > allHitAfter);
    await provenMidway(partner);
    await collectedOnce(partner);
    expect(new Set(asked().map(({ status }) => status))).toEqual(new Set([200, 400, 429, 502]));
    expect(await partner.connection()).toMatchObject({
      state: 'active',
      consecutive_failures: 0,
      failure_code: null,
      degraded_since: null,
    });
  });

  test('PostgreSQL is stopped at once', async () => {
    await stack.killPostgres();
    await stack.startPostgres();
    await provenMidway(partner);
    await collectedOnce(partner);
  });

  test('Temporal is killed', async () => {
    await stack.killTemporal();
    await provenMidway(partner);
    await stack.startTemporal();
    await collectedOnce(partner);
  });

  test('the worker is killed', async () => {
    await stack.killWorkers();
    await provenMidway(partner);
    await stack.startWorker();
    await collectedOnce(partner);
  });
});

/** Something is stored, much is not, and the backfill is not done. */
async function provenMidway(partner: Partner): Promise<void> {
  const collected = await partner.collected();
  expect(collected).toBeGreaterThan(HISTORY_ROWS / 4);
  expect(collected).toBeLessThan(HISTORY_ROWS);
  expect(await partner.unfinishedBackfills()).toBeGreaterThan(0);
}

async function collectedOnce(partner: Partner): Promise<void> {
  stack.simulator.control.stopFeed();
  await partner.caughtUp();
  expect(await compareWithTruth(partner)).toEqual([]);
}
