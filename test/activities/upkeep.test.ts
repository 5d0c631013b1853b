// The recurring work beside polling: sites, license counts, the token, the permissions.
import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import type { Scene } from './support/scene.js';
import type { ActivityName } from './support/scene-activities.js';
import type { Row } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const accepted = async (): Promise<Scene> => (await stage.scene({ collectFromAgoMs: 600_000 })).accept();
const sites = (scene: Scene): Promise<Row[]> => scene.rows('sites', 'order by site_id');

test('sites are as SentinelOne lists them now; one that is gone stays, with its mapping', async () => {
  const scene = await accepted();
  await scene.map({ 0: 1 });
  const { control } = scene.simulator;
  const { siteId } = control.addSite({ name: 'Dunmore', announce: false });
  control.renameSite({ siteId: scene.siteId(1), name: 'Brightwater Ltd', announce: false });
  control.setSiteState({ siteId: scene.siteId(0), state: 'deleted', announce: false });
  control.setSiteState({ siteId: scene.siteId(2), state: 'expired', announce: false });

  expect(await scene.call('syncSites', {})).toEqual({
    credentialId: scene.credentialId,
    stateSeq: (await scene.connection())['state_seq'],
    mappingVersion: 1,
    pollIntervalMs: Number((await scene.connection())['poll_interval_seconds']) * 1000,
    total: 4,
    mapped: 1,
    backfillQueued: false,
  });

  const bySite = new Map((await sites(scene)).map((row) => [row['site_id'], row]));
  expect(bySite.get(scene.siteId(0))).toMatchObject({ state: 'deleted' });
  expect(bySite.get(scene.siteId(1))).toMatchObject({ state: 'active', name: 'Brightwater Ltd' });
  expect(bySite.get(scene.siteId(2))).toMatchObject({ state: 'expired' });
  expect(bySite.get(siteId)).toMatchObject({ state: 'active', name: 'Dunmore', active_licenses: 0 });
  expect(await scene.rows('site_mappings')).toHaveLength(1);
});

test('a site that no list names any more becomes deleted, and comes back when it is listed again', async () => {
  const scene = await accepted();
  const listed = { data: { sites: [{ id: scene.siteId(0), name: 'Alder', state: 'active' }] } };
  scene.simulator.control.addFault({ pathPrefix: '/sites', body: JSON.stringify(listed) });
  expect(await scene.call('syncSites', {})).toMatchObject({ total: 1 });
  expect((await sites(scene)).map((row) => row['state'])).toEqual(['active', 'deleted', 'deleted']);
  expect(await scene.call('syncSites', {})).toMatchObject({ total: 3 });
});

test('the account’s new name is taken over; a list that was read in the middle of the renaming changes nothing', async () => {
  const scene = await accepted();
  const { control } = scene.simulator;
  const named = async () => (await scene.connection())['s1_account_name'];
  const site = (n: number, fields: object) => ({ id: scene.siteId(n), name: `${n}`, state: 'active', ...fields });
  const listed = (...list: object[]) =>
    control.addFault({ pathPrefix: '/sites', body: JSON.stringify({ data: { sites: list } }) });

  listed(site(0, { accountName: 'Northwind MSP' }), site(1, { accountName: 'Northwind Group' }));
  await scene.call('syncSites', {});
  listed(site(0, { accountName: null }), site(1, { accountName: ' ' }), site(2, {}));
  await scene.call('syncSites', {});
  expect(await named()).toBe('Northwind MSP');

  listed(site(0, { accountName: 'Half Way', state: 'deleted' }), site(1, { accountName: 'Northwind' }));
  await scene.call('syncSites', {});
  expect(await named()).toBe('Northwind');

  control.renameAccount({ accountId: scene.s1AccountId, name: 'Northwind Group' });
  await scene.call('syncSites', {});
  expect(await named()).toBe('Northwind Group');
});

test('a list that names a site twice, or by a name that no database can hold, is stored all the same', async () => {
  const scene = await accepted();
  const site = { id: scene.siteId(0), name: 'Al\u0000der \ud800', state: 'active', activeLicenses: 4 };
  const body = JSON.stringify({ data: { sites: [site, { ...site, activeLicenses: 5 }] } });
  scene.simulator.control.addFault({ pathPrefix: '/sites', body, requests: 2 });
  await scene.call('syncSites', {});
  expect(await scene.call('recordLicenseCounts', {})).toMatchObject({ sites: 1 });
  expect((await sites(scene))[0]).toMatchObject({ name: 'Al\ufffdder \ufffd', active_licenses: 5 });
});

