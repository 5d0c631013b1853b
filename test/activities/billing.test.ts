// What the worker does for billing besides reading license counts: the daily comparison with agents, and freezing.
import { expect, test } from 'vitest';
import type { Scene } from './support/scene.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const accepted = async (): Promise<Scene> => (await stage.scene({ collectFromAgoMs: 600_000 })).accept();
const mismatches = (scene: Scene) => scene.rows('notices', `and kind = 'license_count_mismatch'`);

test('agents are counted once a day, and a difference of more than 5 % is a notice until it has gone', async () => {
  const scene = await accepted();
  const { control } = scene.simulator;
  const counted = () => scene.simulator.requests('/agents/count').length;
  const before = counted();
  control.setActiveLicenses({ siteId: scene.siteId(0), activeLicenses: 40 });
  await scene.call('recordLicenseCounts', {});
  await scene.call('recordLicenseCounts', {});
  expect(counted() - before).toBe(1);
  const [count] = await scene.rows('agent_counts');
  expect(count).toMatchObject({ agents: 8, licenses: 45 });
  expect(await mismatches(scene)).toMatchObject([
    { state: 'open', severity: 'low', details: { agents: 8, licenses: 45 } },
  ]);

  await scene.query(`update agent_counts set day = day - 1 where connection_id = $1`, [scene.connectionId]);
  control.setActiveLicenses({ siteId: scene.siteId(0), activeLicenses: 3 });
  await scene.call('recordLicenseCounts', {});
  expect(await scene.rows('agent_counts')).toHaveLength(2);
  expect(await mismatches(scene)).toMatchObject([{ state: 'resolved' }]);
});

test('license counts are stored although agents cannot be counted, which is tried again', async () => {
  const scene = await accepted();
  scene.simulator.control.addFault({ pathPrefix: '/agents/count', body: '{"data": {}}' });
  expect(await scene.call('recordLicenseCounts', {})).toMatchObject({ sites: 3 });
  expect(await scene.rows('agent_counts')).toEqual([]);
  await scene.call('recordLicenseCounts', {});
  expect(await scene.rows('agent_counts')).toHaveLength(1);
});

test('months that are over are frozen, each once, from the first reading on', async () => {
  const scene = await accepted();
  await scene.map({ 0: 1 });
  await scene.call('recordLicenseCounts', {});
  await scene.query(
    `update license_counts set day = day - 95, first_at = first_at - interval '95 days', last_at = last_at - interval '95 days'
      where connection_id = $1`,
    [scene.connectionId],
  );
  const statements = () =>
    scene.query('select month, revision, content_sha256 from statements where account_id = $1 order by month', [
      scene.accountId,
    ]);

  const { frozen } = await scene.call('freezeStatements', {});
  expect(frozen).toBeGreaterThanOrEqual(3);
  const first = await statements();
  expect(await scene.call('freezeStatements', {})).toEqual({ frozen: 0 });
  expect(await statements()).toEqual(first);
  expect(scene.logs.filter(({ sentence }) => sentence === 'a statement was frozen').length).toBe(frozen);
});

test('one account that fails keeps no other from being frozen, and is tried again', async () => {
  const [broken, whole] = [await accepted(), await accepted()];
  for (const scene of [broken, whole]) {
    await scene.call('recordLicenseCounts', {});
    await scene.query(`update license_counts set day = day - 40 where connection_id = $1`, [scene.connectionId]);
  }
  await broken.query(`alter table statements add constraint broken check (account_id <> '${broken.accountId}')`);
  const count = async (scene: Scene) =>
    (await scene.query('select from statements where account_id = $1', [scene.accountId])).length;
  expect(await whole.failure('freezeStatements', {})).toMatchObject({ type: 'internal', nonRetryable: false });
  expect([await count(broken), (await count(whole)) > 0]).toEqual([0, true]);
  expect(whole.logs.some(({ level, fields }) => level === 'error' && 'month' in fields)).toBe(true);

  await broken.query('alter table statements drop constraint broken');
  await whole.call('freezeStatements', {});
  expect(await count(broken)).toBeGreaterThan(0);
});
