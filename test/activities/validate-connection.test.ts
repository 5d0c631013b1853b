// A new connection is accepted or refused with one code, and what was learned is written down either way.
import { expect, test } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { toMicros } from '../../src/domain/instant.js';
import { giveUpCreation } from '../../src/store/connections/connection.repository.js';
import { openDatabase } from '../../src/store/database.js';
import { withTenant } from '../../src/store/tenant.js';
import { runActivity } from './support/activity-run.js';
import type { Scene, SceneOptions } from './support/scene.js';
import { eventually, type Row } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const HOUR_MS = 3_600_000;
const validate = (scene: Scene) => scene.call('validateConnection', { commandId: 'create' });

interface Check {
  readonly name: string;
  readonly status: string;
  readonly required: boolean;
}
const checklist = async (scene: Scene): Promise<Check[]> => (await scene.connection())['permissions'] as Check[];
const withStatus = async (scene: Scene, status: string) =>
  (await checklist(scene)).filter((check) => check.status === status).map((check) => check.name);

test('an account-level token is accepted, and everything learned is stored', async () => {
  const scene = await stage.scene({ clockSkewMs: -3 * HOUR_MS });

  const verdict = await validate(scene);

  const [token] = scene.simulator.state.tokens.all();
  const tokenExpiresAt = new Date(Math.floor((token?.expiresAtMicros ?? 0) / 1e6) * 1000).toISOString();
  expect(verdict).toEqual({
    verdict: 'accepted',
    credentialId: scene.credentialId,
    tokenExpiresAt: tokenExpiresAt.replace('.000Z', '.000000Z'),
  });
  const connection = await scene.connection();
  expect(connection).toMatchObject({ s1_account_id: scene.s1AccountId, s1_account_name: 'Northwind MSP' });
  const consoleMicros = scene.simulator.state.clock.nowMs() * 1000;
  expect(Math.abs(toMicros(String(connection['collect_from'])) - consoleMicros)).toBeLessThan(10_000_000);
  expect((await checklist(scene)).every((check) => check.status === 'granted')).toBe(true);
  expect(await scene.credential()).toMatchObject({ pending_until: null, destroyed_at: null });
  const names = ['Alder Dental Group', 'Brightwater Logistics', 'Cobalt & Sons'];
  expect(await scene.rows('sites', 'order by site_id')).toMatchObject(
    scene.siteIds().map((site_id, n) => ({ site_id, state: 'active', name: names[n] })),
  );
  expect(await scene.rows('mapping_history')).toMatchObject([
    { version: 0, site_id: null, organization_id: scene.organizationId(0), command_id: 'create' },
  ]);
});

test('a second attempt after a lost reply gives the same verdict and writes nothing twice', async () => {
  const scene = await stage.scene();
  const first = await validate(scene);
  const { collect_from } = await scene.connection();
  expect(await validate(scene)).toEqual(first);
  expect(await scene.connection()).toMatchObject({ collect_from });
  expect(await scene.rows('mapping_history')).toHaveLength(1);
});

test('a start that the person chose is kept', async () => {
  const scene = await stage.scene({ collectFromAgoMs: 5 * HOUR_MS });
  const { collect_from } = await scene.connection();
  await validate(scene);
  expect(await scene.connection()).toMatchObject({ collect_from });
});

test('one lost packet is no verdict', async () => {
  const scene = await stage.scene();
  scene.simulator.control.addFault({ reset: 'before' });
  scene.simulator.control.addFault({ pathPrefix: '/sites', status: 503 });
  expect(await validate(scene)).toMatchObject({ verdict: 'accepted' });
});

const SITE = { label: 'site only', siteIndexes: [0] };

