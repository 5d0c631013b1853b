// A new token takes over only when everything about it is right. Otherwise the old one stays and the new one is
// destroyed.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Scene } from './support/scene.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const EXPIRES_AT = '2027-06-01T00:00:00Z';

/** An accepted connection, and a pending credential with the token that `arrange` makes on the console. */
async function withNewToken(
  arrange: (scene: Scene) => { readonly token: string } = (scene) =>
    scene.simulator.control.addToken({ label: 'next', accountIds: [scene.s1AccountId], expiresAt: EXPIRES_AT }),
): Promise<{ readonly scene: Scene; readonly credentialId: string; readonly token: string }> {
  const scene = await (await stage.scene()).accept();
  const { token } = arrange(scene);
  return { scene, token, credentialId: await scene.insertCredential(token) };
}

test('a good token becomes current, and the old one is destroyed here', async () => {
  const { scene, credentialId, token } = await withNewToken();

  const outcome = await scene.call('swapCredential', { commandId: 'rotate', credentialId });

  expect(outcome).toEqual({ credentialId, tokenExpiresAt: '2027-06-01T00:00:00.000000Z' });
  expect(await scene.connection()).toMatchObject({ credential_id: credentialId });
  expect(await scene.credential(credentialId)).toMatchObject({
    pending_until: null,
    destroyed_at: null,
    expires_at: '2027-06-01T00:00:00.000000Z',
    last_four: token.slice(-4),
  });
  const old = await scene.credential();
  expect(old).toMatchObject({ token_jwe: null, last_four: scene.simulator.token.slice(-4) });
  expect(old['destroyed_at']).not.toBeNull();
  scene.simulator.control.clearRequests();
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
  expect(scene.simulator.requests().every(({ tokenLast4 }) => tokenLast4 === token.slice(-4))).toBe(true);
});

test('a new token works when the console has killed the old one by making it', async () => {
  const { scene, credentialId } = await withNewToken(({ simulator }) =>
    simulator.control.regenerateToken({ token: simulator.token }),
  );
  expect(await scene.failedPoll()).toMatchObject({ type: 's1.token_rejected' });
  expect(await scene.call('swapCredential', { commandId: 'rotate', credentialId })).toMatchObject({ credentialId });
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
});

test('of several that wait each is tried, so that the latest ends as the current one', async () => {
  const { scene, credentialId: first } = await withNewToken();
  const { token } = scene.simulator.control.addToken({ label: 'latest', accountIds: [scene.s1AccountId] });
  const second = await scene.insertCredential(token);
  await scene.call('swapCredential', { commandId: 'rotate', credentialId: first });
  expect(await scene.credential(second)).toMatchObject({ destroyed_at: null });
  await scene.call('swapCredential', { commandId: 'rotate again', credentialId: second });
  expect(await scene.connection()).toMatchObject({ credential_id: second });
  expect(await scene.credential(first)).toMatchObject({ token_jwe: null });
  expect(await scene.credential()).toMatchObject({ token_jwe: null });
});

test('a swap that is repeated after a lost reply returns the first result, even when the console is away by then', async () => {
  const { scene, credentialId } = await withNewToken();
  const first = await scene.call('swapCredential', { commandId: 'rotate', credentialId });
  scene.simulator.control.addFault({ status: 503, requests: 100 });
  expect(await scene.call('swapCredential', { commandId: 'rotate', credentialId })).toEqual(first);
});

const secondAccount = ({ simulator }: Scene) => simulator.state.world.accounts[1]?.id ?? '';

