// Commands and records: each is done completely or not at all, only once however often it is asked for, and refused
// with a code.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { MICROS_PER_SECOND, toMicros } from '../../src/domain/instant.js';
import type { Scene } from './support/scene.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const accepted = async (): Promise<Scene> => (await stage.scene({ collectFromAgoMs: 600_000 })).accept();

type Change = { siteId: string; organizationId: string | null };
const apply = (version: number, changes: readonly Change[], rest: object = {}) => ({
  commandId: `remap-${randomUUID()}`,
  version,
  changes,
  collectDiscarded: false,
  ...rest,
});

test('a mapping is applied with a version of its own, history and totals', async () => {
  const scene = await accepted();
  const changes = [
    { siteId: scene.siteId(0), organizationId: scene.organizationId(1) },
    { siteId: scene.siteId(1), organizationId: scene.organizationId(2) },
  ];
  const first = await scene.call('applyMapping', apply(0, changes));
  expect(first).toEqual({ version: 1, total: 3, mapped: 2, backfillQueued: false });
  const second = apply(1, [{ siteId: scene.siteId(0), organizationId: null }], { commandId: 'unmap' });
  expect(await scene.call('applyMapping', second)).toEqual({ version: 2, total: 3, mapped: 1, backfillQueued: false });
  expect(await scene.connection()).toMatchObject({ mapping_version: 2 });
  expect(await scene.rows('site_mappings')).toMatchObject([
    { site_id: scene.siteId(1), organization_id: scene.organizationId(2) },
  ]);
  expect(await scene.rows('mapping_history', 'and version = 2')).toMatchObject([
    { site_id: scene.siteId(0), organization_id: null, command_id: 'unmap' },
  ]);
});

test('a site named twice in one change means what was said last', async () => {
  const scene = await accepted();
  const siteId = scene.siteId(0);
  const organizationIds = [scene.organizationId(1), null, scene.organizationId(2)];
  await scene.call(
    'applyMapping',
    apply(
      0,
      organizationIds.map((organizationId) => ({ siteId, organizationId })),
    ),
  );
  expect(await scene.rows('site_mappings')).toMatchObject([{ organization_id: scene.organizationId(2) }]);
  expect(await scene.rows('mapping_history', 'and version = 1')).toHaveLength(1);
});

test.each<[string, string, (scene: Scene, stranger: Scene) => Promise<object>]>([
  ['another version', 'mapping_conflict', async (scene) => apply(7, [good(scene)])],
  [
    'a site that this connection does not have',
    'mapping_unknown_site',
    async (scene, stranger) =>
      apply(0, [good(scene), { siteId: stranger.siteId(0) + '1', organizationId: scene.organizationId(1) }]),
  ],
  [
    'an organization that nobody has',
    'mapping_unknown_organization',
    async (scene) => apply(0, [good(scene), { siteId: scene.siteId(1), organizationId: randomUUID() }]),
  ],
  [
    'an organization of another account',
    'mapping_unknown_organization',
    async (scene, stranger) =>
      apply(0, [good(scene), { siteId: scene.siteId(1), organizationId: stranger.organizationId(1) }]),
  ],
  [
    'an organization that was deleted',
    'mapping_unknown_organization',
    async (scene) => {
      await scene.query('update organizations set deleted_at = now() where id = $1', [scene.organizationId(2)]);
      return apply(0, [good(scene), { siteId: scene.siteId(1), organizationId: scene.organizationId(2) }]);
    },
  ],
  [
    'an organization id that is none',
    'mapping_unknown_organization',
    async (scene) => apply(0, [good(scene), { siteId: scene.siteId(1), organizationId: "'; drop table events" }]),
  ],
])('%s is refused with %s, and nothing is applied', async (_, code, input) => {
  const scene = await accepted();
  const stranger = await accepted();
  const failure = await scene.failure('applyMapping', (await input(scene, stranger)) as ReturnType<typeof apply>);
  expect(failure).toMatchObject({ type: code, nonRetryable: true, message: code });
  expect(await scene.rows('site_mappings')).toEqual([]);
  expect(await scene.rows('mapping_history')).toHaveLength(1);
  expect(await scene.rows('commands')).toEqual([]);
  expect(await scene.connection()).toMatchObject({ mapping_version: 0 });
});

const good = (scene: Scene): Change => ({ siteId: scene.siteId(0), organizationId: scene.organizationId(1) });

test('another account’s connection cannot be mapped', async () => {
  const scene = await accepted();
  const stranger = await accepted();
  const input = { ...apply(0, [good(scene)]), connectionId: scene.connectionId };
  expect(await stranger.failure('applyMapping', input)).toMatchObject({ type: 'connection_gone', nonRetryable: true });
  expect(await scene.rows('site_mappings')).toEqual([]);
});

