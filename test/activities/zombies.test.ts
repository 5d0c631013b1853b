// Temporal has taken an attempt for dead, but it still runs: it has a reply of the console in hand until the test lets
// it go on, after its successor has done the work. It must lose, and nothing may be doubled, undone or overwritten.
import { expect, test } from 'vitest';
import { toInstant } from '../../src/domain/instant.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { asTenant } from '../support/builders.js';
import { attempt, gatedConsole } from './support/late-attempt.js';
import { appendLate, collect, expectAllCollected, halfADay, HOUR_MS, NOW_MS } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import type { Row } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const TOOK_OVER = 'another attempt took over; this one ends and has changed nothing';
const CONFLICT = { type: 'checkpoint.conflict', nonRetryable: false };

/** Half a day of history; what each test leaves to its attempts is not collected. */
const scene = (options: SceneOptions = {}) => halfADay(stage, options);

const checks = (of: Scene): Promise<Row[]> => of.rows('completeness_checks', 'order by from_at');

const checkpoints = (of: Scene) => of.rows('checkpoints', 'order by kind, slice');

/** Fresh rows that name an agent only, so that its site is asked for before the page is stored. */
const appendOfAgent = (of: Scene, count: number) =>
  of.simulator.control.appendActivities({ count, type: 120, agentId: of.agentId(0), siteId: null });

test('a poll that is about to store its page loses it to the poll that came after', async () => {
  const polled = await scene({ historyRows: 0 });
  await collect(polled);
  appendOfAgent(polled, 30);
  const zombie = gatedConsole(polled.deps, 'listAgentsByIds');
  const first = attempt(polled, zombie.activities, { name: 'pollActivities', input: { pollIntervalMs: INTERVAL_MS } });
  await zombie.reached;
  await polled.poll();
  const before = await checkpoints(polled);

  zombie.open();

  expect(await first).toMatchObject(CONFLICT);
  expect(await checkpoints(polled)).toEqual(before);
  expect(await polled.connection()).toMatchObject({ consecutive_failures: 0, stored_count: 30 });
  expect(polled.logs).toContainEqual(expect.objectContaining({ level: 'info', sentence: TOOK_OVER }));
  await expectAllCollected(polled);
});

test('a poll with its page in hand finds all of it known, and does not say how far it got', async () => {
  const polled = await scene();
  await collect(polled);
  polled.simulator.control.appendActivities({ count: 30, type: 27, siteId: polled.siteId(0) });
  const zombie = gatedConsole(polled.deps, 'pageOfActivities');
  const first = attempt(polled, zombie.activities, { name: 'pollActivities', input: { pollIntervalMs: INTERVAL_MS } });
  await zombie.reached;
  await polled.poll();
  const before = await checkpoints(polled);

  zombie.open();

  expect(await first).toMatchObject({ type: 'checkpoint.conflict' });
  expect(await checkpoints(polled)).toEqual(before);
  await expectAllCollected(polled);
});

test('a poll that was handing its history over hands it over once', async () => {
  const polled = await scene();
  const zombie = gatedConsole(polled.deps, 'getSystemInfo');
  const first = attempt(polled, zombie.activities, { name: 'pollActivities', input: { pollIntervalMs: INTERVAL_MS } });
  await zombie.reached;
  await polled.poll();

  zombie.open();

  expect(await first).toMatchObject(CONFLICT);
  expect(await polled.rows('backfills')).toHaveLength(1);
});

test('a backfill with a page in hand loses it, and the slice’s end is not said twice', async () => {
  const filled = await scene();
  await filled.poll();
  const zombie = gatedConsole(filled.deps, 'pageOfActivities');
  const first = attempt(filled, zombie.activities, { name: 'runBackfill' });
  await zombie.reached;
  await filled.call('runBackfill', {});
  const [backfill] = await filled.rows('backfills');
  expect(backfill).toMatchObject({ state: 'done' });

  zombie.open();

  expect(await first).toMatchObject(CONFLICT);
  expect(await filled.rows('backfills')).toEqual([backfill]);
  await expectAllCollected(filled);
});

