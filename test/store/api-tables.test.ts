// The tables of the API's common machinery, as row-level security shows them to the api's role.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_ROLE, type Database, openDatabase } from '../../src/store/database.js';
import { findAccount, updateAccount } from '../../src/store/people/account.repository.js';
import { claimIdempotencyKey } from '../../src/store/people/idempotency.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { type AccountRef, anAccount, asTenant } from '../support/builders.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let testDatabase: TestDatabase;
let owner: Database;
let api: Database;
let ours: AccountRef;
let theirs: AccountRef;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  owner = openDatabase({ url: testDatabase.url, maxConnections: 2 });
  api = openDatabase({ url: testDatabase.url, role: API_ROLE, maxConnections: 2 });
  [ours, theirs] = [await anAccount(owner), await anAccount(owner)];
});
afterAll(async () => {
  await Promise.all([owner.close(), api.close()]);
  await testDatabase.drop();
});

const claim = (resourceId: string) => ({
  route: 'POST /x',
  key: 'k',
  bodySha256: Buffer.alloc(32),
  resourceId,
  status: 201,
});

test('an account’s keys are its own', async () => {
  const claimFor = ({ accountId }: AccountRef, resourceId: string) =>
    asTenant(api, accountId, (tenant) => claimIdempotencyKey(tenant, claim(resourceId)));
  expect(await claimFor(ours, 'ours')).toBeUndefined();
  expect(await claimFor(theirs, 'theirs')).toBeUndefined();
  expect(await claimFor(ours, 'again')).toMatchObject({ resourceId: 'ours' });
  const seen = await asTenant(api, theirs.accountId, (tenant) =>
    tenant.db.selectFrom('idempotencyKeys').selectAll().execute(),
  );
  expect(seen).toMatchObject([{ resourceId: 'theirs' }]);
});

test('keys older than a day are removed by the next claim', async () => {
  const { accountId } = ours;
  await owner.pool.query(`update idempotency_keys set created_at = now() - interval '25 hours'`);
  await asTenant(api, accountId, (tenant) => claimIdempotencyKey(tenant, { ...claim('new'), key: 'another' }));
  const left = await asTenant(api, accountId, (tenant) =>
    tenant.db.selectFrom('idempotencyKeys').select('key').execute(),
  );
  expect(left).toEqual([{ key: 'another' }]);
});

test('an account is changed by nobody else, and by nobody who sees only some of its organizations', async () => {
  const settings = { name: 'Changed', timeZone: 'UTC', billingBasis: 'peak' as const };
  await asTenant(api, ours.accountId, async (tenant) => {
    expect(await findAccount(tenant)).toMatchObject({ id: ours.accountId });
    await tenant.db.updateTable('accounts').set(settings).execute(); // the forgotten `where`
  });
  const names = await owner.kysely.selectFrom('accounts').select(['id', 'name']).execute();
  expect(names.find(({ id }) => id === theirs.accountId)?.name).toBe('Acme');
  const byOrganization = withTenant(api, ours.accountId, [ours.organizationId], (tenant) =>
    updateAccount(tenant, settings),
  );
  await expect(byOrganization).rejects.toThrow('row-level security');
});