test('a command that is repeated returns its first result and changes nothing', async () => {
  const scene = await accepted();
  const command = apply(0, [good(scene)]);
  const first = await scene.call('applyMapping', command);
  await scene.map({ 1: 1 });
  expect(await scene.call('applyMapping', command)).toEqual(first);
  expect(await scene.connection()).toMatchObject({ mapping_version: 2 });
});

test('two attempts of one command at once apply it once', async () => {
  const scene = await accepted();
  const command = apply(0, [good(scene)]);
  const [first, second] = await Promise.all([scene.call('applyMapping', command), scene.call('applyMapping', command)]);
  expect(first).toEqual(second);
  expect(await scene.connection()).toMatchObject({ mapping_version: 1 });
});

test('of two commands on one version the later is a conflict', async () => {
  const scene = await accepted();
  const results = await Promise.allSettled([
    scene.call('applyMapping', apply(0, [good(scene)])),
    scene.call('applyMapping', apply(0, [{ siteId: scene.siteId(1), organizationId: scene.organizationId(2) }])),
  ]);
  expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([
    { reason: { type: 'mapping_conflict' } },
  ]);
  expect(await scene.rows('site_mappings')).toHaveLength(1);
});

test('collecting what was discarded queues a backfill over the ledger’s window of the sites mapped now, within a second', async () => {
  const scene = await accepted();
  const { control, state } = scene.simulator;
  const at = (agoMs: number) => new Date(state.clock.nowMs() - agoMs).toISOString();
  for (const agoMs of [500_000, 400_000, 300_000])
    control.appendActivities({ type: 33, siteId: scene.siteId(0), at: at(agoMs) });
  control.appendActivities({ type: 33, siteId: scene.siteId(1), at: at(550_000) });
  await scene.poll();
  const times = (await scene.rows('discards', `and site_id = '${scene.siteId(0)}' order by occurred_at`)).map((row) =>
    String(row['occurred_at']),
  );

  const outcome = await scene.call('applyMapping', apply(0, [good(scene)], { collectDiscarded: true }));

  expect(outcome).toMatchObject({ backfillQueued: true });
  const [backfill] = await scene.rows('backfills');
  expect(backfill).toMatchObject({ kind: 'discarded', site_ids: [scene.siteId(0)] });
  const micros = (instant: unknown) => toMicros(String(instant));
  expect(micros(times[0]) - micros(backfill?.['from_at'])).toBe(MICROS_PER_SECOND - 1);
  expect(micros(backfill?.['to_at']) - micros(times.at(-1))).toBe(MICROS_PER_SECOND);
});

test('a mapping of more sites than one request can name is collected in several backfills', async () => {
  const scene = await accepted();
  const siteIds = Array.from({ length: 250 }, (_, n) => String(1_000 + n));
  await scene.query(`insert into sites (account_id, connection_id, site_id) select $1, $2, unnest($3::text[])`, [
    scene.accountId,
    scene.connectionId,
    siteIds,
  ]);
  for (const siteId of siteIds) {
    const row = { id: '{{id}}', createdAt: '{{createdAt}}', activityType: 27, siteId };
    scene.simulator.control.appendRaw({ text: JSON.stringify(row) });
  }
  await scene.poll();
  const changes = siteIds.map((siteId) => ({ siteId, organizationId: scene.organizationId(1) }));
  await scene.call('applyMapping', apply(0, changes, { collectDiscarded: true }));
  const named = (await scene.rows('backfills')).map((row) => (row['site_ids'] as string[]).length);
  expect(named.sort()).toEqual([100, 100, 50]);
});

test('nothing was discarded, so nothing is queued; and unmapping queues nothing', async () => {
  const scene = await accepted();
  expect(await scene.map({ 0: 1 }, true)).toMatchObject({ backfillQueued: false });
  expect(await scene.map({ 0: null }, true)).toMatchObject({ backfillQueued: false });
  expect(await scene.rows('backfills')).toEqual([]);
});

test('the interval is a setting; the default organization is also a version of the mapping', async () => {
  const scene = await accepted();
  const commandId = 'settings';
  const defaultOrganizationId = scene.organizationId(2);
  for (let n = 0; n < 2; n++) {
    await scene.call('changeSettings', { commandId, pollIntervalMs: 60_000, defaultOrganizationId });
  }
  expect(await scene.connection()).toMatchObject({
    poll_interval_seconds: 60,
    default_organization_id: defaultOrganizationId,
    mapping_version: 1,
  });
  expect(await scene.rows('mapping_history', 'and version = 1')).toMatchObject([
    { site_id: null, organization_id: defaultOrganizationId, command_id: commandId },
  ]);
  scene.simulator.control.appendActivities({ type: 133 });
  await scene.poll();
  expect([...(await scene.stored()).values()]).toEqual([defaultOrganizationId]);
});

