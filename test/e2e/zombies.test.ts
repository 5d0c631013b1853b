// Two worker processes on one connection. One is stopped (SIGSTOP) with pages in its hands and cut off from Temporal,
// is taken for dead when its heartbeats stay away, and the other takes over. Then it is woken and, not knowing what
// happened, goes on to its commit. That it stands at the very moment before is made sure by a lock in PostgreSQL, not
// by timing.
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_INTERVALS } from '../../src/domain/connection/chores.js';
import type { Part } from '../../src/embedded/processes/part.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { backfillQueued } from '../../workflows/connection/messages.js';
import { type Held, hold, holdPagesAtTheirEnd, untilWaiting } from '../store/support/sessions.js';
import { asTenant } from '../support/builders.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { type E2eStack, type Row, startE2eStack, STILL, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, type Partner } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

const HISTORY_ROWS = 2_000;
const HOUR_MS = 3_600_000;
const LATE_ROWS = 40;
const FRESH_ROWS = 30;
/** Heartbeats stay away for 15 s, then 5 s until the next attempt, on a machine that may be busy. */
const TAKE_OVER_MS = 55_000;
const OFTEN_MS = 300;

/** A worker process with a way of its own to Temporal, which can be cut. */
interface Worker {
  readonly part: Part;
  readonly way: Proxy;
}

let stack: E2eStack;
let zombie: Worker;
let successor: Worker;
let fresh: Partner;

beforeAll(async () => {
  stack = await startE2eStack({ durable: false, simulator: { historyRows: HISTORY_ROWS } });
  [zombie, successor] = await Promise.all([startWorker(), startWorker()]);
  successor.way.point(null);
  fresh = await settled({ ...STILL, pollIntervalMs: OFTEN_MS });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await Promise.all([zombie, successor].map(({ way }) => way.close()));
});

/**
 * Everything that begins from now on is begun by the one that will be frozen; what the other had is taken over from it.
 */
beforeEach(async () => {
  zombie.way.point(stack.temporalAddress);
  successor.way.point(null);
  const cutAt = new Date().toISOString();
  await waitUntil('a poll', async () => String((await fresh.connection())['last_poll_at']) > cutAt, TAKE_OVER_MS);
});

test('a poll, a backfill and a comparison that wake up before their commit lose their page', async () => {
  const compared = await settled({ ...STILL, completenessIntervalMs: OFTEN_MS });
  const filled = await settled(STILL);
  const all = [compared, filled, fresh];
  await becomesDueAgain(compared);
  appendOfAgent(LATE_ROWS, Date.now() - 2.5 * HOUR_MS);
  // Rows that name only an agent have its site looked up between the arrival of their page and its transaction.
  const release = await held(hold(stack.databaseUrl, 'lock table agents in access exclusive mode'));
  await compared.connections.resume(...compared.target);
  await untilWaiting(stack.services.owner, 1, TAKE_OVER_MS);
  await fillAgain(filled);
  await untilWaiting(stack.services.owner, 2, TAKE_OVER_MS);
  appendOfAgent(FRESH_ROWS, Date.now());
  await untilWaiting(stack.services.owner, 3, TAKE_OVER_MS);

  freeze();
  await release();

  await waitUntil('the poll to be taken over', () => holds(fresh, FRESH_ROWS), TAKE_OVER_MS);
  await waitUntil(
    'the backfill to be taken over',
    async () => (await filled.unfinishedBackfills()) === 0,
    TAKE_OVER_MS,
  );
  await waitUntil(
    'the comparison to be taken over',
    async () => (await repaired(compared)) === LATE_ROWS,
    TAKE_OVER_MS,
  );
  expect(all.map(refusals)).toEqual([0, 0, 0]);
  const before = await Promise.all(all.map(standing));

  process.kill(zombie.part.pid, 'SIGCONT');

  await waitUntil('all three to be refused', () => all.every((partner) => refusals(partner) === 1));
  expect(await Promise.all(all.map(standing))).toEqual(before);
  zombie.way.point(stack.temporalAddress);
  await fillAgain(fresh);
  for (const partner of [compared, filled]) await pollNow(partner);
  for (const partner of all) await caughtUpOnce(partner);
  expect(await repaired(compared)).toBe(LATE_ROWS);
});

test('a poll that wakes up inside its commit wins: its successor has waited for it and finds its rows known', async () => {
  const [before, version] = [await fresh.collected(), await liveVersion(fresh)];
  const release = await held(holdPagesAtTheirEnd(stack.databaseUrl, fresh));
  stack.simulator.control.appendActivities({ count: FRESH_ROWS, type: 27 });
  await untilWaiting(stack.services.owner, 1, TAKE_OVER_MS);

  freeze();
  await release();
  // Behind the row that the frozen transaction has changed.
  await waitUntil('the successor to wait', async () => (await waitingForLocks()) === 1, TAKE_OVER_MS);
  expect(await fresh.collected()).toBe(before);

  process.kill(zombie.part.pid, 'SIGCONT');

  await caughtUpOnce(fresh);
  await waitUntil('the successor to go on', async () => (await waitingForLocks()) === 0);
  expect(await fresh.collected()).toBe(before + FRESH_ROWS);
  expect(await liveVersion(fresh)).toBe(version + 1);
});