test.each<[string, string, (scene: Scene) => { readonly token: string }]>([
  [
    'of another SentinelOne account',
    's1.other_account',
    (scene) => scene.simulator.control.addToken({ label: 'other', accountIds: [secondAccount(scene)] }),
  ],
  [
    'of a site',
    's1.not_account_scope',
    (scene) => scene.simulator.control.addToken({ label: 'site of it', siteIds: [scene.siteId(0)] }),
  ],
  ['of the whole console', 's1.not_account_scope', ({ simulator }) => simulator.control.addToken({ label: 'all' })],
  [
    'that is dead',
    's1.token_rejected',
    (scene) => {
      const made = scene.simulator.control.addToken({ label: 'dead', accountIds: [scene.s1AccountId] });
      scene.simulator.control.revokeToken({ token: 'dead' });
      return made;
    },
  ],
  [
    'without a permission',
    's1.permission_missing',
    (scene) => {
      const made = scene.simulator.control.addToken({ label: 'weak', accountIds: [scene.s1AccountId] });
      scene.simulator.control.setPermissions({ token: 'weak', permissions: { 'Sites.view': false } });
      return made;
    },
  ],
])('a token %s is refused with %s; the old one stays and the new one is destroyed', async (_, code, arrange) => {
  const { scene, credentialId } = await withNewToken(arrange);
  const { permissions } = await scene.connection();
  const failure = await scene.failure('swapCredential', { commandId: 'rotate', credentialId });
  expect(failure).toMatchObject({ type: code, nonRetryable: true });
  await expectOldToStay(scene, credentialId);
  expect(await scene.connection()).toMatchObject({ permissions });
});

async function expectOldToStay(scene: Scene, credentialId: string): Promise<void> {
  expect(await scene.connection()).toMatchObject({ credential_id: scene.credentialId });
  expect(await scene.credential(credentialId)).toMatchObject({ token_jwe: null, pending_until: null });
  expect(await scene.credential()).toMatchObject({ destroyed_at: null });
  scene.simulator.control.clearFaults();
  expect(await scene.failedPoll()).toMatchObject({ type: 'idle' });
}

test.each([
  [{ status: 503, requests: 100 }, 's1.unavailable'],
  [{ status: 429, requests: 100 }, 's1.rate_limited'],
  [{ body: '<html>', requests: 100 }, 's1.bad_response'],
])('a console that is away (%j) refuses with %s, and the token has to be sent again', async (fault, code) => {
  const { scene, credentialId } = await withNewToken();
  scene.simulator.control.addFault(fault);
  expect(await scene.failure('swapCredential', { commandId: 'rotate', credentialId })).toMatchObject({ type: code });
  await expectOldToStay(scene, credentialId);
  expect(await scene.failure('swapCredential', { commandId: 'rotate', credentialId })).toMatchObject({
    type: 'unknown_credential',
    nonRetryable: true,
  });
});

test('one lost packet is no verdict', async () => {
  const { scene, credentialId } = await withNewToken();
  scene.simulator.control.addFault({ reset: 'before' });
  expect(await scene.call('swapCredential', { commandId: 'rotate', credentialId })).toMatchObject({ credentialId });
});

test('a credential of another connection, of nobody, or that is no id, is unknown', async () => {
  const { scene } = await withNewToken();
  const { credentialId: foreign, scene: stranger } = await withNewToken();
  for (const credentialId of [foreign, stranger.credentialId, randomUUID(), 'typo']) {
    const failure = await scene.failure('swapCredential', { commandId: randomUUID(), credentialId });
    expect(failure).toMatchObject({ type: 'unknown_credential', nonRetryable: true });
  }
  expect(await stranger.credential(foreign)).toMatchObject({ destroyed_at: null });
  expect(await scene.connection()).toMatchObject({ credential_id: scene.credentialId });
});

test('trying the current credential again, when it is dead, does not destroy it', async () => {
  const { scene } = await withNewToken();
  scene.simulator.control.revokeToken({ token: scene.simulator.token });
  const { credentialId } = scene;
  const failure = await scene.failure('swapCredential', { commandId: 'rotate', credentialId });
  expect(failure).toMatchObject({ type: 's1.token_rejected' });
  expect(await scene.credential()).toMatchObject({ destroyed_at: null });
});