test.each<[string, string, (scene: Scene) => void, SceneOptions?]>([
  ['an address that is not on the list', 's1.address_refused', () => undefined, { consoleUrl: 'http://127.0.0.1:9' }],
  [
    'a console that answers with a web page',
    's1.bad_response',
    ({ simulator }) => simulator.control.addFault({ requests: 100, body: '<html>Welcome</html>' }),
  ],
  [
    'a console that nobody answers for',
    's1.unavailable',
    () => undefined,
    { consoleUrl: 'http://127.0.0.1:9', allowedOrigins: 'http://127.0.0.1:9' },
  ],
  [
    'a console that never answers',
    's1.unavailable',
    ({ simulator }) => simulator.control.addFault({ requests: 100, slowMs: 5_000 }),
    { timeouts: { headersMs: 100 } },
  ],
  ['a token that SentinelOne does not know', 's1.token_rejected', () => undefined, { apiToken: 'wrong' }],
  [
    'a token that was revoked',
    's1.token_rejected',
    ({ simulator }) => simulator.control.revokeToken({ token: simulator.token }),
  ],
  ['a token of a site', 's1.not_account_scope', () => undefined, { tokens: [SITE] }],
  ['a token of the whole console', 's1.not_account_scope', () => undefined, { tokens: [{ label: 'tenant' }] }],
  [
    'a token of two accounts',
    's1.not_account_scope',
    () => undefined,
    { tokens: [{ label: 'two', accountIndexes: [0, 1] }] },
  ],
  [
    'a hidden user whose token sees two accounts',
    's1.not_account_scope',
    ({ simulator }) =>
      simulator.control.setPermissions({ token: simulator.token, permissions: { 'Users.view': false } }),
    { tokens: [{ label: 'two', accountIndexes: [0, 1] }] },
  ],
  [
    'an account whose syslog somebody else uses',
    's1.syslog_in_use',
    (scene) => scene.simulator.control.setSyslogTaken({ scopeId: scene.s1AccountId, taken: true }),
  ],
])('%s is refused with %s', async (_, code, arrange, options) => {
  const scene = await stage.scene(options);
  arrange(scene);
  expect(await validate(scene)).toEqual({ verdict: 'refused', code });
  expect(await scene.connection()).toMatchObject({ s1_account_id: null, collect_from: null });
  expect(await scene.rows('sites')).toEqual([]);
});

