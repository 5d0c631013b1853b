// What repairing a connection reads and writes, as the worker and as the api, which may do exactly this.
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountOfConnection,
  type ConnectionInState,
  connectionsByAccount,
  connectionsOfAll,
  readRepairable,
  recordMissing,
  recordRestart,
  refuseLostCreation,
} from '../../src/store/connections/repair.repository.js';
import { API_ROLE, type Database, openDatabase } from '../../src/store/database.js';
import { withTenant } from '../../src/store/tenant.js';
import { aConnection, asTenant, type ConnectionRef } from '../support/builders.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let testDatabase: TestDatabase;
let owner: Database;
let api: Database;
let ours: ConnectionRef;
let theirs: ConnectionRef;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  owner = openDatabase({ url: testDatabase.url, maxConnections: 2 });
  api = openDatabase({ url: testDatabase.url, role: API_ROLE, maxConnections: 2 });
  [ours, theirs] = [await aConnection(owner), await aConnection(owner, { state: 'paused' })];
});
afterAll(async () => {
  await Promise.all([owner.close(), api.close()]);
  await testDatabase.drop();
});

const rowOf = async ({ connectionId }: ConnectionRef) =>
  (await owner.pool.query<Record<string, unknown>>('select * from connections where id = $1', [connectionId])).rows[0];
const timelineOf = async ({ connectionId }: ConnectionRef) =>
  (
    await owner.pool.query<Record<string, unknown>>(
      'select kind, outcome, code, details from connection_timeline where connection_id = $1',
      [connectionId],
    )
  ).rows;

test('the worker and the api list the same connections, but those that were refused', async () => {
  await aConnection(owner, { state: 'refused' });
  const list = async (pages: AsyncIterable<readonly ConnectionInState[]>) => {
    const listed: string[] = [];
    for await (const page of pages) listed.push(...page.map(({ connectionId, state }) => `${connectionId} ${state}`));
    return listed.sort();
  };
  const wanted = [`${ours.connectionId} active`, `${theirs.connectionId} paused`].sort();
  expect(await list(connectionsOfAll(owner))).toEqual(wanted);
  expect(await list(connectionsByAccount(api))).toEqual(wanted);
});

test('a restart is written down by the api, in its account and for whoever sees all of it', async () => {
  const { accountId, connectionId } = ours;
  const [foreign, partial] = [theirs.accountId, [ours.organizationId]];
  await asTenant(api, foreign, (tenant) => recordMissing(tenant, connectionId, { restartedAt: null }));
  await withTenant(api, accountId, partial, (tenant) => recordMissing(tenant, connectionId, { restartedAt: null }));
  await asTenant(api, accountId, (tenant) => recordRestart(tenant, connectionId, 'terminated'));
  expect([await rowOf(ours), await timelineOf(ours)]).toMatchObject([{ workflow_missing_since: null }, []]);
  await asTenant(api, accountId, (tenant) => recordMissing(tenant, connectionId, { restartedAt: null }));
  expect(await rowOf(ours)).toMatchObject({ workflow_missing_since: expect.any(String) });
  await asTenant(api, foreign, (tenant) => recordRestart(tenant, connectionId, 'terminated'));
  await withTenant(api, accountId, partial, (tenant) => recordRestart(tenant, connectionId, 'failed'));
  expect(await timelineOf(ours)).toEqual([]);
  for (const how of ['not_found', 'unknown']) {
    await asTenant(api, accountId, (tenant) => recordRestart(tenant, connectionId, how));
  }
  expect(await timelineOf(ours)).toEqual([
    { kind: 'repair', outcome: 'restarted', code: null, details: { workflow: 'not_found' } },
  ]);
  expect(await rowOf(ours)).toMatchObject({
    workflow_restarted_at: expect.any(String),
    workflow_missing_since: null,
    state: 'active',
  });
  await asTenant(api, accountId, (tenant) => recordMissing(tenant, connectionId, { restartedAt: null }));
  expect(await rowOf(ours)).toMatchObject({ workflow_missing_since: null });
  const read = await asTenant(api, accountId, (tenant) => readRepairable(tenant, connectionId));
  await asTenant(api, accountId, (tenant) => recordMissing(tenant, connectionId, read ?? { restartedAt: null }));
  expect(await rowOf(ours)).toMatchObject({ workflow_missing_since: expect.any(String) });
});

test('only a creation older than a minute is refused, and only in its account', async () => {
  const creation = await aConnection(owner, { state: 'validating' });
  const { accountId, connectionId } = creation;
  const refuse = (as = accountId, id = connectionId) => asTenant(api, as, (tenant) => refuseLostCreation(tenant, id));
  expect(await refuse()).toBe(false);
  await owner.pool.query(
    `update connections set created_at = now() - interval '61 seconds' where state = 'validating'`,
  );
  expect(await refuse(theirs.accountId)).toBe(false);
  expect(await refuse(ours.accountId, ours.connectionId)).toBe(false);
  expect(await asTenant(api, accountId, (tenant) => readRepairable(tenant, connectionId))).toMatchObject({
    stored: { state: 'validating' },
    consoleUrl: 'https://acme.sentinelone.net',
  });
  expect([await refuse(), await refuse()]).toEqual([true, false]);
  expect(await timelineOf(creation)).toMatchObject([{ kind: 'state', outcome: 'refused', code: 'command_expired' }]);
});

test('whose a connection is the api learns outside of any account alone', async () => {
  const { accountId, connectionId } = ours;
  expect(await accountOfConnection(api, connectionId)).toBe(accountId);
  expect(await accountOfConnection(api, accountId)).toBeNull();
  const inside = await asTenant(api, theirs.accountId, ({ db }) =>
    db.selectNoFrom((eb) => eb.fn<string | null>('account_of_connection', [eb.val(connectionId)]).as('id')).execute(),
  );
  expect(inside).toEqual([{ id: null }]);
});
