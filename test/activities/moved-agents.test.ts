// An agent that moves to another customer's site takes its site-less activities along from the first row that shows it
// there, not when our answer about it has grown old.
import { expect, test } from 'vitest';
import { collecting, HOUR_MS, MAPPED, MINUTE_MS } from './support/prepared-scenes.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

/** An agent of the first site, asked for when a row without a site named it. */
async function withAgent(options: SceneOptions = {}): Promise<Scene & { readonly moved: string }> {
  const scene = await collecting(stage, { collectFromAgoMs: HOUR_MS / 6, ...options });
  const moved = scene.agentId(0);
  append(scene, { agentId: moved, siteId: null });
  await scene.poll();
  scene.simulator.control.clearRequests();
  return { ...scene, moved };
}

/** Row types as the console makes them: 120 names an agent and no site, 5126 both. */
const append = (scene: Scene, of: { agentId: string; siteId: string | null; at?: string; count?: number }) =>
  scene.simulator.control.appendActivities({ type: of.siteId === null ? 120 : 5126, ...of });

const agentRequests = (scene: Scene) => scene.simulator.requests('/agents').map(({ query }) => query['ids']);

const organizationsOf = async (scene: Scene, ids: readonly (string | null)[]) => {
  const stored = await scene.stored();
  return ids.map((id) => stored.get(String(id)));
};

test.each(['before', 'after'])(
  'with the row that shows it, which stands %s the site-less ones of its page',
  async (order) => {
    const scene = await withAgent();
    const { moved: agentId } = scene;
    scene.simulator.control.moveAgent({ agentId, siteId: scene.siteId(1), announce: false });
    const shows = () => append(scene, { agentId, siteId: scene.siteId(1) });
    if (order === 'before') shows();
    const { ids } = append(scene, { agentId, siteId: null, count: 3 });
    if (order === 'after') shows();

    await scene.poll();

    expect(await organizationsOf(scene, ids)).toEqual(ids.map(() => scene.organizationId(MAPPED[1])));
    expect(agentRequests(scene)).toEqual([agentId]);
    append(scene, { agentId, siteId: scene.siteId(1) });
    append(scene, { agentId, siteId: null });
    await scene.poll();
    expect(agentRequests(scene)).toHaveLength(1);
  },
);

test.each([-2 * HOUR_MS, 2 * HOUR_MS])('whatever the console’s clock says (%i ms)', async (clockSkewMs) => {
  const scene = await withAgent({ clockSkewMs });
  const { moved: agentId } = scene;
  scene.simulator.control.moveAgent({ agentId, siteId: scene.siteId(1) });
  await scene.poll();
  const { ids } = append(scene, { agentId, siteId: null });
  await scene.poll();
  expect(await organizationsOf(scene, ids)).toEqual([scene.organizationId(MAPPED[1])]);
});

test('to a site that nobody mapped, its rows are discarded there', async () => {
  const scene = await withAgent();
  const { moved: agentId } = scene;
  scene.simulator.control.moveAgent({ agentId, siteId: scene.siteId(2) });
  const { lastId } = append(scene, { agentId, siteId: null });
  expect(await scene.poll()).toMatchObject({ stored: 0, discarded: 2 });
  expect((await scene.discarded()).get(String(lastId))).toMatchObject({ site_id: scene.siteId(2), site_from: 'agent' });
});

test('a row from before the answer says nothing new: nobody is asked, and nothing moves back', async () => {
  const scene = await withAgent();
  const { moved: agentId } = scene;
  append(scene, { agentId, siteId: scene.siteId(1), at: scene.ago(3 * MINUTE_MS) });
  const { ids } = append(scene, { agentId, siteId: null, at: scene.ago(MINUTE_MS) });
  await scene.call('syncSites', {});
  await scene.query(`update checkpoints set watermark = null where connection_id = $1`, [scene.connectionId]);
  await scene.poll();
  expect(agentRequests(scene)).toEqual([]);
  expect(await organizationsOf(scene, ids)).toEqual([scene.organizationId(MAPPED[0])]);
});

test('an agent that SentinelOne did not know takes its discards along when a row shows its site', async () => {
  const scene = await collecting(stage);
  const { agentIds } = scene.simulator.control.addAgents({ siteId: scene.siteId(2), announce: false });
  const [agentId = ''] = agentIds;
  scene.simulator.control.addFault({ pathPrefix: '/agents', body: '{"data":[],"pagination":{"nextCursor":null}}' });
  append(scene, { agentId, siteId: null });
  await scene.poll();
  expect([...(await scene.discarded()).values()]).toMatchObject([{ reason: 'agent_unresolved', site_id: null }]);

  append(scene, { agentId, siteId: scene.siteId(2) });
  await scene.poll();

  const places = [...(await scene.discarded()).values()].map((row) => row['site_id']);
  expect(places).toEqual([scene.siteId(2), scene.siteId(2)]);
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected(MAPPED)));
});

test('an agent that SentinelOne answers with another account’s is not known here', async () => {
  const scene = await collecting(stage);
  const { moved, other } = { moved: scene.agentId(0), other: scene.simulator.state.world.accounts[1] };
  const agent = { id: moved, siteId: '777', accountId: other?.id };
  const body = JSON.stringify({ data: [agent], pagination: { totalItems: 1, nextCursor: null } });
  scene.simulator.control.addFault({ pathPrefix: '/agents', body });
  append(scene, { agentId: moved, siteId: null });
  expect(await scene.poll()).toMatchObject({ stored: 0, discarded: 1 });
  expect([...(await scene.discarded()).values()]).toMatchObject([{ reason: 'agent_unresolved', site_id: null }]);
});
