// One odd row of a list costs itself; a list that is a courtesy fails nothing; what keeps failing is told and lets the
// next piece of work have its turn.
import { expect, test } from 'vitest';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { asTenant } from '../support/builders.js';
import { runActivity } from './support/activity-run.js';
import { collecting, HOUR_MS } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const notices = async (scene: Scene, kind: string) =>
  (await scene.rows('notices', `and kind = '${kind}'`)).map(({ state, details }) => ({ state, details }));

/** The next list of sites is this one. */
const listSites = (scene: Scene, sites: readonly unknown[]) =>
  scene.simulator.control.addFault({
    pathPrefix: '/sites',
    body: JSON.stringify({ data: { sites }, pagination: { nextCursor: null } }),
  });

const siteRow = (scene: Scene, n: number, fields: object = {}) => ({
  id: scene.siteId(n),
  name: `Site ${n}`,
  accountId: scene.s1AccountId,
  state: 'active',
  activeLicenses: 7,
  ...fields,
});

test.each([-1, 'many', 2 ** 40, { n: 1 }])(
  'a site with %j licenses has no count, the others have',
  async (activeLicenses) => {
    const scene = await collecting(stage);
    listSites(scene, [siteRow(scene, 0), siteRow(scene, 1, { activeLicenses }), siteRow(scene, 2)]);
    expect(await scene.call('recordLicenseCounts', {})).toMatchObject({ sites: 2 });
    const counted = (await scene.rows('license_counts', 'order by site_id')).map((row) => [
      row['site_id'],
      row['last_count'],
    ]);
    expect(counted).toEqual([0, 2].map((n) => [scene.siteId(n), 7]).sort());
    expect(await notices(scene, 'rows_unreadable')).toEqual([{ state: 'open', details: { lists: ['sites: 1'] } }]);

    await scene.call('recordLicenseCounts', {});
    expect(await notices(scene, 'rows_unreadable')).toMatchObject([{ state: 'resolved' }]);
  },
);

test.each([{ id: '' }, { id: null }, { id: 'a\u0000b' }, { id: 1.5 }])(
  'a site whose id cannot be read (%j) is left out, and no site is taken for deleted',
  async (fields) => {
    const scene = await collecting(stage);
    listSites(scene, [siteRow(scene, 0, { name: 'Renamed' }), siteRow(scene, 1, fields), 17, null]);
    await scene.call('syncSites', {});
    const sites = await scene.rows('sites', 'order by site_id');
    expect(sites.map((site) => site['state'])).toEqual(['active', 'active', 'active']);
    expect(sites.find((site) => site['site_id'] === scene.siteId(0))).toMatchObject({ name: 'Renamed' });
    expect(await notices(scene, 'rows_unreadable')).toEqual([{ state: 'open', details: { lists: ['sites: 3'] } }]);
  },
);

test('names of types that are odd, or not told at all, fail nothing', async () => {
  const scene = await collecting(stage);
  const types = [
    { id: 'odd', action: 'Odd' },
    { id: 27, action: 'User Logged In' },
    { id: 33, action: 5 },
  ];
  scene.simulator.control.addFault({ pathPrefix: '/activities/types', body: JSON.stringify({ data: types }) });
  await scene.call('syncSites', {});
  expect(await scene.rows('activity_types')).toMatchObject([{ activity_type: 27, name: 'User Logged In' }]);

  await scene.query('delete from activity_types where connection_id = $1', [scene.connectionId]);
  scene.simulator.control.addFault({ pathPrefix: '/activities/types', status: 500 });
  expect(await scene.call('syncSites', {})).toMatchObject({ total: 3 });
});

test('an agent with an odd site stops no poll; its rows are discards that say so', async () => {
  const scene = await collecting(stage);
  scene.simulator.control.appendActivities({ type: 120, agentId: scene.agentId(0), siteId: null });
  scene.simulator.control.appendActivities({ type: 120, agentId: scene.agentId(0, 1), siteId: null });
  const agents = [
    { id: scene.agentId(0), siteId: { odd: true } },
    { id: scene.agentId(0, 1), siteId: scene.siteId(0) },
  ];
  scene.simulator.control.addFault({ pathPrefix: '/agents', body: JSON.stringify({ data: agents }) });
  expect(await scene.poll()).toMatchObject({ stored: 1, discarded: 1 });
});

test('a chore that keeps failing opens a notice, and its last try ends its turn', async () => {
  const scene = await collecting(stage);
  scene.simulator.control.addFault({ pathPrefix: '/sites', body: '{"data":[]}', requests: 3 });
  const sync = (attempt: number) =>
    runActivity(() => scene.activities.syncSites(scene.ref), { attempt }).result.catch((error: unknown) => error);
  expect(await sync(1)).toMatchObject({ type: 's1.bad_response', nonRetryable: false });
  expect(await sync(2)).toMatchObject({ type: 's1.bad_response', nonRetryable: false });
  expect(await notices(scene, 'chore_failing')).toEqual([]);
  expect(await sync(3)).toMatchObject({ type: 's1.bad_response', nonRetryable: true });
  expect(await notices(scene, 'chore_failing')).toEqual([
    { state: 'open', details: { chores: ['syncSites: s1.bad_response'] } },
  ]);
  await sync(1);
  expect(await notices(scene, 'chore_failing')).toMatchObject([{ state: 'resolved' }]);
});

test('a backfill that keeps failing lets the next one go first, and a notice says so', async () => {
  const scene = await collecting(stage);
  const toMicros = scene.simulator.state.clock.nowMs() * 1000;
  const window = { fromMicros: toMicros - HOUR_MS * 1000, toMicros };
  const queue = () =>
    asTenant(stage.database, scene.accountId, (tenant) =>
      queueBackfill(tenant, { connectionId: scene.connectionId, kind: 'requested', window }),
    );
  const failing = await queue();
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'limit=', body: '{}', requests: 3 });
  for (let n = 0; n < 3; n += 1)
    expect(await scene.failure('runBackfill', {})).toMatchObject({ type: 's1.bad_response' });
  expect(await notices(scene, 'backfill_failing')).toEqual([
    { state: 'open', details: { backfills: [`${failing}: s1.bad_response`] } },
  ]);
  const next = await queue();
  await scene.call('runBackfill', {});
  const stateOf = async (id: string) => (await scene.rows('backfills', `and id = '${id}'`))[0]?.['state'];
  expect([await stateOf(next), await stateOf(failing)]).toEqual(['done', 'running']);
  await scene.call('runBackfill', {});
  expect(await notices(scene, 'backfill_failing')).toMatchObject([{ state: 'resolved' }]);
});
