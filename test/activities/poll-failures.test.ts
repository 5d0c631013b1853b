// What a poll does when SentinelOne or the network has a bad day: with which code it fails, how long it is until the
// next try, what people see meanwhile, and that nothing is lost.
import { ApplicationFailure } from '@temporalio/activity';
import { expect, test } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { openDatabase } from '../../src/store/database.js';
import { runActivity } from './support/activity-run.js';
import { collecting as startCollecting, MAPPED } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import { eventually, sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const collecting = (options: SceneOptions = {}): Promise<Scene> =>
  startCollecting(stage, { historyRows: 1_500, timeouts: { headersMs: 300, bodyMs: 300 }, ...options });

type FaultOrder = Parameters<Scene['simulator']['control']['addFault']>[0];
const fail = (scene: Scene, fault: FaultOrder) =>
  scene.simulator.control.addFault({ pathPrefix: '/activities', ...fault });

const OUTAGES: [string, FaultOrder, string, number][] = [
  ['a 429 that asks for 17 seconds', { status: 429, retryAfter: '17' }, 's1.rate_limited', 17_000],
  ['a 429 that asks for a second', { status: 429, retryAfter: '1' }, 's1.rate_limited', 1_000],
  ['a 429 that asks for nothing', { status: 429 }, 's1.rate_limited', 5_000],
  ['a 429 that asks for a week', { status: 429, retryAfter: '604800' }, 's1.rate_limited', 3_600_000],
  ['a 429 that asks in words', { status: 429, retryAfter: 'soon' }, 's1.rate_limited', 5_000],
  ['a 500', { status: 500 }, 's1.unavailable', 5_000],
  ['a 502 of a gateway', { status: 502 }, 's1.unavailable', 5_000],
  ['a reply slower than the time-out', { slowMs: 2_000 }, 's1.unavailable', 5_000],
  ['a connection cut before the reply', { reset: 'before' }, 's1.unavailable', 5_000],
  ['a connection cut in the middle of a page', { reset: 'mid-body' }, 's1.unavailable', 5_000],
  ['half a page', { cutJson: true }, 's1.bad_response', 5_000],
  ['errors in a 200', { errorsIn200: true }, 's1.bad_response', 5_000],
  ['a web page', { body: '<html>Log in</html>' }, 's1.bad_response', 5_000],
  ['JSON of another shape', { body: '{"data":{"rows":[]}}' }, 's1.bad_response', 5_000],
  ['an empty body', { body: '' }, 's1.bad_response', 5_000],
  ['a 400', { status: 400 }, 's1.bad_request', 300_000],
];

test.each(OUTAGES)(
  '%s is tried again, and the next poll goes on as if nothing had been',
  async (_, fault, code, delay) => {
    const scene = await collecting();
    fail(scene, fault);

    expect(await scene.failedPoll()).toMatchObject({
      type: code,
      nonRetryable: false,
      nextRetryDelay: delay,
      message: expect.stringMatching(
        new RegExp(`^${code}; collected through nothing yet(, degraded since |$)`),
      ) as string,
    });

    expect(await scene.watermark()).toBeNull();
    expect(await scene.collected()).toEqual(new Map());
    const sick = await scene.connection();
    expect(sick).toMatchObject({ consecutive_failures: 1, failure_code: code, collected_through: null });
    expect(sick['degraded_since'] !== null).toBe(['s1.bad_response', 's1.bad_request'].includes(code));
    const inMs = Date.parse(String(sick['next_try_at'])) - Date.now();
    expect(inMs).toBeGreaterThan(delay - 3_000);
    expect(inMs).toBeLessThanOrEqual(delay);

    await scene.poll();
    expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
    const healed = { consecutive_failures: 0, failure_code: null, degraded_since: null, next_try_at: null };
    expect(await scene.connection()).toMatchObject(healed);
  },
);

test('Retry-After as a date is read against the console’s own clock', async () => {
  const scene = await collecting({ clockSkewMs: -7_200_000 });
  const retryAfter = new Date(scene.simulator.state.clock.nowMs() + 40_000).toUTCString();
  fail(scene, { status: 429, retryAfter });
  const { nextRetryDelay } = await scene.failedPoll();
  expect(Number(nextRetryDelay)).toBeGreaterThan(35_000);
  expect(Number(nextRetryDelay)).toBeLessThanOrEqual(40_000);
});

test('the wait doubles from failure to failure up to five minutes, and is short again after a good poll', async () => {
  const scene = await collecting();
  fail(scene, { status: 503, requests: 9 });
  const delays: unknown[] = [];
  const degraded: boolean[] = [];
  for (let n = 0; n < 9; n++) {
    delays.push((await scene.failedPoll()).nextRetryDelay);
    degraded.push((await scene.connection())['degraded_since'] !== null);
  }
  expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  expect(degraded).toEqual([false, false, true, true, true, true, true, true, true]);
  await scene.poll();
  fail(scene, { status: 503 });
  expect(await scene.failedPoll()).toMatchObject({ nextRetryDelay: 5_000 });
});

test('degraded since means since the first such failure', async () => {
  const scene = await collecting();
  fail(scene, { cutJson: true, requests: 2 });
  await scene.failedPoll();
  const { degraded_since } = await scene.connection();
  await scene.failedPoll();
  expect(await scene.connection()).toMatchObject({ degraded_since, consecutive_failures: 2 });
});

test('pages before a failure stay, and the next poll goes on behind them', async () => {
  const scene = await collecting({ historyRows: 4_000 });
  fail(scene, { queryContains: 'cursor=', after: 1, status: 502 });
  await scene.failedPoll();
  const half = await scene.collected();
  expect(half.size).toBe(2_000);
  expect(await scene.connection()).toMatchObject({ collected_through: null });
  await scene.poll();
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('a token that is rejected twice stops the poll and names the credential', async () => {
  const scene = await collecting();
  scene.simulator.control.revokeToken({ token: scene.simulator.token });
  expect(await scene.failedPoll()).toMatchObject({
    type: 's1.token_rejected',
    nonRetryable: true,
    details: [{ credentialId: scene.credentialId }],
  });
  expect(await scene.connection()).toMatchObject({ consecutive_failures: 0, degraded_since: null });
});

test('a token that ran out by the console’s clock is called expired', async () => {
  const scene = await collecting();
  const expiresAt = new Date(scene.simulator.state.clock.nowMs() - 1_000).toISOString();
  scene.simulator.control.setTokenExpiry({ token: scene.simulator.token, expiresAt });
  await scene.query('update credentials set expires_at = $1 where id = $2', [expiresAt, scene.credentialId]);
  expect(await scene.failedPoll()).toMatchObject({
    type: 's1.token_expired',
    nonRetryable: true,
    details: [{ credentialId: scene.credentialId }],
  });
});

test('an expiry that has passed only by our clock stops nothing', async () => {
  const scene = await collecting();
  await scene.query("update credentials set expires_at = now() - interval '1 day' where id = $1", [scene.credentialId]);
  expect((await scene.poll()).stored).toBeGreaterThan(0);
});

test.each([403, 401])('a %i of activities alone is a missing permission', async (status) => {
  const scene = await collecting();
  fail(scene, { status });
  expect(await scene.failedPoll()).toMatchObject({
    type: 's1.permission_missing',
    nonRetryable: true,
    details: [{ credentialId: scene.credentialId }],
  });
});

test('a 401 of a console that then has an outage says nothing about the token', async () => {
  const scene = await collecting();
  fail(scene, { status: 401 });
  scene.simulator.control.addFault({ pathPrefix: '/system/info', status: 503 });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.unavailable', nonRetryable: false });
});

test('a token that is swapped while the poll begins is no end of the connection', async () => {
  const scene = await collecting();
  const { token } = scene.simulator.control.addToken({ label: 'next', accountIds: [scene.s1AccountId] });
  const next = await scene.insertCredential(token);
  const swap = await stage.database.pool.connect();
  await swap.query('begin');
  await swap.query('lock table credentials in access exclusive mode');
  const poll = scene.poll();
  const waiting = 'select count(*)::int as n from pg_locks where not granted and relation = $1::regclass';
  await eventually(async () => (await scene.query(waiting, ['credentials']))[0]?.['n'], Boolean);
  await swap.query('update connections set credential_id = $1 where id = $2', [next, scene.connectionId]);
  await swap.query('update credentials set token_jwe = null, destroyed_at = now() where id = $1', [scene.credentialId]);
  await swap.query('commit');
  swap.release();
  expect(await poll).toMatchObject({ credentialId: next });
});

test('a connection without a token, or of another account, is gone', async () => {
  const scene = await collecting();
  const stranger = await collecting();
  const foreign = await scene.failure('pollActivities', {
    accountId: stranger.accountId,
    connectionId: scene.connectionId,
    pollIntervalMs: INTERVAL_MS,
  });
  expect(foreign).toMatchObject({ type: 'connection_gone', nonRetryable: true });
  await scene.project('disconnecting');
  await scene.call('tearDown', { commandId: 'end' });
  expect(await scene.failedPoll()).toMatchObject({ type: 'connection_gone', nonRetryable: true });
});

test('nothing is collected for a connection that was never accepted, or has ended', async () => {
  const never = await stage.scene({ historyRows: 10 });
  expect(await never.failedPoll()).toMatchObject({ type: 'connection_gone' });
  const ended = await collecting();
  await ended.project('disconnected');
  expect(await ended.failedPoll()).toMatchObject({ type: 'connection_gone' });
  expect(await ended.collected()).toEqual(new Map());
});

test('an address that was taken off the list gets no request and no token', async () => {
  const scene = await collecting();
  await scene.query("update connections set console_url = 'http://127.0.0.1:1' where id = $1", [scene.connectionId]);
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.address_refused', nonRetryable: true });
});

test('while the store is away it is tried again soon, and counts as nobody’s failure', async () => {
  const scene = await collecting();
  const database = openDatabase({ url: 'postgres://nobody@127.0.0.1:9/nothing' });
  const activities = createActivities({ ...scene.deps, database });
  const input = { ...scene.ref, pollIntervalMs: INTERVAL_MS };
  const { result } = runActivity(() => activities.pollActivities(input));
  await expect(result).rejects.toMatchObject({ type: 'store.unavailable', nonRetryable: false, nextRetryDelay: 2_000 });
  await database.close();
});

test('a database that goes away in the middle of a poll loses nothing', async () => {
  const scene = await collecting({ historyRows: 4_000 });
  scene.simulator.control.configure({ pageLatencyMs: 100 });
  const run = scene.start('pollActivities', { pollIntervalMs: INTERVAL_MS });
  const failure = run.result.then(
    () => null,
    (error: unknown) => error,
  );
  await eventually(() => scene.watermark(), Boolean);
  await scene.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  const error = await failure;
  if (error !== null) expect(error).toMatchObject({ type: 'store.unavailable', nonRetryable: false });
  scene.simulator.control.configure({ pageLatencyMs: 0 });
  // An attempt may still get a database connection that was cut; one that finds nothing new ends as `idle`.
  await eventually(
    () =>
      scene.poll().then(
        () => null,
        (again: unknown) => again,
      ),
    (again) => {
      const isDone = again === null || (again instanceof ApplicationFailure && again.type === 'idle');
      if (!isDone) expect(again).toMatchObject({ type: 'store.unavailable' });
      return isDone;
    },
  );
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});
