// A token whose key the worker was not given: a code, a critical notice and the key's name in the log, until the key is
// back; and maintenance, which encrypts tokens anew.
import { randomBytes } from 'node:crypto';
import type { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { Secret } from '../../src/domain/secret.js';
import { createTokenCipher } from '../../src/store/token-cipher.js';
import { runActivity } from './support/activity-run.js';
import { INTERVAL_MS } from './support/scene-activities.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

test('a token whose key is missing fails the poll with a code and a notice, and goes on when the key is back', async () => {
  const scene = await (await stage.scene()).accept();
  const { accountId, connectionId, simulator } = scene;
  const outcomeOfPoll = () =>
    scene.call('pollActivities', { pollIntervalMs: INTERVAL_MS }).then(
      () => 'collected',
      ({ type, nonRetryable }: ApplicationFailure) => `${type}, ${nonRetryable === true ? 'final' : 'tried again'}`,
    );
  expect(await outcomeOfPoll()).toBe('idle, tried again');
  const [stored] = await scene.query('select token_jwe from credentials where connection_id = $1', [connectionId]);
  const away = createTokenCipher([{ kid: 'away', key: randomBytes(32) }]);
  const encrypted = await away.encrypt(new Secret(simulator.token), { accountId, connectionId });
  const put = (jwe: unknown) =>
    scene.query('update credentials set token_jwe = $1 where connection_id = $2', [jwe, connectionId]);
  await put(encrypted);

  expect(await outcomeOfPoll()).toBe('encryption_key_missing, tried again');
  const notices = () =>
    scene.query(
      `select severity from notices where connection_id = $1 and kind = 'encryption_key_missing' and state = 'open'`,
      [connectionId],
    );
  expect(await notices()).toEqual([{ severity: 'critical' }]);
  const said = scene.logs.filter(({ level }) => level === 'error').map(({ fields }) => fields);
  expect(said).toContainEqual(expect.objectContaining({ connectionId, code: 'encryption_key_missing', kid: 'away' }));

  await put(stored?.['token_jwe']);
  expect(await outcomeOfPoll()).toBe('idle, tried again');
  expect(await notices()).toEqual([]);
});

test('maintenance encrypts with the first key what an older one has encrypted', async () => {
  const scene = await (await stage.scene()).accept();
  const { accountId, connectionId, simulator } = scene;
  const [older, newer] = ['older', 'newer'].map((kid) => ({ kid, key: randomBytes(32) })) as [never, never];
  const jwe = await createTokenCipher([older]).encrypt(new Secret(simulator.token), { accountId, connectionId });
  await scene.query('update credentials set token_jwe = $1 where connection_id = $2', [jwe, connectionId]);
  const activities = createActivities({ ...scene.deps, cipher: createTokenCipher([newer, older]) });
  const { done } = await runActivity(() => activities.maintain()).result;
  expect(done['tokensEncryptedAnew']).toBe(1);
  const [row] = await scene.query('select token_jwe from credentials where connection_id = $1', [connectionId]);
  const only = createTokenCipher([newer]);
  const token = await only.decrypt(String(row?.['token_jwe']), { accountId, connectionId });
  expect(token.reveal()).toBe(simulator.token);
});
