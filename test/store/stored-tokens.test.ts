// Tokens of all accounts by the key that they need, and encrypting them anew while people replace them.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { insertPendingCredential } from '../../src/store/connections/credential.repository.js';
import { createTokenCipher, type TokenCipher } from '../../src/store/token-cipher.js';
import { countTokensByKey, encryptTokensAnew, NO_TOKEN } from '../../src/store/upkeep/stored-tokens.repository.js';
import { aConnection, asTenant, type ConnectionRef } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();

const key = (kid: string) => ({ kid, key: randomBytes(32) });
const [lost, old, current] = [key('lost'), key('old'), key('current')];
const ids = Array.from({ length: 450 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);

const insert = (connection: ConnectionRef, id: string, cipher: TokenCipher) =>
  asTenant(store.owner, connection.accountId, async (tenant) => {
    const tokenJwe = await cipher.encrypt(new Secret(`token ${id}`), connection);
    const { connectionId } = connection;
    await insertPendingCredential(tenant, { id, connectionId, tokenJwe, lastFour: 'wxyz' });
  });

test('every token is encrypted anew with the first key, whatever happens to it meanwhile, but those that nobody can read', async () => {
  const connections = [await aConnection(store.owner), await aConnection(store.owner)];
  const [first, second] = connections as [ConnectionRef, ConnectionRef];
  const [replaced, destroyed, ...others] = ids as [string, string, ...string[]];
  for (const [n, id] of ids.entries()) await insert(n % 2 === 0 ? first : second, id, createTokenCipher([old]));
  await insert(first, 'ffffffff-0000-4000-8000-000000000000', createTokenCipher([lost]));
  const broken = '00000000-ffff-4000-8000-000000000000'; // in the middle of the others
  await insert(first, broken, createTokenCipher([old]));
  await store.query(`update credentials set token_jwe = 'no token' where id = $1`, [broken]);
  expect([...(await countTokensByKey(store.owner))]).toEqual([[NO_TOKEN, 1], ['lost', 1], ['old', 450]]); // prettier-ignore

  const cipher = createTokenCipher([current, old]);
  const byAPerson = await cipher.encrypt(new Secret('another token'), first);
  const missing: unknown[] = [];
  let looks = 0;
  const done = await encryptTokensAnew(store.owner, {
    // Between the look at a token and its change somebody else is faster.
    cipher: {
      ...cipher,
      async encrypt(token, owner) {
        if (token.reveal() === `token ${replaced}`) {
          await store.query('update credentials set token_jwe = $1 where id = $2', [byAPerson, replaced]);
        }
        if (token.reveal() === `token ${destroyed}`) {
          await store.query('update credentials set token_jwe = null, destroyed_at = now() where id = $1', [destroyed]);
        }
        return cipher.encrypt(token, owner);
      },
    },
    onEach: () => void looks++,
    onUnreadable: (token) => missing.push(token),
  });
  expect([done, looks]).toEqual([448, 452]);
  const { accountId, connectionId } = first;
  expect(missing).toHaveLength(2);
  for (const kid of [NO_TOKEN, 'lost']) expect(missing).toContainEqual({ accountId, connectionId, kid });
  expect([...(await countTokensByKey(store.owner))]).toEqual([[NO_TOKEN, 1], ['current', 449], ['lost', 1]]); // prettier-ignore

  const onlyNew = createTokenCipher([current]);
  const rows = await store.query<{ id: string; token_jwe: string; connection_id: string }>(
    'select id, token_jwe, connection_id from credentials where id = any ($1)',
    [[replaced, destroyed, ...others.slice(0, 5)]],
  );
  for (const { id, token_jwe, connection_id } of rows) {
    if (id === destroyed) expect(token_jwe).toBeNull();
    else {
      const owner = connections.find(({ connectionId }) => connectionId === connection_id) ?? first;
      const token = (await onlyNew.decrypt(token_jwe, owner)).reveal();
      expect(token).toBe(id === replaced ? 'another token' : `token ${id}`);
    }
  }
  expect(await encryptTokensAnew(store.owner, { cipher: createTokenCipher([current, old]) })).toBe(0);
});