test('names of activity types are fetched once a day', async () => {
  const scene = await accepted();
  await scene.call('syncSites', {});
  await scene.call('syncSites', {});
  expect(scene.simulator.requests('/activities/types')).toHaveLength(1);
  const [{ n } = { n: 0 }] = await scene.query(
    'select count(*)::int as n from activity_types where connection_id = $1',
    [scene.connectionId],
  );
  expect(n).toBeGreaterThan(200);
  await scene.query("update activity_types set fetched_at = now() - interval '25 hours' where connection_id = $1", [
    scene.connectionId,
  ]);
  await scene.call('syncSites', {});
  expect(scene.simulator.requests('/activities/types')).toHaveLength(2);
});

test('a type that is listed twice or out of range keeps no sync from ending', async () => {
  const scene = await accepted();
  const data = [27, 27, 2 ** 40].map((id) => ({ id, action: `Type ${id}`, descriptionTemplate: '' }));
  scene.simulator.control.addFault({ pathPrefix: '/activities/types', body: JSON.stringify({ data }) });
  await scene.call('syncSites', {});
  expect(await scene.rows('activity_types')).toMatchObject([{ activity_type: 27, name: 'Type 27' }]);
});

test('license counts are SentinelOne’s own, under the organization that owns the site now; null is no reading', async () => {
  const scene = await accepted();
  await scene.map({ 0: 1, 1: 2 });
  const { control } = scene.simulator;
  control.setActiveLicenses({ siteId: scene.siteId(0), activeLicenses: 41 });
  control.setActiveLicenses({ siteId: scene.siteId(2), activeLicenses: null });

  expect(await scene.call('recordLicenseCounts', {})).toEqual({ credentialId: scene.credentialId, sites: 2 });

  control.setActiveLicenses({ siteId: scene.siteId(0), activeLicenses: 7 });
  await scene.call('recordLicenseCounts', {});
  const rows = await scene.rows('license_counts', 'order by site_id');
  expect(rows).toMatchObject([
    {
      site_id: scene.siteId(0),
      organization_id: scene.organizationId(1),
      first_count: 41,
      last_count: 7,
      peak_count: 41,
    },
    {
      site_id: scene.siteId(1),
      organization_id: scene.organizationId(2),
      first_count: 3,
      last_count: 3,
      peak_count: 3,
    },
  ]);
  const described = control.describe().sites.find(({ id }) => id === scene.siteId(1));
  expect(rows[1]?.['last_count']).toBe(described?.activeLicenses);
});

test('a remap inside a day makes a second row, and an unmapped site counts for nobody', async () => {
  const scene = await accepted();
  await scene.call('recordLicenseCounts', {});
  await scene.map({ 0: 1 });
  await scene.call('recordLicenseCounts', {});
  const owners = (await scene.rows('license_counts', `and site_id = '${scene.siteId(0)}'`)).map(
    (row) => row['organization_id'],
  );
  expect(new Set(owners)).toEqual(new Set([null, scene.organizationId(1)]));
});

test('a site that was deleted is not counted', async () => {
  const scene = await accepted();
  scene.simulator.control.setSiteState({ siteId: scene.siteId(0), state: 'deleted', announce: false });
  expect(await scene.call('recordLicenseCounts', {})).toMatchObject({ sites: 2 });
});

test('a living token is alive, with the expiry that the console says', async () => {
  const scene = await accepted();
  const expiresAt = '2027-03-01T12:00:00Z';
  scene.simulator.control.setTokenExpiry({ token: scene.simulator.token, expiresAt });
  const answer = { credentialId: scene.credentialId, status: 'alive', expiresAt: '2027-03-01T12:00:00.000000Z' };
  expect(await scene.call('checkToken', {})).toMatchObject(answer);
  expect(await scene.credential()).toMatchObject({ expires_at: answer.expiresAt });
});

test('an expiry that may not be asked for is the one known before', async () => {
  const scene = await accepted();
  const { expires_at } = await scene.credential();
  scene.simulator.control.addFault({ pathPrefix: '/users/api-token-details', status: 403 });
  expect(await scene.call('checkToken', {})).toMatchObject({ status: 'alive', expiresAt: expires_at });
});