test.each([['a foreign one'], ['none']])('a default organization that is %s is refused', async (kind) => {
  const scene = await accepted();
  const stranger = await accepted();
  const defaultOrganizationId = kind === 'none' ? 'nobody' : stranger.organizationId(0);
  const input = { commandId: 'settings', pollIntervalMs: 60_000, defaultOrganizationId };
  const failure = await scene.failure('changeSettings', input);
  expect(failure).toMatchObject({ type: 'mapping_unknown_organization', nonRetryable: true });
  expect(await scene.connection()).toMatchObject({
    poll_interval_seconds: 30,
    default_organization_id: scene.organizationId(0),
  });
});

test.each([{ pollIntervalMs: 10 ** 12 }, { pollIntervalMs: 10 ** 7 }])(
  'settings that the store cannot hold (%j) are not tried for ever',
  async (settings) => {
    const scene = await accepted();
    const failure = await scene.failure('changeSettings', { commandId: 'settings', ...settings });
    expect(failure).toMatchObject({ type: 'internal', nonRetryable: true, message: 'internal' });
    expect(scene.logs).toMatchObject([{ level: 'error' }]);
  },
);

test('a state is written only over an earlier one, with a line in the timeline for each', async () => {
  const scene = await accepted();
  const show = (stateSeq: number, state: 'active' | 'paused') =>
    scene.call('projectStatus', { state, stateSeq, pauseReasons: state === 'paused' ? ['token'] : [], cause: 'test' });
  await show(10, 'paused');
  await show(9, 'active');
  await show(10, 'active');
  expect(await scene.connection()).toMatchObject({ state: 'paused', state_seq: 10, pause_reasons: ['token'] });
  await show(11, 'active');
  expect(await scene.connection()).toMatchObject({ state: 'active', state_seq: 11, pause_reasons: [] });
  const lines = await scene.rows('connection_timeline', 'order by id desc limit 2');
  expect(lines).toMatchObject([
    { kind: 'state', outcome: 'active', details: { cause: 'test', pauseReasons: [] } },
    { kind: 'state', outcome: 'paused', details: { pauseReasons: ['token'] } },
  ]);
});

test('what became of a signal is recorded once, and beside the command itself', async () => {
  const scene = await accepted();
  await scene.call('applyMapping', apply(0, [good(scene)], { commandId: 'signal-1' }));
  const entry = { commandId: 'signal-1', kind: 'remapSites', outcome: 'applied', code: null } as const;
  for (let n = 0; n < 2; n++) await scene.call('recordTimeline', entry);
  expect(await scene.rows('connection_timeline', "and kind = 'remapSites'")).toMatchObject([
    { outcome: 'applied', code: null, command_id: 'signal-1' },
  ]);
});

test('a record for a connection that is not there is not tried for ever', async () => {
  const scene = await accepted();
  const entry = {
    connectionId: randomUUID(),
    commandId: 'x',
    kind: 'remapSites',
    outcome: 'refused',
    code: null,
  } as const;
  expect(await scene.failure('recordTimeline', entry)).toMatchObject({ type: 'connection_gone', nonRetryable: true });
});

test('tearing down destroys every token and ends every backfill; twice is harmless', async () => {
  const scene = await stage.scene({ collectFromAgoMs: 3_600_000 });
  await scene.accept();
  await scene.poll();
  const spare = await scene.insertCredential('another-token');
  for (let n = 0; n < 2; n++) await scene.call('tearDown', { commandId: 'end' });
  const credentials = [await scene.credential(), await scene.credential(spare)];
  for (const credential of credentials) {
    expect(credential).toMatchObject({ token_jwe: null, pending_until: null });
    expect(credential['destroyed_at']).not.toBeNull();
  }
  expect(await scene.rows('backfills')).toMatchObject([{ state: 'cancelled', cancel_requested: true }]);
  expect((await scene.rows('backfills'))[0]?.['finished_at']).not.toBeNull();
});

test('one account’s tear-down leaves another’s connection alone', async () => {
  const scene = await accepted();
  const stranger = await accepted();
  await stranger.call('tearDown', { connectionId: scene.connectionId, commandId: 'end' });
  expect((await scene.credential())['token_jwe']).not.toBeNull();
});