test('a backfill that collects discards by their agents likewise', async () => {
  const filled = await scene({ historyRows: 0 });
  const { control } = filled.simulator;
  control.appendActivities({
    count: 5,
    type: 120,
    agentId: filled.agentId(2),
    siteId: null,
    at: toInstant((NOW_MS - 60_000) * 1000),
  });
  await collect(filled);
  expect((await filled.discarded()).size).toBe(5);
  await filled.map({ 2: 1 }, true);
  // Rows of the site itself come first, and there are none.
  const zombie = gatedConsole(filled.deps, 'pageOfActivities', { skip: 1 });
  const first = attempt(filled, zombie.activities, { name: 'runBackfill' });
  await zombie.reached;
  await filled.call('runBackfill', {});

  zombie.open();

  expect(await first).toMatchObject(CONFLICT);
  expect((await filled.discarded()).size).toBe(0);
  expect((await filled.stored()).size).toBe(5);
});

test('a comparison that reads a window again loses its page', async () => {
  const compared = await scene();
  await collect(compared);
  appendLate(compared, { hoursAgo: 2.5, count: 4 });
  const zombie = gatedConsole(compared.deps, 'pageOfActivities');
  const first = attempt(compared, zombie.activities, { name: 'checkCompleteness' });
  await zombie.reached;
  expect(await compared.call('checkCompleteness', {})).toMatchObject({ repaired: 4 });
  const before = await checks(compared);

  zombie.open();

  expect(await first).toMatchObject(CONFLICT);
  expect(await checks(compared)).toEqual(before);
  await expectAllCollected(compared);
});

test('a comparison that counted earlier does not write over what was found since', async () => {
  const compared = await scene();
  await collect(compared);
  const { control } = compared.simulator;
  const zombie = gatedConsole(compared.deps, 'countActivities');
  const first = attempt(compared, zombie.activities, { name: 'checkCompleteness' });
  await zombie.reached;
  // Its successor finds the hour short: SentinelOne counts more than it lists.
  const of11 = `createdAt__lt=${encodeURIComponent('2026-06-10T12:00:00.000000Z')}&countOnly`;
  const body = JSON.stringify({ data: [], pagination: { totalItems: 1_234, nextCursor: null } });
  control.addFault({ pathPrefix: '/activities', queryContains: of11, requests: 1, status: 200, body });
  expect(await compared.call('checkCompleteness', {})).toMatchObject({ short: 1 });
  const before = await checks(compared);

  zombie.open();
  await first;

  expect(await checks(compared)).toEqual(before);
});

test('a page that arrives after the connection has ended is not stored', async () => {
  const ended = await scene();
  await collect(ended);
  ended.simulator.control.appendActivities({ count: 30, type: 27, siteId: ended.siteId(0) });
  const zombie = gatedConsole(ended.deps, 'pageOfActivities');
  const first = attempt(ended, zombie.activities, { name: 'pollActivities', input: { pollIntervalMs: INTERVAL_MS } });
  await zombie.reached;
  const before = await ended.collected();
  await ended.call('tearDown', { commandId: 'end' });
  await ended.project('disconnected');

  zombie.open();

  expect(await first).toMatchObject({ type: 'connection_gone' });
  expect(await ended.collected()).toEqual(before);
});

test('a requested backfill that two attempts finish is finished once', async () => {
  const filled = await scene();
  await collect(filled);
  appendLate(filled, { hoursAgo: 2.5, count: 10 });
  const window = { fromMicros: (NOW_MS - 3 * HOUR_MS) * 1000, toMicros: (NOW_MS - 2 * HOUR_MS) * 1000 };
  await asTenant(stage.database, filled.accountId, (tenant) =>
    queueBackfill(tenant, { connectionId: filled.connectionId, kind: 'requested', window }),
  );
  const zombie = gatedConsole(filled.deps, 'pageOfActivities');
  const first = attempt(filled, zombie.activities, { name: 'runBackfill' });
  await zombie.reached;
  await filled.call('runBackfill', {});

  zombie.open();

  expect(await first).toMatchObject(CONFLICT);
  expect(await filled.rows('backfills', "and kind = 'requested'")).toMatchObject([{ state: 'done', stored_count: 10 }]);
  await expectAllCollected(filled);
});