async function startWorker(): Promise<Worker> {
  const way = await startProxy();
  way.point(stack.temporalAddress);
  return { part: await stack.startWorker({ TEMPORAL_ADDRESS: way.address }), way };
}

/** Released by what this returns, or at the end of the test. */
async function held(lock: Promise<Held>): Promise<() => Promise<void>> {
  const own = await lock;
  let released: Promise<void> | undefined;
  const once = () => (released ??= own.release());
  onTestFinished(once);
  return once;
}

/** Stopped in the middle of whatever it does, as by a machine that swaps or a virtual one that is moved. */
function freeze(): void {
  process.kill(zombie.part.pid, 'SIGSTOP');
  zombie.way.point(null);
  successor.way.point(stack.temporalAddress);
}

/** Everything collected and compared; nothing comes by itself but what the intervals say. */
async function settled(intervals: Parameters<E2eStack['open']>[0]): Promise<Partner> {
  const services = await stack.open({ ...DEFAULT_INTERVALS, ...intervals });
  const partner = await collectingPartner(stack, { services });
  await partner.caughtUp();
  return partner;
}

/** As if nothing had been compared yet; while it is paused nothing is. */
async function becomesDueAgain(partner: Partner): Promise<void> {
  await partner.connections.pause(...partner.target);
  const running = async () => {
    const { raw } = await partner.workflow.describe();
    return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'checkCompleteness') === true;
  };
  await waitUntil('comparisons to rest', async () => !(await running()));
  await stack.query('delete from completeness_checks where connection_id = $1', [partner.connectionId]);
}

/** Workers that were cut off come back in their own time. */
async function pollNow(partner: Partner): Promise<void> {
  await waitUntil('a poll to be asked for', async () => {
    await partner.connections.pause(...partner.target);
    return (await partner.connections.resume(...partner.target)).done;
  });
}

/** A backfill over the two hours of the late rows, in one slice. */
async function fillAgain(partner: Partner): Promise<void> {
  const { accountId, connectionId } = partner;
  const window = { fromMicros: (Date.now() - 3 * HOUR_MS) * 1000, toMicros: (Date.now() - 2 * HOUR_MS) * 1000 };
  await asTenant(stack.services.owner, accountId, (tenant) =>
    queueBackfill(tenant, { connectionId, kind: 'requested', window }),
  );
  await partner.workflow.signal(backfillQueued);
}

function appendOfAgent(count: number, atMs: number): void {
  const { world } = stack.simulator.state;
  const agentId = world.agents.find(({ site }) => site.id === fresh.siteIds[0])?.id;
  const at = new Date(atMs).toISOString();
  stack.simulator.control.appendActivities({ count, type: 120, agentId, siteId: null, at, stepMicros: 1 });
}

const holds = async (partner: Partner, rows: number) => {
  const since = new Date(Date.now() - 10 * 60_000).toISOString();
  const sql = `select count(*) from events where connection_id = $1 and occurred_at > $2 and activity_type = 120 and site_id is not null`;
  return (await stack.count(sql, [partner.connectionId, since])) >= rows;
};

const repaired = (partner: Partner) =>
  stack.count('select coalesce(sum(repaired), 0) from completeness_checks where connection_id = $1', [
    partner.connectionId,
  ]);

/** How many attempts at this connection have lost their checkpoint, by what the workers say. */
const refusals = ({ connectionId }: Partner): number =>
  stack
    .workerLog()
    .split('\n')
    .filter((line) => line.includes('"checkpoint.conflict"') && line.includes(connectionId)).length;

/** What an attempt that comes too late must leave alone. */
async function standing(partner: Partner): Promise<Row[]> {
  const checkpoints = await partner.rows('checkpoints', { columns: 'kind, slice, version, watermark' });
  const backfills = await partner.rows('backfills', { columns: 'id, state, stored_count, discarded_count' });
  const counted = await partner.rows('connections', { columns: 'stored_count, discarded_count', key: 'id' });
  const key = (row: Row) => JSON.stringify(row);
  return [...checkpoints, ...backfills, ...counted].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const waitingForLocks = () =>
  stack.count(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);

async function liveVersion(partner: Partner): Promise<number> {
  const rows = await partner.rows('checkpoints', { columns: 'kind, version' });
  return Number(rows.find(({ kind }) => kind === 'live')?.['version']);
}

async function caughtUpOnce(partner: Partner): Promise<void> {
  await partner.caughtUp();
  expect(await compareWithTruth(partner)).toEqual([]);
}
