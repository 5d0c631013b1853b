// Maintenance: what one run does and reports, that a failing step keeps no other from being done, and that whatever
// collects agrees with retention about what is kept.
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { type Activities, createActivities } from '../../activities/index.js';
import type { Retention } from '../../src/domain/collecting/retention.js';
import { toInstant, toMicros } from '../../src/domain/instant.js';
import { ensurePartitions } from '../../src/store/upkeep/partitions.js';
import { hold, untilWaiting } from '../store/support/sessions.js';
import { runActivity } from './support/activity-run.js';
import type { Scene } from './support/scene.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const DAY_MS = 24 * 3_600_000;
const RETENTION: Retention = { eventDays: 365, discardDays: 365 };

const withRetention = (scene: Scene, retention = RETENTION): Activities =>
  createActivities({ ...scene.deps, retention });
const run = <T>(activity: () => Promise<T>): Promise<T> => runActivity(activity).result;
const maintain = (scene: Scene) => run(() => withRetention(scene).maintain());

/** Gives every step but the first something to do. */
async function neglect(scene: Scene): Promise<void> {
  const { accountId, connectionId } = scene;
  await ensurePartitions(stage.database, new Set(['2019-01', '2019-02']));
  const ids = [accountId, connectionId];
  const statements: [string, unknown[]][] = [
    [`update connections set created_at = now() - interval '2 days' where account_id = $1 and id = $2`, ids],
    [
      `insert into idempotency_keys select $1, 'x', n::text, '', 'x', 201, now() - interval '2 days' from generate_series(1, 3) n`,
      [accountId],
    ],
    [
      `insert into auth_verifications (id, identifier, value, expires_at)
         values (gen_random_uuid(), 'x', 'x', now() - interval '1 min')`,
      [],
    ],
  ];
  for (const [statement, values] of statements) await scene.query(statement, values);
}

test('one run does all there is to do and says how much, and the next has nothing to do', async () => {
  const [forgotten, living] = [await stage.scene(), await (await stage.scene()).accept()];
  await neglect(forgotten);
  await living.query(`update credentials set pending_until = now() - interval '1 h' where connection_id = $1`, [
    forgotten.connectionId,
  ]);
  const extra = await living.insertCredential('never accepted');
  await living.query(
    `update credentials set pending_until = now() - interval '23 h', created_at = now() - interval '25 h' where id = $1`,
    [extra],
  );

  const { done, failed } = await maintain(living);
  expect(failed).toEqual([]);
  expect(done).toMatchObject({
    partitionsMade: 6,
    monthsOfEventsDropped: 2,
    monthsOfDiscardsDropped: 2,
    connections: 1,
    tokensDestroyed: 1,
    credentials: 1,
    idempotencyKeys: 3,
    verifications: 1,
    rejects: 0,
  });
  expect(await forgotten.rows('credentials')).toEqual([]);
  expect(await living.connection()).toMatchObject({ state: 'active' });
  expect(await living.credential()).toMatchObject({ destroyed_at: null });
  expect(living.logs).toContainEqual({ level: 'info', fields: done, sentence: 'maintenance' });

  const again = await maintain(living);
  expect(Object.values(again.done).every((count) => count === 0)).toBe(true);
});

test('a step that fails keeps no other from being done, and fails the run with its name and no text', async () => {
  const scene = await stage.scene();
  await neglect(scene);
  await scene.query(
    `insert into checkpoints (account_id, connection_id, kind, slice) values ($1, $2, 'live', 'live')`,
    [scene.accountId, scene.connectionId],
  );
  const error: unknown = await maintain(scene).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApplicationFailure);
  const { type, message, nonRetryable, details } = error as ApplicationFailure;
  expect({ type, message, nonRetryable }).toEqual({ type: 'internal', message: 'internal', nonRetryable: false });
  expect(details).toMatchObject([{ failed: ['connections'], done: { monthsOfEventsDropped: 2, idempotencyKeys: 3 } }]);
  expect(scene.logs.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { step: 'connections', code: '23503' } },
  ]);
  expect(JSON.stringify(scene.logs)).not.toContain(scene.accountId);

  await scene.query('delete from checkpoints where connection_id = $1', [scene.connectionId]);
  expect(await maintain(scene)).toMatchObject({ failed: [], done: { connections: 1 } });
});

test('a month that somebody is reading fails the run for now, which may be tried again', async () => {
  const scene = await stage.scene();
  await ensurePartitions(stage.database, new Set(['2019-03']));
  const reader = await hold(stage.databaseUrl, 'select count(*) from events');
  const error: unknown = await maintain(scene).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    type: 'store.unavailable',
    nonRetryable: false,
    details: [{ failed: ['monthsOfEventsDropped'], done: { monthsOfDiscardsDropped: 1 } }],
  });
  await reader.release();
  expect(await maintain(scene)).toMatchObject({ done: { monthsOfEventsDropped: 1 } });
});

