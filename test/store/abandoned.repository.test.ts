// Connections and tokens that were sent and never accepted.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { ConnectionState } from '../../src/domain/connection/connection-state.js';
import {
  deleteAbandonedConnections,
  deletePendingCredentials,
  destroyUnusedTokens,
} from '../../src/store/upkeep/abandoned.repository.js';
import { aConnection, type ConnectionRef } from '../support/builders.js';
import { hold, untilWaiting } from './support/sessions.js';
import { useStore } from './support/use-store.js';

const store = useStore();
beforeEach(() => store.query('delete from credentials'));

interface Aged {
  readonly state: ConnectionState;
  readonly created: string;
  readonly ended?: string;
  readonly accepted?: boolean;
}

async function anAged({ state, created, ended, accepted = false }: Aged): Promise<ConnectionRef> {
  const connection = await aConnection(store.owner, { state });
  await store.query(
    `update connections set created_at = now() - $3::interval, ended_at = now() - $4::interval,
            s1_account_id = case when $5 then s1_account_id end
      where account_id = $1 and id = $2`,
    [connection.accountId, connection.connectionId, created, ended ?? null, accepted],
  );
  return connection;
}

const exists = async ({ accountId, connectionId }: ConnectionRef): Promise<boolean> =>
  (await store.query('select from connections where account_id = $1 and id = $2', [accountId, connectionId])).length ===
  1;

test.each<[string, Aged, boolean]>([
  ['refused for a day', { state: 'refused', created: '48 h', ended: '24 h 1 min' }, true],
  ['refused for less than a day', { state: 'refused', created: '48 h', ended: '23 h 59 min' }, false],
  ['refused at an unknown time', { state: 'refused', created: '24 h 1 min' }, true],
  ['refused after it had been accepted', { state: 'refused', created: '48 h', ended: '25 h', accepted: true }, true],
  ['validating for a day', { state: 'validating', created: '24 h 1 min' }, true],
  ['validating for less than a day', { state: 'validating', created: '23 h 59 min' }, false],
  ['accepted, which its workflow is about to say', { state: 'validating', created: '48 h', accepted: true }, false],
  ['waiting for its mapping', { state: 'awaiting_mapping', created: '99 days' }, false],
  ['active', { state: 'active', created: '99 days' }, false],
  ['disconnected long ago', { state: 'disconnected', created: '99 days', ended: '98 days' }, false],
])('a connection that is %s', async (_, aged, isDeleted) => {
  const connection = await anAged(aged);
  expect(await deleteAbandonedConnections(store.owner)).toBe(isDeleted ? 1 : 0);
  expect(await exists(connection)).toBe(!isDeleted);
});

