// The discard ledger: what was discarded is collected once its site is mapped, each row once, whatever interrupts it.
import { expect, test } from 'vitest';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { asTenant } from '../support/builders.js';
import { collecting, HOUR_MS, MAPPED } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import { type Row, sorted } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const run = (scene: Scene) => scene.call('runBackfill', {});

async function onlyBackfill(scene: Scene): Promise<Row> {
  const [row] = await scene.rows('backfills');
  if (row === undefined) throw new Error('no backfill');
  return row;
}

/** Ten minutes, of which the third site was discarded. */
async function withLedger(): Promise<Scene> {
  const scene = await collecting(stage, { historyRows: 1_500 });
  await scene.poll();
  return scene;
}

const site = async (scene: Scene, n: number): Promise<Row> =>
  (await scene.rows('sites', `and site_id = '${scene.siteId(n)}'`))[0] ?? {};

test('what was discarded of a site is collected when it is mapped, also rows that named only an agent', async () => {
  const scene = await withLedger();
  const ledger = await scene.discarded();
  expect(new Set([...ledger.values()].map((row) => row['site_from']))).toEqual(new Set(['activity', 'agent']));
  expect(await site(scene, 2)).toMatchObject({ discarded_count: ledger.size });

  expect(await scene.map({ 2: 2 }, true)).toMatchObject({ backfillQueued: true, mapped: 3 });
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
  scene.simulator.control.clearRequests();
  await run(scene);

  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected({ ...MAPPED, 2: 2 })));
  expect(await scene.discarded()).toEqual(new Map());
  expect(await onlyBackfill(scene)).toMatchObject({ state: 'done', stored_count: ledger.size, unavailable_count: 0 });
  expect(await site(scene, 2)).toMatchObject({ discarded_count: 0, first_discarded_at: null, last_discarded_at: null });
  expect(await scene.connection()).toMatchObject({ discarded_count: 0 });
  const queries = scene.simulator.requests('/activities').map(({ query }) => query);
  const [bySite] = queries.filter((query) => query['siteIds'] !== undefined);
  expect(bySite?.['siteIds']).toBe(scene.siteId(2));
  const byAgent = [...ledger.values()].filter((row) => row['site_from'] === 'agent').map((row) => row['activity_id']);
  const ids = queries.flatMap((query) => query['ids']?.split(',') ?? []);
  expect(ids.sort()).toEqual(byAgent.map(String).sort());
});

test('what SentinelOne no longer has stays in the ledger and is reported', async () => {
  const scene = await withLedger();
  const ledger = [...(await scene.discarded()).values()];
  await scene.query(
    `insert into discards select account_id, connection_id, s1_account_id, '424242', occurred_at, discarded_at, site_id,
            agent_id, site_from, reason, mapping_version from discards where connection_id = $1 and activity_id = $2`,
    [scene.connectionId, ledger[0]?.['activity_id']],
  );
  await scene.map({ 2: 2 }, true);
  await run(scene);
  expect([...(await scene.discarded()).keys()]).toEqual(['424242']);
  expect(await onlyBackfill(scene)).toMatchObject({ state: 'done', stored_count: ledger.length, unavailable_count: 1 });
  expect(await site(scene, 2)).toMatchObject({ discarded_count: 1 });
});

test('rows that SentinelOne cannot be asked for by id stay in the ledger and hold nothing up', async () => {
  const scene = await withLedger();
  const { control } = scene.simulator;
  const oddRow = { createdAt: '{{createdAt}}', activityType: 27 };
  control.appendRaw({ text: JSON.stringify({ ...oddRow, id: 'odd-1', siteId: null, agentId: scene.agentId(2) }) });
  control.appendRaw({ text: JSON.stringify({ ...oddRow, id: '{{id}}', siteId: 'odd, site' }) });
  await scene.poll();
  const ledger = await scene.discarded();
  expect(ledger.get('odd-1')).toMatchObject({ site_from: 'agent', site_id: scene.siteId(2) });
  await scene.map({ 2: 2 }, true);
  await scene.call('applyMapping', {
    commandId: 'odd',
    version: 2,
    changes: [{ siteId: 'odd, site', organizationId: scene.organizationId(1) }],
    collectDiscarded: true,
  });
  await run(scene);
  await run(scene);
  const backfills = await scene.rows('backfills', 'order by unavailable_count, stored_count');
  expect(backfills).toMatchObject([
    { state: 'done', stored_count: 0, unavailable_count: 1 },
    { state: 'done', stored_count: ledger.size - 2, unavailable_count: 1 },
  ]);
  expect((await scene.discarded()).size).toBe(2);
});

test('a collection of discards that is interrupted goes on without a double', async () => {
  const scene = await withLedger();
  const size = (await scene.discarded()).size;
  await scene.map({ 2: 2 }, true);
  scene.simulator.control.addFault({ pathPrefix: '/activities', queryContains: '&ids=', status: 500 });
  expect(await scene.failure('runBackfill', {})).toMatchObject({ type: 's1.unavailable' });
  await run(scene);
  expect(await onlyBackfill(scene)).toMatchObject({ state: 'done', stored_count: size });
  expect(sorted(await scene.collected())).toEqual(sorted(scene.expected({ ...MAPPED, 2: 2 })));
});

test('an ordinary backfill over discards leaves them discards', async () => {
  const scene = await withLedger();
  const ledger = await scene.discarded();
  await scene.map({ 2: 2 });
  const toMicros = Date.now() * 1000;
  const window = { fromMicros: toMicros - HOUR_MS * 1000, toMicros };
  await asTenant(stage.database, scene.accountId, (tenant) =>
    queueBackfill(tenant, { connectionId: scene.connectionId, kind: 'requested', window }),
  );
  await run(scene);
  expect([...(await scene.discarded()).keys()].sort()).toEqual([...ledger.keys()].sort());
});