test('a run that is cancelled stops between two steps', async () => {
  const scene = await stage.scene();
  const held = await hold(stage.databaseUrl, 'select pg_advisory_lock(7311001)');
  const running = runActivity(() => withRetention(scene).maintain());
  const ended = expect(running.result).rejects.toThrow('CANCELLED');
  await untilWaiting(stage.database, 1);
  running.cancel();
  await held.release();
  await ended;
});

test('without a retention nothing is dropped', async () => {
  const scene = await stage.scene();
  await ensurePartitions(stage.database, new Set(['2019-04']));
  expect(await scene.call('maintain', {})).toMatchObject({ failed: [] });
  expect(await scene.query(`select to_regclass('events_2019_04') as name`)).toEqual([{ name: 'events_2019_04' }]);
});

test('what is older than it would be kept is not collected, not missed, and not brought back', async () => {
  const nowMs = Date.parse('2026-06-10T12:05:00Z');
  const scene = await stage.scene({
    machineNowMs: () => nowMs,
    collectFromAgoMs: 50 * DAY_MS,
    historyWindowMs: 50 * DAY_MS,
    historyRows: 1_500,
  });
  await (await scene.accept()).map({ 0: 1 });
  const retention: Retention = { eventDays: 30, discardDays: 12 };
  const { pollActivities, runBackfill, checkCompleteness } = withRetention(scene, retention);
  await run(() => pollActivities({ ...scene.ref, pollIntervalMs: 30_000 })).catch(() => undefined);
  // As if two more days of it had been queued under a longer retention.
  await scene.query(
    `update checkpoints set from_at = from_at - interval '2 days' where backfill_id is not null
    and from_at = (select min(from_at) from checkpoints where connection_id = $1) and connection_id = $1`,
    [scene.connectionId],
  );
  while (!(await run(() => runBackfill(scene.ref))).drained);

  const [history] = await scene.rows('backfills');
  const keptMicros = (days: number) => (nowMs - days * DAY_MS) * 1000;
  expect(toMicros(String(history?.['from_at']))).toBeGreaterThanOrEqual(keptMicros(30));
  expect(toMicros(String(history?.['from_at']))).toBeLessThan(keptMicros(30) + 60_000_000);
  const places = scene.expected({ 0: 1 });
  const wanted = scene.truth().filter(({ id, createdAt }) => {
    const isEvent = places.get(String(id)) !== null;
    return toMicros(createdAt) >= keptMicros(isEvent ? 30 : 12);
  });
  const ids = [...(await scene.collected()).keys()];
  expect({ missing: missing(wanted, ids), extra: ids.length - wanted.length }).toEqual({ missing: [], extra: 0 });
  expect(wanted.length).toBeLessThan(scene.truth().length - 300);

  const sum = { checked: 0, repaired: 0, short: 0 };
  for (let checked = 1; checked > 0;) {
    const outcome = await run(() => checkCompleteness(scene.ref));
    checked = outcome.checked;
    for (const key of ['checked', 'repaired', 'short'] as const) sum[key] += outcome[key];
  }
  expect(sum).toMatchObject({ repaired: 0, short: 0 });
  expect(sum.checked).toBeGreaterThan(24);
  const [first] = await scene.rows('completeness_checks', 'order by from_at limit 1');
  expect(first?.['from_at']).toBe(toInstant(keptMicros(12) - 5 * 60_000_000 + 2 * 3_600_000_000));
  expect([...(await scene.collected()).keys()]).toHaveLength(ids.length);
});

const missing = (wanted: readonly { readonly id: unknown }[], ids: readonly string[]) =>
  wanted.map(({ id }) => String(id)).filter((id) => !ids.includes(id));

test('a new token whose hour ended while it was tried is refused, and the old one stays', async () => {
  const scene = await (await stage.scene()).accept();
  const { token } = scene.simulator.control.addToken({ label: 'next', accountIds: [scene.s1AccountId] });
  const credentialId = await scene.insertCredential(token);
  const key = [scene.accountId, scene.connectionId];
  const held = await hold(
    stage.databaseUrl,
    'select from connections where account_id = $1 and id = $2 for update',
    key,
  );
  const swapping = scene.failure('swapCredential', { commandId: randomUUID(), credentialId });
  await untilWaiting(stage.database, 1);
  await held.commit('update credentials set token_jwe = null, destroyed_at = now() where id = $1', [credentialId]);
  expect(await swapping).toMatchObject({ type: 'unknown_credential' });
  expect(await scene.connection()).toMatchObject({ credential_id: scene.credentialId });
  expect(await scene.credential()).toMatchObject({ destroyed_at: null });
});
