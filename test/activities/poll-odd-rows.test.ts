// What the live poll does with rows that name only an agent, with rows that cannot be read or not be kept as they are,
// and with cursors that die.
import { expect, test } from 'vitest';
import { collecting as startCollecting, MAPPED, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const collecting = (options: SceneOptions = {}): Promise<Scene> => startCollecting(stage, options);

const activityRequests = (scene: Scene) => scene.simulator.requests('/activities');

test('rows that name only an agent go by its site, also when it is decommissioned or uninstalled', async () => {
  const scene = await collecting();
  const { control } = scene.simulator;
  control.setAgentState({ agentId: scene.agentId(0), isDecommissioned: true, announce: false });
  control.setAgentState({ agentId: scene.agentId(1), isUninstalled: true, announce: false });
  for (const agentId of [scene.agentId(0), scene.agentId(1), scene.agentId(2)]) {
    control.appendActivities({ type: 120, agentId, siteId: null, count: 2 });
  }
  await scene.poll();
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
  expect([...(await scene.discarded()).values()]).toMatchObject([
    { site_id: scene.siteId(2), site_from: 'agent', reason: 'site_unmapped' },
    { site_id: scene.siteId(2), site_from: 'agent', reason: 'site_unmapped' },
  ]);
  const asked = scene.simulator.requests('/agents');
  expect(asked).toHaveLength(1);
  expect(asked[0]?.query).toMatchObject({ isDecommissioned: 'True,False', isUninstalled: 'True,False' });
});

test('an agent that SentinelOne does not know is a discard, which a later site sync puts under its site', async () => {
  const scene = await collecting();
  const unknown = '9999';
  scene.addRaw({ agentId: unknown, siteId: null });
  await scene.poll();
  expect([...(await scene.discarded()).values()]).toMatchObject([
    { site_id: null, agent_id: unknown, site_from: 'agent', reason: 'agent_unresolved' },
  ]);

  scene.simulator.control.addFault({
    pathPrefix: '/agents',
    body: JSON.stringify({ data: [{ id: unknown, siteId: scene.siteId(0) }], pagination: { nextCursor: null } }),
  });
  await scene.call('syncSites', {});
  expect([...(await scene.discarded()).values()]).toMatchObject([
    { site_id: scene.siteId(0), reason: 'site_unmapped', agent_id: unknown },
  ]);
  expect(await scene.rows('sites', `and site_id = '${scene.siteId(0)}'`)).toMatchObject([{ discarded_count: 1 }]);
});

test('when agents cannot be asked for, the poll fails and the checkpoint stays', async () => {
  const scene = await collecting();
  scene.simulator.control.appendActivities({ type: 120, agentId: scene.agentId(0), siteId: null });
  scene.simulator.control.addFault({ pathPrefix: '/agents', status: 500 });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.unavailable' });
  expect(await scene.watermark()).toBeNull();
  expect(await scene.collected()).toEqual(new Map());
  expect(await scene.poll()).toMatchObject({ stored: 1 });
});

test.each([{ agentId: 'not,an id' }, { agentId: { id: 1 } }, { agentId: '1'.repeat(30) }])(
  'an agent id that SentinelOne would refuse to look up (%j) stops nothing',
  async (fields) => {
    const scene = await collecting();
    scene.addRaw({ ...fields, siteId: null });
    scene.simulator.control.appendActivities({ type: 120, agentId: scene.agentId(0), siteId: null });
    expect(await scene.poll()).toMatchObject({ stored: 1, discarded: 1 });
    expect([...(await scene.discarded()).values()]).toMatchObject([{ reason: 'agent_unresolved', site_id: null }]);
    await scene.call('syncSites', {});
  },
);

test('bad rows are kept aside with a reason, once, and the page goes on', async () => {
  const scene = await collecting();
  const at = scene.ago(MINUTE_MS);
  const years = ['0000-01-01T00:00:00Z', '2012-12-31T23:59:59Z', '9999-12-31T23:59:59-12:00', 'yesterday'];
  for (const createdAt of years) scene.addRaw({ createdAt }, { at });
  scene.addRaw({ createdAt: scene.ago(-25 * 60 * MINUTE_MS) }, { at });
  scene.addRaw({ id: null, primaryDescription: 'a \u0000 null' }, { at });
  for (const text of ['null', '[1]', '"text"', '17']) scene.simulator.control.appendRaw({ text, at });
  scene.simulator.control.appendActivities({ count: 3, type: 33, siteId: scene.siteId(0) });

  expect(await scene.poll()).toMatchObject({ stored: 3, discarded: 0, rejected: 10 });

  const reasons = (await scene.rows('rejects', 'order by reason')).map((row) => row['reason']);
  expect(Object.entries(Object.groupBy(reasons, String)).map(([reason, of]) => [reason, of?.length])).toEqual([
    ['no_id', 1],
    ['no_time', 3],
    ['not_an_object', 4],
    ['time_out_of_range', 2],
  ]);
  expect(await scene.connection()).toMatchObject({ rejected_count: 10 });
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
  expect(await scene.rows('rejects')).toHaveLength(10);
});

test('a row of another SentinelOne account is nobody’s: with a site, with an agent, and with neither', async () => {
  const scene = await collecting();
  const [, other] = scene.simulator.state.world.accounts;
  const [site] = scene.simulator.state.world.sites.filter((one) => one.account === other);
  const [agent] = scene.simulator.state.world.agents.filter((one) => one.site === site);
  const add = (fields: object) => {
    const text = JSON.stringify({ id: '{{id}}', createdAt: '{{createdAt}}', activityType: 27, ...fields });
    scene.simulator.control.appendRaw({ text, accountId: scene.s1AccountId });
  };
  const theirs = [{ siteId: null }, { siteId: site?.id }, { siteId: null, agentId: agent?.id }];
  for (const fields of theirs) add({ accountId: other?.id, ...fields });
  add({ accountId: scene.s1AccountId, siteId: null });

  expect(await scene.poll()).toMatchObject({ stored: 1, discarded: 0, rejected: 3 });

  const rejects = await scene.rows('rejects');
  expect(rejects.map((row) => row['reason'])).toEqual(theirs.map(() => 'other_account'));
  expect(await scene.rows('sites', `and site_id = '${site?.id}'`)).toEqual([]);
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
});

test('a time without a zone is in UTC, in a row that is stored and in one that is not', async () => {
  const scene = await collecting();
  scene.simulator.control.appendActivities({ count: 3, type: 27, siteId: null });
  scene.simulator.control.configure({ createdAtForm: 'no-zone' });
  const createdAt = scene.ago(MINUTE_MS).slice(0, -1);
  scene.addRaw({ id: null, createdAt }, { at: scene.ago(MINUTE_MS) });

  expect(await scene.poll()).toMatchObject({ stored: 3, rejected: 1 });

  const times = new Map(scene.truth().map((row) => [row.id, row.createdAt]));
  const stored = await scene.rows('events');
  expect(stored.every((row) => times.get(String(row['activity_id'])) === row['occurred_at'])).toBe(true);
  expect(await scene.rows('rejects')).toMatchObject([{ reason: 'no_id', occurred_at: `${createdAt}Z` }]);
});

test('numbers beyond 2^53 keep every digit, and U+0000 and lone surrogates become U+FFFD', async () => {
  const scene = await collecting();
  const id = '{{id}}';
  const text = `{"id":"${id}","createdAt":"{{createdAt}}","activityType":27,"siteId":"${scene.siteId(0)}",
    "primaryDescription":"a\\u0000b\\ud800c","data":{"ruleId":17000000000000129001,"tiny":0.1}}`;
  scene.simulator.control.appendRaw({ text });
  await scene.poll();
  const [event] = await scene.rows('events');
  expect(event?.['activity']).toContain('17000000000000129001');
  expect(event).toMatchObject({ message: 'a\ufffdb\ufffdc', sanitized: true });
});

test('a cursor that dies in the middle of a chain loses and doubles nothing', async () => {
  const scene = await collecting({ historyRows: 3_500 });
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'cursor=', after: 1, status: 400 });
  const outcome = await scene.poll();
  const expected = scene.expected(MAPPED);
  expect(outcome.stored + outcome.discarded).toBe(expected.size);
  expect(sorted(await scene.collected())).toEqual(sorted(expected));
  expect(activityRequests(scene).filter(({ query }) => query['cursor'] === undefined)).toHaveLength(2);
});

test('a cursor that dies while the overlap is read again does not stop the poll either', async () => {
  const scene = await collecting({ historyRows: 2_500, historyWindowMs: 100_000 });
  await scene.poll();
  scene.simulator.control.appendActivities({ count: 5 });
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'cursor=', status: 404 });
  const { stored, discarded } = await scene.poll();
  expect(stored + discarded).toBeGreaterThan(0);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('a cursor that never lives gives up instead of going in circles', async () => {
  const scene = await collecting({ historyRows: 2_500, historyWindowMs: 100_000 });
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: 'cursor=', status: 400, requests: 99 });
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.bad_request', nextRetryDelay: 300_000 });
  expect(activityRequests(scene).length).toBeLessThan(8);
});
