import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import * as credentials from '../../src/store/connections/credential.repository.js';
import { aConnection } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

test('a destroyed credential keeps its last four characters and dates, never its token', async () => {
  const connection = await aConnection(store.owner);
  const { connectionId } = connection;
  const [old, current] = [randomUUID(), randomUUID()];
  await as(connection, async (tenant) => {
    for (const id of [old, current]) {
      await credentials.insertPendingCredential(tenant, { id, connectionId, tokenJwe: 'jwe', lastFour: 'wxyz' });
    }
    await credentials.markAccepted(tenant, old, '2026-05-01T00:00:00Z');
    await credentials.destroyCredentials(tenant, connectionId, { allBut: current });
  });
  const find = (id: string) => as(connection, (tenant) => credentials.findCredential(tenant, connectionId, id));
  expect([await find(old), (await find(current))?.tokenJwe]).toEqual([undefined, 'jwe']);
  await as(connection, (tenant) => credentials.destroyCredentials(tenant, connectionId, { only: current }));
  const rows = await query(
    'select token_jwe, last_four, expires_at, destroyed_at from credentials where account_id = $1 order by expires_at',
    [connection.accountId],
  );
  expect(rows).toMatchObject([
    { token_jwe: null, last_four: 'wxyz', expires_at: '2026-05-01T00:00:00.000000Z', destroyed_at: expect.any(String) },
    { token_jwe: null, last_four: 'wxyz', expires_at: null, destroyed_at: expect.any(String) },
  ]);
});

test('a connection comes with its current token, or with another of its own that still is one', async () => {
  const [connection, other] = [await aConnection(store.owner), await aConnection(store.owner)];
  const { connectionId } = connection;
  const [current, offered, foreign] = [randomUUID(), randomUUID(), randomUUID()];
  const insert = (of: typeof connection, id: string) =>
    as(of, (tenant) =>
      credentials.insertPendingCredential(tenant, {
        id,
        connectionId: of.connectionId,
        tokenJwe: id,
        lastFour: 'wxyz',
      }),
    );
  await insert(connection, current);
  await insert(connection, offered);
  await insert(other, foreign);
  const find = (wanted: string | null) =>
    as(connection, (tenant) => credentials.findConnectionWithToken(tenant, connectionId, wanted));
  await query('update connections set credential_id = $1 where id = $2', [current, connectionId]);
  expect(await find(null)).toMatchObject({
    connection: { id: connectionId, credentialId: current },
    credential: { id: current, tokenJwe: current, expiresAt: null },
  });
  expect(await find(offered)).toMatchObject({ connection: { credentialId: current }, credential: { id: offered } });
  expect([await find(foreign), await find(randomUUID())]).toEqual([undefined, undefined]);

  await as(connection, (tenant) => credentials.destroyCredentials(tenant, connectionId, { only: current }));
  expect(await find(null)).toBeUndefined();
});