test('a dead token is an answer, not a failure', async () => {
  const scene = await accepted();
  scene.simulator.control.revokeToken({ token: scene.simulator.token });
  expect(await scene.call('checkToken', {})).toMatchObject({ credentialId: scene.credentialId, status: 'rejected' });
  scene.simulator.control.restoreToken({ token: scene.simulator.token });
  expect(await scene.call('checkToken', {})).toMatchObject({ status: 'alive' });
});

test('a token that ran out by the console’s clock is expired', async () => {
  const scene = await accepted();
  scene.simulator.control.setClock({ skewMs: 181 * 24 * 3_600_000 });
  expect(await scene.call('checkToken', {})).toMatchObject({ status: 'expired' });
});

test('permissions are looked at again, and the checklist is kept', async () => {
  const scene = await accepted();
  const { token, control } = scene.simulator;
  const answer = { credentialId: scene.credentialId };
  expect(await scene.call('checkPermissions', {})).toEqual({ ...answer, granted: true });
  control.setPermissions({ token, permissions: { 'Sites.view': false } });
  expect(await scene.call('checkPermissions', {})).toEqual({ ...answer, granted: false });
  const { permissions } = await scene.connection();
  expect(permissions).toContainEqual(expect.objectContaining({ name: 'Sites (View)', status: 'missing' }));
  control.setPermissions({ token, permissions: { 'Sites.view': true } });
  expect(await scene.call('checkPermissions', {})).toEqual({ ...answer, granted: true });
});

test('being refused everything is an answer too', async () => {
  const scene = await accepted();
  const { token, control } = scene.simulator;
  const all = ['Users.view', 'Accounts.view', 'Sites.view', 'Activity Page.view', 'Integrations.view'] as const;
  control.setPermissions({ token, permissions: Object.fromEntries(all.map((name) => [name, false])) });
  expect(await scene.call('checkPermissions', {})).toEqual({ credentialId: scene.credentialId, granted: false });
  const { permissions } = await scene.connection();
  expect(permissions).toContainEqual(expect.objectContaining({ name: 'Accounts (View)', status: 'missing' }));
});

const SLOWER_THAN_A_HEARTBEAT_MS = 3_200;
const ASKING: ActivityName[] = ['syncSites', 'recordLicenseCounts', 'checkPermissions', 'checkToken'];

test.each(ASKING)('%s leaves an outage to Temporal, and names the credential of a rejection', async (name) => {
  const scene = await accepted();
  scene.simulator.control.addFault({ status: 429, retryAfter: '21', requests: 100 });
  expect(await scene.failure(name, {})).toMatchObject({
    type: 's1.rate_limited',
    nonRetryable: false,
    nextRetryDelay: 21_000,
  });
  scene.simulator.control.clearFaults();
  if (name === 'checkToken') return;
  scene.simulator.control.revokeToken({ token: scene.simulator.token });
  expect(await scene.failure(name, {})).toMatchObject({
    type: 's1.token_rejected',
    nonRetryable: true,
    details: [{ credentialId: scene.credentialId }],
  });
});

test.each(ASKING)('%s ends when it is cancelled', async (name) => {
  const scene = await accepted();
  scene.simulator.control.configure({ pageLatencyMs: 5_000 });
  const run = scene.start(name, {});
  run.cancel();
  await expect(run.result).rejects.toBeInstanceOf(CancelledFailure);
});

test.concurrent.each(ASKING)('%s shows that it lives, so that one of a killed worker is missed soon', async (name) => {
  const scene = await accepted();
  scene.simulator.control.configure({ pageLatencyMs: SLOWER_THAN_A_HEARTBEAT_MS });
  const run = scene.start(name, {});
  await run.result;
  expect(run.heartbeats()).toBeGreaterThan(0);
});

test('what takes no longer than a moment sends no heartbeat', async () => {
  const run = (await accepted()).start('syncSites', {});
  await run.result;
  expect(run.heartbeats()).toBe(0);
});

test('a token whose scope has become another’s says so, with the credential', async () => {
  const scene = await accepted();
  scene.simulator.control.setTokenScope({ token: scene.simulator.token, scope: 'tenant' });
  expect(await scene.failure('checkPermissions', {})).toMatchObject({
    type: 's1.scope_changed',
    details: [{ credentialId: scene.credentialId }],
  });
});
