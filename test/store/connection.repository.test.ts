import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as connections from '../../src/store/connections/connection.repository.js';
import { listConnectionViews } from '../../src/store/connections/connection-view.repository.js';
import { addToTimeline } from '../../src/store/connections/timeline.repository.js';
import { aConnection, anAccount, type ConnectionRef } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as } = store;

describe('a connection', () => {
  test('is inserted once', async () => {
    const account = await anAccount(store.owner);
    const row = {
      id: randomUUID(),
      name: 'S1',
      consoleUrl: 'https://x.sentinelone.net',
      defaultOrganizationId: account.organizationId,
      collectFrom: null,
      pollIntervalSeconds: 30,
      credentialId: randomUUID(),
    };
    const insert = () => as(account, (tenant) => connections.insertConnection(tenant, row));
    expect([await insert(), await insert()]).toEqual([true, false]);
    expect(await as(account, (tenant) => listConnectionViews(tenant, { after: null, limit: 10 }))).toEqual([]); // not accepted yet
    expect(await as(account, (tenant) => connections.findConnection(tenant, row.id))).toMatchObject({
      state: 'validating',
      storedCount: 0,
    });
  });

  test('never goes back to an older state', async () => {
    const connection = await aConnection(store.owner, { state: 'validating' });
    const project = (stateSeq: number, state: 'active' | 'paused') =>
      as(connection, (tenant) =>
        connections.projectState(tenant, connection.connectionId, {
          stateSeq,
          state,
          pauseReasons: state === 'paused' ? ['token'] : [],
          cause: `seq ${stateSeq}`,
        }),
      );
    expect([await project(3, 'paused'), await project(2, 'active'), await project(3, 'active')]).toEqual([
      true,
      false,
      false,
    ]);
    const row = await as(connection, (tenant) => connections.findConnection(tenant, connection.connectionId));
    expect(row).toMatchObject({ state: 'paused', stateSeq: 3, pauseReasons: ['token'], stateCause: 'seq 3' });
  });

  test('is refused only while it is validated', async () => {
    const [young, live] = [await aConnection(store.owner, { state: 'validating' }), await aConnection(store.owner)];
    const refuse = (connection: ConnectionRef) =>
      as(connection, (tenant) => connections.refuse(tenant, connection.connectionId, 's1.syslog_in_use'));
    expect([await refuse(young), await refuse(young), await refuse(live)]).toEqual([true, false, false]);
  });

  test('to one console account lives once, and again when the first has ended', async () => {
    const first = await aConnection(store.owner);
    const again = () => aConnection(store.owner, { account: first, s1AccountId: first.s1AccountId });
    await expect(again()).rejects.toMatchObject({ constraint: 'connections_one_live_per_console_account' });
    await aConnection(store.owner, { s1AccountId: first.s1AccountId }); // another partner's is nobody's business
    await as(first, (tenant) =>
      connections.projectState(tenant, first.connectionId, {
        stateSeq: 1,
        state: 'disconnected',
        pauseReasons: [],
        cause: '',
      }),
    );
    await again();
  });

  test('keeps where collecting begins, whatever is said later', async () => {
    const connection = await aConnection(store.owner, { state: 'validating' });
    const facts = { s1AccountId: 'new', s1AccountName: 'New', collectFrom: '2030-01-01T00:00:00Z' };
    await as(connection, (tenant) => connections.acceptConnection(tenant, connection.connectionId, facts));
    const row = await as(connection, (tenant) => connections.findConnection(tenant, connection.connectionId));
    expect(row).toMatchObject({ s1AccountId: 'new', collectFrom: '2026-01-01T00:00:00.000000Z' });
  });

  test('counts failures in a row, is degraded since the first time it was said, and is well again after a good poll', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const fail = () => as(connection, (tenant) => connections.countFailure(tenant, connectionId, 's1.unavailable'));
    expect([await fail(), await fail(), await fail()]).toEqual([1, 2, 3]);
    const degrade = () =>
      as(connection, (tenant) =>
        connections.recordNextTry(tenant, connectionId, { nextTryInMs: 5000, degraded: true }),
      );
    await degrade();
    const find = async () => as(connection, (tenant) => connections.findConnection(tenant, connectionId));
    const since = (await find())?.degradedSince;
    await degrade();
    expect(await find()).toMatchObject({ degradedSince: since, failureCode: 's1.unavailable', consecutiveFailures: 3 });
    const collect = (through: string) =>
      as(connection, (tenant) => connections.recordCollectedThrough(tenant, connectionId, through));
    await collect('2026-02-01T00:00:00.000002Z');
    await collect('2026-01-01T00:00:00Z');
    expect(await find()).toMatchObject({
      collectedThrough: '2026-02-01T00:00:00.000002Z',
      consecutiveFailures: 0,
      degradedSince: null,
      failureCode: null,
      nextTryAt: null,
    });
  });
});

test('the timeline keeps details with the keys they came with', async () => {
  const connection = await aConnection(store.owner);
  await as(connection, (tenant) =>
    addToTimeline(tenant, {
      connectionId: connection.connectionId,
      kind: 'k',
      outcome: 'o',
      details: { some_key: 1, otherKey: { in_side: 2 } },
    }),
  );
  const rows = await as(connection, ({ db }) =>
    db
      .selectFrom('connectionTimeline')
      .select(['kind', 'code', 'details'])
      .where('accountId', '=', connection.accountId)
      .execute(),
  );
  expect(rows).toEqual([{ kind: 'k', code: null, details: { some_key: 1, otherKey: { in_side: 2 } } }]);
});