test('a token in JWT form that ran out is called expired', async () => {
  const seconds = Math.floor(Date.now() / 1000) - 60;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ sub: 'test', exp: seconds })}.c2ln`;
  const expiresAt = new Date(seconds * 1000).toISOString();
  const scene = await stage.scene({ tokens: [{ label: 'expired', token, accountIndexes: [0], expiresAt }] });
  expect(await validate(scene)).toEqual({ verdict: 'refused', code: 's1.token_expired' });
});

test.each([
  ['Activity Page.view', 'Activity (View)'],
  ['Sites.view', 'Sites (View)'],
  ['Accounts.view', 'Accounts (View)'],
  ['Endpoints.view', 'Endpoints (View)'],
  ['Integrations.view', 'Console Integrations (View)'],
  ['Notifications.view', 'Notification Settings (View)'],
  ['Integrations.edit', 'Console Integrations (Edit)'],
  ['Notifications.create', 'Notification Settings (Create)'],
] as const)('without %s it is refused, and the checklist names %s', async (permission, name) => {
  const scene = await stage.scene();
  scene.simulator.control.setPermissions({ token: scene.simulator.token, permissions: { [permission]: false } });
  expect(await validate(scene)).toEqual({ verdict: 'refused', code: 's1.permission_missing' });
  expect(await withStatus(scene, 'missing')).toEqual([name]);
});

test('a console that answers 401 for a missing permission is understood as well', async () => {
  const scene = await stage.scene();
  scene.simulator.control.addFault({ requests: 2, pathPrefix: '/settings/syslog', status: 401 });
  expect(await validate(scene)).toEqual({ verdict: 'refused', code: 's1.permission_missing' });
  expect(await withStatus(scene, 'missing')).toEqual(['Console Integrations (View)']);
});

test('Edit and Create that the role does not list are unknown and refuse nobody', async () => {
  const scene = await stage.scene();
  scene.simulator.control.setUnlistedPermissions({
    token: scene.simulator.token,
    permissions: ['Integrations.edit', 'Integrations.create', 'Notifications.edit', 'Notifications.create'],
  });
  expect(await validate(scene)).toMatchObject({ verdict: 'accepted' });
  expect(await withStatus(scene, 'unknown')).toEqual([
    'Console Integrations (Edit)',
    'Console Integrations (Create)',
    'Notification Settings (Edit)',
    'Notification Settings (Create)',
  ]);
});

test('where the user may not be read, one visible account stands for the scope', async () => {
  const scene = await stage.scene();
  scene.simulator.control.setPermissions({ token: scene.simulator.token, permissions: { 'Users.view': false } });
  expect(await validate(scene)).toMatchObject({ verdict: 'accepted' });
  expect(await scene.connection()).toMatchObject({
    s1_account_id: scene.s1AccountId,
    s1_account_name: 'Northwind MSP',
  });
  expect(await withStatus(scene, 'missing')).toEqual(['Users (View)']);
});

test('where neither user nor accounts may be read, the checklist says so', async () => {
  const scene = await stage.scene();
  const permissions = { 'Users.view': false, 'Accounts.view': false };
  scene.simulator.control.setPermissions({ token: scene.simulator.token, permissions });
  expect(await validate(scene)).toEqual({ verdict: 'refused', code: 's1.permission_missing' });
  expect(await withStatus(scene, 'missing')).toEqual(['Accounts (View)', 'Users (View)']);
});

test('a second live connection to the same SentinelOne account is refused, and allowed once the first has ended', async () => {
  const scene = await stage.scene();
  await scene.accept();
  const second = await secondConnection(scene);
  expect(await second()).toEqual({ verdict: 'refused', code: 's1.already_connected' });
  await scene.project('disconnected');
  expect(await second()).toMatchObject({ verdict: 'accepted' });
});

test('one that was given up while it was examined is refused, and nothing of it is kept', async () => {
  const scene = await stage.scene();
  scene.simulator.control.addFault({ pathPrefix: '/sites', slowMs: 1_000 });
  const verdict = validate(scene);
  await eventually(
    () => scene.simulator.requests('/accounts').length,
    (asked) => asked > 0,
  );
  const { accountId, connectionId } = scene.ref;
  await withTenant(scene.deps.database, accountId, 'all', (tenant) => giveUpCreation(tenant, connectionId));
  expect(await verdict).toEqual({ verdict: 'refused', code: 'command_expired' });
  expect(await scene.connection()).toMatchObject({ state: 'refused', s1_account_id: null });
  expect(await scene.rows('sites')).toEqual([]);
});

async function secondConnection(scene: Scene) {
  const connectionId = await scene.secondConnection();
  return () => scene.call('validateConnection', { connectionId, commandId: 'second' });
}

test('of two connections to one SentinelOne account that are validated at once, one is accepted', async () => {
  const scene = await stage.scene();
  const second = await secondConnection(scene);
  const verdicts = (await Promise.all([validate(scene), second()])).map((verdict) => JSON.stringify(verdict));
  expect(verdicts.filter((verdict) => verdict.includes('accepted'))).toHaveLength(1);
  expect(verdicts.filter((verdict) => verdict.includes('s1.already_connected'))).toHaveLength(1);
});

test('another partner may connect the same SentinelOne account', async () => {
  const scene = await stage.scene();
  await scene.accept();
  const { url, token } = scene.simulator;
  const other = await stage.scene({ consoleUrl: url, allowedOrigins: url, apiToken: token });
  expect(await validate(other)).toMatchObject({ verdict: 'accepted' });
  expect(await other.connection()).toMatchObject({ s1_account_id: scene.s1AccountId } satisfies Row);
});

test('our own store being away is no verdict', async () => {
  const scene = await stage.scene();
  const database = openDatabase({ url: 'postgres://nobody@127.0.0.1:9/nothing' });
  const activities = createActivities({ ...scene.deps, database });
  const { result } = runActivity(() => activities.validateConnection({ ...scene.ref, commandId: 'create' }));
  await expect(result).rejects.toMatchObject({ type: 'store.unavailable', nonRetryable: false });
  await database.close();
});

test('a token of another connection does not open', async () => {
  const scene = await stage.scene();
  const id = await scene.insertCredential('stolen');
  await scene.query(
    'update credentials set token_jwe = (select token_jwe from credentials where id = $1) where id = $2',
    [(await stage.scene()).credentialId, id],
  );
  await scene.query('update connections set credential_id = $1 where id = $2', [id, scene.connectionId]);
  const failure = await scene.failure('validateConnection', { commandId: 'create' });
  expect(failure).toMatchObject({ type: 'internal', nonRetryable: false });
  expect(scene.logs).toMatchObject([{ level: 'error', fields: scene.ref }]);
  expect(scene.simulator.requests()).toEqual([]);
});

test('a refused connection keeps its row and its reason, and no token', async () => {
  const scene = await stage.scene({ apiToken: 'wrong' });
  for (const commandId of ['refuse', 'refuse']) {
    await scene.call('refuseConnection', { commandId, code: 's1.token_rejected' });
  }
  expect(await scene.connection()).toMatchObject({ state: 'refused', refusal_code: 's1.token_rejected' });
  expect(await scene.credential()).toMatchObject({ token_jwe: null, last_four: '' });
  expect(await scene.rows('connection_timeline')).toMatchObject([{ outcome: 'refused', code: 's1.token_rejected' }]);
});
