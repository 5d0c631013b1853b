// Histories stay short: a connection goes on as a new run, whether it is quiet or busy, and nothing that runs is
// disturbed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type E2eStack, QUICK, startE2eStack, STILL, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, connectPartner, type Partner } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

/** A few site syncs; the server's own limit is 4,096 events. */
const EVENTS_A_RUN = 60;
const HISTORY_ROWS = 20_000;
/** Its backfill then takes several times as long as a run. */
const SLOW_PAGE_MS = 5_000;

let stack: E2eStack;
beforeAll(async () => {
  stack = await startE2eStack({
    durable: false,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': EVENTS_A_RUN },
    simulator: { historyRows: HISTORY_ROWS },
  });
  await stack.startWorker();
});
afterAll(() => stack[Symbol.asyncDispose]());

test('a running backfill outlives the runs of its connection', async () => {
  const { control } = stack.simulator;
  const partner = await connectPartner(stack);
  // Only pages of activities, which the backfill waits for: what makes the history of a run longer goes on at its usual
  // pace.
  control.addFault({ pathPrefix: '/activities', requests: 1_000, slowMs: SLOW_PAGE_MS });
  await partner.map({ 0: 1, 1: 2 });
  const running = async () => (await partner.rows('backfills')).some(({ state }) => state === 'running');
  await waitUntil('the backfill to run', running);
  const [first, backfill] = [await runIdOf(partner), (await partner.backfillWorkflow.describe()).runId];
  await waitUntil('a second run', async () => (await runIdOf(partner)) !== first);
  expect(await partner.backfillWorkflow.describe()).toMatchObject({ runId: backfill, status: { name: 'RUNNING' } });
  expect(await partner.unfinishedBackfills()).toBe(1);
  control.clearFaults();
  await partner.caughtUp();
  expect(await compareWithTruth(partner)).toEqual([]);
  await partner.disconnect();
});

test('a quiet connection goes from run to run, with all of its loops', async () => {
  const { control } = stack.simulator;
  const partner = await collectingPartner(stack, { collectFrom: new Date().toISOString() });
  const first = await runIdOf(partner);
  await waitUntil('a second run', async () => (await runIdOf(partner)) !== first);
  const second = await runIdOf(partner);
  await waitUntil('a third run', async () => (await runIdOf(partner)) !== second);

  const ended = await partner.services.temporal.workflow.getHandle(partner.workflow.workflowId, first).describe();
  expect(ended.status.name).toBe('CONTINUED_AS_NEW');
  expect(ended.historyLength).toBeLessThan(EVENTS_A_RUN * 2);
  const lastCount = () =>
    stack.count(`select extract(epoch from max(last_at)) from license_counts where account_id = $1`, [
      partner.accountId,
    ]);
  const countedAt = await lastCount();
  await waitUntil('license counts to go on', async () => (await lastCount()) > countedAt);
  const { siteId } = control.addSite({ name: 'Opened later' });
  const names = async () => (await partner.sites()).items.map((site) => site.siteName);
  await waitUntil('the new site to show up', async () => (await names()).includes('Opened later'));
  control.appendActivities({ count: 5, type: 27, siteId });
  await partner.caughtUp();
  expect(await compareWithTruth(partner)).toEqual([]);
  await partner.connections.pause(...partner.target);
  expect(await partner.connection()).toMatchObject({ state: 'paused' });
  await partner.disconnect();
});

test('idle polls leave no event', async () => {
  const services = await stack.open({ ...STILL, pollIntervalMs: QUICK.pollIntervalMs ?? 0 });
  const partner = await collectingPartner(stack, { services, collectFrom: new Date().toISOString() });
  const attempts = async () => {
    const { raw } = await partner.workflow.describe();
    return raw.pendingActivities?.find((pending) => pending.activityType?.name === 'pollActivities')?.attempt ?? 0;
  };
  await waitUntil('the first idle polls', async () => (await attempts()) > 2);
  const before = await partner.workflow.describe();
  const polledBefore = await attempts();
  await waitUntil('nine more', async () => (await attempts()) >= polledBefore + 9);
  const after = await partner.workflow.describe();
  expect([after.runId, after.historyLength]).toEqual([before.runId, before.historyLength]);
});

const runIdOf = async (partner: Partner) => (await partner.workflow.describe()).runId;
