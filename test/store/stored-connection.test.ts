import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { setCredential } from '../../src/store/connections/connection.repository.js';
import { insertPendingCredential, markAccepted } from '../../src/store/connections/credential.repository.js';
import { readStoredConnection } from '../../src/store/connections/stored-connection.repository.js';
import { aConnection, type ConnectionRef, remap } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

const read = (connection: ConnectionRef) =>
  as(connection, (tenant) => readStoredConnection(tenant, connection.connectionId));

test('a connection is read with its state, credential, mapping and settings', async () => {
  const connection = await aConnection(store.owner, { state: 'paused' });
  const { accountId, connectionId } = connection;
  const credential = { id: randomUUID(), connectionId, tokenJwe: 'e30', lastFour: 'abcd' };
  await as(connection, async (tenant) => {
    await insertPendingCredential(tenant, credential);
    await markAccepted(tenant, credential.id, '2027-01-01T00:00:00Z');
    await setCredential(tenant, connectionId, credential.id);
  });
  await query(
    `update connections set state_seq = 9, state_cause = 'pause', pause_reasons = '{person}', poll_interval_seconds = 60
      where account_id = $1 and id = $2`,
    [accountId, connectionId],
  );
  expect(await read(connection)).toMatchObject({
    state: 'paused',
    pauseReasons: ['person'],
    stateSeq: 9,
    cause: 'pause',
    credentialId: credential.id,
    tokenExpiresAt: '2027-01-01T00:00:00.000000Z',
    wasMapped: false,
    backfillQueued: false,
    pollIntervalMs: 60_000,
  });
});

test('that a site was ever mapped stays known when none is any more', async () => {
  const connection = await aConnection(store.owner);
  await query(`insert into sites (account_id, connection_id, site_id, state) values ($1, $2, '1', 'active')`, [
    connection.accountId,
    connection.connectionId,
  ]);
  await remap(store.owner, connection, [{ siteId: '1', organizationId: connection.organizationId }]);
  expect(await read(connection)).toMatchObject({ wasMapped: true, sites: { total: 1, mapped: 1 } });
  await remap(store.owner, connection, [{ siteId: '1', organizationId: null }]);
  expect(await read(connection)).toMatchObject({ wasMapped: true, sites: { total: 1, mapped: 0 } });
});

test('nothing is read of a connection that has no row, or another account’s', async () => {
  const [mine, other] = [await aConnection(store.owner), await aConnection(store.owner)];
  expect(await read({ ...mine, connectionId: other.connectionId })).toBeUndefined();
});
