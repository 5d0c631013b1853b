// A token that still lives and sees less than the account. Nothing that it lists is believed, and what was collected
// and compared with it is collected and compared again.
import { expect, test } from 'vitest';
import { collect, collectedHalfADay, expectAllCollected, hoursLater, NOW_MS } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import type { Row } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const narrow = (scene: Scene) =>
  scene.simulator.control.setTokenScope({ token: scene.simulator.token, scope: 'site', scopeIds: [scene.siteId(0)] });
const widen = (scene: Scene) =>
  scene.simulator.control.setTokenScope({
    token: scene.simulator.token,
    scope: 'account',
    scopeIds: [String(scene.simulator.control.describe().accounts[0]?.id)],
  });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { type?: string }).type,
  );
const states = async (scene: Scene) => (await scene.rows('sites')).map(({ state }) => state);
const open = async (scene: Scene) =>
  (await scene.rows('notices', `and state = 'open' order by kind`)).map(({ kind, severity }: Row) =>
    [kind, severity].join(' '),
  );

test.each(['syncSites', 'recordLicenseCounts', 'checkPermissions'] as const)(
  '%s fails for another scope, and believes nothing of what is listed',
  async (name) => {
    const scene = await collectedHalfADay(stage);
    await scene.call('recordLicenseCounts', {});
    const [before, counted] = [await states(scene), await scene.rows('license_counts')];
    narrow(scene);

    expect(await codeOf(scene.call(name, {}))).toBe('s1.scope_changed');

    expect(await states(scene)).toEqual(before);
    expect(await scene.rows('license_counts')).toEqual(counted);
    expect(await open(scene)).toContain('scope_changed critical');
    expect(await codeOf(scene.poll())).toBe('s1.scope_changed');
    expect(await scene.call('runBackfill', {})).toMatchObject({ drained: true });
  },
);

test('the token check says what the token sees; a scope that nobody can read is no other scope', async () => {
  const scene = await collectedHalfADay(stage);
  expect(await scene.call('checkToken', {})).toMatchObject({ status: 'alive', scope: 'whole' });
  scene.simulator.control.addFault({ pathPrefix: '/user', status: 500, requests: 2 });
  expect(await scene.call('checkToken', {})).toMatchObject({ status: 'alive', scope: 'unknown' });
  narrow(scene);
  expect(await scene.call('checkToken', {})).toMatchObject({ status: 'alive', scope: 'other' });
  widen(scene);
  expect(await scene.call('checkToken', {})).toMatchObject({ status: 'alive', scope: 'whole' });
  expect(await open(scene)).not.toContain('scope_changed critical');
});

test('collecting goes on from where the scope was last right, and what was compared since is compared again', async () => {
  const scene = await collectedHalfADay(stage);
  await scene.call('checkToken', {});
  narrow(scene);
  scene.simulator.control.appendActivities({ count: 5, type: 27, siteId: scene.siteId(1) });
  await hoursLater(scene, 2);
  scene.simulator.control.appendActivities({ count: 5, type: 27, siteId: scene.siteId(1) });
  await collect(scene);
  await scene.call('checkCompleteness', {});
  const compared = await scene.rows('completeness_checks', `and state <> 'waiting'`);
  expect(compared.length).toBeGreaterThan(0);

  expect(await codeOf(scene.call('syncSites', {}))).toBe('s1.scope_changed');

  expect(await scene.rows('completeness_checks', `and state <> 'waiting'`)).toEqual([]);
  const through = String((await scene.connection())['collected_through']);
  expect(Math.abs(Date.parse(through) - NOW_MS)).toBeLessThan(60_000);

  widen(scene);
  expect(await scene.call('checkToken', {})).toMatchObject({ scope: 'whole' });
  await collect(scene);
  await expectAllCollected(scene);
  await scene.call('checkCompleteness', {});
  expect(await scene.rows('completeness_checks', `and state not in ('equal', 'repaired')`)).toEqual([]);
});

test('a poll that was under way when the scope was found lost says nothing of how far it got', async () => {
  const scene = await collectedHalfADay(stage);
  await scene.call('checkToken', {});
  narrow(scene);
  scene.simulator.control.addFault({ pathPrefix: '/activities', slowMs: 1_500 });
  const poll = codeOf(scene.poll());
  await expect.poll(() => scene.simulator.requests('/activities').length).toBeGreaterThan(0);
  await codeOf(scene.call('syncSites', {}));
  expect(await poll).toBe('checkpoint.conflict');
});

test('an empty list of sites is not believed', async () => {
  const scene = await collectedHalfADay(stage);
  await scene.call('syncSites', {});
  const before = await states(scene);
  const body = JSON.stringify({ data: { sites: [] }, pagination: { totalItems: 0, nextCursor: null } });
  scene.simulator.control.addFault({ pathPrefix: '/sites', body, requests: 2 });
  await scene.call('syncSites', {});
  await scene.call('recordLicenseCounts', {});
  expect(await states(scene)).toEqual(before);
  expect(await open(scene)).toContain('sites_empty high');
  await scene.call('syncSites', {});
  expect(await open(scene)).not.toContain('sites_empty high');
});

test('a mapped site that disappears is a notice, as long as it is gone', async () => {
  const scene = await collectedHalfADay(stage);
  scene.simulator.control.setSiteState({ siteId: scene.siteId(0), state: 'deleted' });
  await scene.call('syncSites', {});
  expect(await open(scene)).toContain('site_missing high');
  scene.simulator.control.setSiteState({ siteId: scene.siteId(0), state: 'active' });
  await scene.call('syncSites', {});
  expect(await open(scene)).not.toContain('site_missing high');
});

test('nothing becomes deleted when sites are missing and the scope cannot be read', async () => {
  const scene = await collectedHalfADay(stage);
  const before = await states(scene);
  narrow(scene);
  scene.simulator.control.addFault({ pathPrefix: '/user', status: 500, requests: 4 });
  await scene.call('syncSites', {});
  expect(await states(scene)).toEqual(before);
});