test('it takes along everything that a connection which was never accepted can have', async () => {
  const connection = await anAged({ state: 'refused', created: '48 h', ended: '25 h', accepted: true });
  const other = await anAged({ state: 'refused', created: '1 h', ended: '1 h', accepted: true });
  const tables = ['commands', 'connection_timeline', 'credentials', 'mapping_history', 'notices', 'sites'];
  for (const { accountId, connectionId } of [connection, other]) {
    const ids = [accountId, connectionId];
    await store.query(`insert into sites (account_id, connection_id, site_id) values ($1, $2, '7')`, ids);
    await store.query(`insert into commands values ($1, $2, 'c', 'recordTimeline', '{}')`, ids);
    await store.query(
      `insert into connection_timeline (account_id, connection_id, kind, outcome) values ($1, $2, 'state', 'refused')`,
      ids,
    );
    await store.query(
      `insert into notices (account_id, id, connection_id, kind, subject_type, subject_id, severity)
         values ($1, $2, $2, 'degraded', 'connection', 'x', 'high')`,
      ids,
    );
    await aCredential({ accountId, connectionId });
  }
  expect(await deleteAbandonedConnections(store.owner)).toBe(1);
  const left = async ({ connectionId }: ConnectionRef) =>
    Promise.all(
      tables.map(
        async (table) => (await store.query(`select from ${table} where connection_id = $1`, [connectionId])).length,
      ),
    );
  expect(await left(connection)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(await left(other)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('one that has collected is not let go, which fails the run, and the others go all the same', async () => {
  const collected = await anAged({ state: 'refused', created: '72 h', ended: '71 h' });
  await store.query(
    `insert into checkpoints (account_id, connection_id, kind, slice) values ($1, $2, 'live', 'live')`,
    [collected.accountId, collected.connectionId],
  );
  const empty = await anAged({ state: 'refused', created: '48 h', ended: '47 h' });
  await expect(deleteAbandonedConnections(store.owner)).rejects.toMatchObject({ code: '23503' });
  expect([await exists(collected), await exists(empty)]).toEqual([true, false]);
  expect(await store.query('select from mapping_history where account_id = $1', [collected.accountId])).toHaveLength(1);
  await store.query('delete from checkpoints where account_id = $1', [collected.accountId]);
  expect(await deleteAbandonedConnections(store.owner)).toBe(1);
});

interface Token {
  readonly created?: string;
  readonly pendingUntil?: string | null;
  readonly isCurrent?: boolean;
}

async function aCredential(
  { accountId, connectionId }: Pick<ConnectionRef, 'accountId' | 'connectionId'>,
  { created = '1 min', pendingUntil = null, isCurrent = false }: Token = {},
): Promise<string> {
  const id = randomUUID();
  await store.query(
    `insert into credentials (account_id, id, connection_id, token_jwe, last_four, created_at, pending_until)
       values ($1, $2, $3, 'x', 'abcd', now() - $4::interval, now() + $5::interval)`,
    [accountId, id, connectionId, created, pendingUntil],
  );
  if (isCurrent) {
    await store.query('update connections set credential_id = $3 where account_id = $1 and id = $2', [
      accountId,
      connectionId,
      id,
    ]);
  }
  return id;
}

const credential = async (id: string) =>
  (
    await store.query<{ destroyed: boolean }>(
      'select destroyed_at is not null and token_jwe is null as destroyed from credentials where id = $1',
      [id],
    )
  )[0]?.destroyed;

test.each<[string, ConnectionState, Token, { destroyed: number; deleted: number }]>([
  ['in use', 'active', { isCurrent: true, created: '99 days' }, { destroyed: 0, deleted: 0 }],
  ['in its hour', 'active', { pendingUntil: '1 min' }, { destroyed: 0, deleted: 0 }],
  ['past its hour', 'active', { pendingUntil: '-1 min' }, { destroyed: 1, deleted: 0 }],
  ['a day old and pending', 'active', { pendingUntil: '-23 h', created: '24 h 1 min' }, { destroyed: 1, deleted: 1 }],
  [
    'nearly a day old and pending',
    'active',
    { pendingUntil: '-22 h', created: '23 h 59 min' },
    { destroyed: 1, deleted: 0 },
  ],
  ['superseded', 'active', { created: '99 days' }, { destroyed: 1, deleted: 0 }],
  [
    'the first of a connection that nobody validated',
    'validating',
    { pendingUntil: '-1 min', isCurrent: true, created: '2 days' },
    { destroyed: 1, deleted: 0 },
  ],
  [
    'the first of a connection that is being validated',
    'validating',
    { pendingUntil: '59 min', isCurrent: true },
    { destroyed: 0, deleted: 0 },
  ],
  ['of a connection that was disconnected', 'disconnected', { isCurrent: true }, { destroyed: 1, deleted: 0 }],
  [
    'of a connection that was refused',
    'refused',
    { isCurrent: true, pendingUntil: '1 min' },
    { destroyed: 1, deleted: 0 },
  ],
])('a token that is %s', async (_, state, token, { destroyed, deleted }) => {
  const connection = await aConnection(store.owner, { state });
  const id = await aCredential(connection, token);
  expect(await destroyUnusedTokens(store.owner)).toBe(destroyed);
  expect(await destroyUnusedTokens(store.owner)).toBe(0);
  expect(await credential(id)).toBe(destroyed === 1);
  expect(await deletePendingCredentials(store.owner)).toBe(deleted);
  expect(await credential(id)).toBe(deleted === 1 ? undefined : destroyed === 1);
});

test('a token that is taken over at this very moment is kept, and the one before it goes', async () => {
  const connection = await aConnection(store.owner);
  const old = await aCredential(connection, { isCurrent: true });
  const taken = await aCredential(connection, { pendingUntil: '-1 min' });
  const ids = [connection.accountId, connection.connectionId, taken];
  const swap = await hold(
    store.url,
    'update connections set credential_id = $3 where account_id = $1 and id = $2',
    ids,
  );
  const destroying = destroyUnusedTokens(store.owner);
  await untilWaiting(store.owner, 1);
  await swap.commit('update credentials set pending_until = null where id = $1', [taken]);
  expect(await destroying).toBe(0);
  expect(await destroyUnusedTokens(store.owner)).toBe(1);
  expect([await credential(old), await credential(taken)]).toEqual([true, false]);
});

test('none of it is the api’s to do', async () => {
  await anAged({ state: 'refused', created: '48 h', ended: '25 h' });
  const connection = await aConnection(store.owner);
  await aCredential(connection, { pendingUntil: '-23 h', created: '25 h' });
  // Without a tenant row-level security shows it nothing, and it may not delete at all.
  expect(await deleteAbandonedConnections(store.api)).toBe(0);
  expect(await destroyUnusedTokens(store.api)).toBe(0);
  await expect(store.api.pool.query('delete from credentials')).rejects.toMatchObject({ code: '42501' });
  expect(await destroyUnusedTokens(store.owner)).toBeGreaterThan(0);
});
