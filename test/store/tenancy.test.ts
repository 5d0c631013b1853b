// Two of the three layers of tenancy: row-level security binds the api whatever it asks, and foreign keys between
// tenant tables refuse a foreign tenant's id even for the owner. The third, repositories, is in
// repository-tenancy.test.ts.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import * as backfills from '../../src/store/collecting/backfill.repository.js';
import * as connections from '../../src/store/connections/connection.repository.js';
import * as credentials from '../../src/store/connections/credential.repository.js';
import * as mappings from '../../src/store/connections/mapping.repository.js';
import { syncSites } from '../../src/store/connections/site.repository.js';
import { sqlState } from '../../src/store/pg-errors.js';
import { type OrganizationScope, type Tenant, withTenant } from '../../src/store/tenant.js';
import { asTenant, type ConnectionRef } from '../support/builders.js';
import { ACCOUNT_TABLES, ORGANIZATION_TABLES, TENANT_TABLES, twoTenants, WINDOW } from './support/two-tenants.js';
import { useStore } from './support/use-store.js';

const store = useStore();

let mine: ConnectionRef;
let other: ConnectionRef;
let second: string;

beforeAll(async () => void ({ mine, other, second } = await twoTenants(store)));

const count = async (tenant: Tenant, table: string) =>
  (await tenant.client.query<{ rows: number }>(`select count(*) as rows from ${table}`)).rows[0]?.rows;

const apiSees = (table: string, accountId: string, scope: OrganizationScope) =>
  withTenant(store.api, accountId, scope, (tenant) => count(tenant, table));

describe('under row-level security the api', () => {
  test('is bound in every table with an account', async () => {
    const { rows } = await store.owner.pool.query<{ table_name: string }>(`
      select c.relname as table_name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`);
    expect(rows.map((row) => row.table_name)).toEqual(expect.arrayContaining(TENANT_TABLES));
    for (const { table_name } of rows) {
      await expect(apiSees(table_name, randomUUID(), 'all').catch(sqlState)).resolves.toBeOneOf([0, '42501']);
    }
  });

  test.each(TENANT_TABLES)(
    'sees its own rows of %s, and none as another account, as nobody, or as an unknown one',
    async (table) => {
      expect(await apiSees(table, mine.accountId, 'all')).toBeGreaterThan(0);
      const { rows } = await store.api.pool.query<{ rows: number }>(`select count(*) as rows from ${table}`);
      expect(rows).toEqual([{ rows: 0 }]);
      expect(await apiSees(table, randomUUID(), 'all')).toBe(0);
      const foreign = await withTenant(store.api, other.accountId, 'all', ({ client }) =>
        client.query(`select from ${table} where account_id = $1`, [mine.accountId]),
      );
      expect(foreign.rowCount).toBe(0);
    },
  );

  test.each(ACCOUNT_TABLES)(
    'with some organizations only sees nothing of %s, which is the account’s',
    async (table) => {
      expect(await apiSees(table, mine.accountId, [mine.organizationId, second])).toBe(0);
    },
  );

  test.each<
    [string, (tenants: { own: string; second: string; foreign: string }) => string[], [number, number, number]]
  >([
    ['none', () => [], [0, 0, 0]],
    ['the default one', ({ own }) => [own], [1, 1, 0]],
    ['the mapped one', ({ second: it }) => [it], [1, 1, 1]],
    ['both', ({ own, second: it }) => [own, it], [2, 2, 1]],
    ['a foreign one', ({ foreign }) => [foreign], [0, 0, 0]],
    ['the word all', () => ['all'], [0, 0, 0]],
  ])('with the organizations %s sees only theirs', async (_, scope, expected) => {
    const ids = scope({ own: mine.organizationId, second, foreign: other.organizationId });
    const seen = await Promise.all(ORGANIZATION_TABLES.map((table) => apiSees(table, mine.accountId, ids)));
    expect(seen).toEqual(expected);
  });

  test('sees nothing when no organizations were named', async () => {
    const client = await store.api.pool.connect();
    await client.query('begin');
    await client.query(`select set_config('app.account_id', $1, true)`, [mine.accountId]);
    const { rows } = await client.query<{ rows: number }>('select count(*) as rows from events');
    await client.query('rollback');
    client.release();
    expect(rows).toEqual([{ rows: 0 }]);
  });

  test('finds no tenant left over by an earlier transaction of the same session', async () => {
    const single = store.open({ role: 'sentinelone_api', maxConnections: 1 });
    const session = async (tenant: Tenant) =>
      (await tenant.client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
    const before = await withTenant(single, mine.accountId, 'all', session);
    await expect(
      withTenant(single, mine.accountId, 'all', () => Promise.reject(new Error('rolled back'))),
    ).rejects.toThrow();
    const { rows } = await single.pool.query<{ accounts: number; events: number; pid: number }>(`
      select (select count(*) from accounts) as accounts, (select count(*) from events) as events, pg_backend_pid() as pid`);
    expect(rows).toEqual([{ accounts: 0, events: 0, pid: before[0]?.pid }]);
    expect(await withTenant(single, other.accountId, [], (tenant) => count(tenant, 'events'))).toBe(0);
  });

  test.each([
    'events',
    'discards',
    'rejects',
    'checkpoints',
    'backfills',
    'sites',
    'site_mappings',
    'mapping_history',
    'license_counts',
    'commands',
  ])('cannot insert, update or delete in %s', async (table) => {
    const attempts = [
      `insert into ${table} (account_id) values ('${mine.accountId}')`,
      `update ${table} set account_id = account_id`,
      `delete from ${table}`,
      `truncate ${table}`,
    ];
    for (const statement of attempts) {
      const attempt = withTenant(store.api, mine.accountId, 'all', ({ client }) => client.query(statement));
      await expect(attempt, statement).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('cannot make rows of another account, nor move its own there', async () => {
    const asOther = (statement: string, values: unknown[]) =>
      withTenant(store.api, other.accountId, 'all', ({ client }) => client.query(statement, values));
    const insert = 'insert into organizations (account_id, id, name) values ($1, $2, $3)';
    await expect(asOther(insert, [mine.accountId, randomUUID(), 'Intruder'])).rejects.toMatchObject({ code: '42501' });
    const move = 'update organizations set account_id = $1 where id = $2';
    await expect(asOther(move, [mine.accountId, other.organizationId])).rejects.toMatchObject({ code: '42501' });
    const rename = await asOther('update organizations set name = $1 where id = $2', ['Taken', second]);
    expect(rename.rowCount).toBe(0);
  });

  test('with some organizations only cannot rename even those', async () => {
    const rename = withTenant(store.api, mine.accountId, [second], ({ client }) =>
      client.query('update organizations set name = $1 where id = $2', ['Renamed', second]),
    );
    await expect(rename).rejects.toMatchObject({ code: '42501' });
  });
});

describe('even for the owner a foreign organization is refused by', () => {
  const asMine = (fn: (tenant: Tenant) => Promise<unknown>) => asTenant(store.owner, mine.accountId, fn);

  test.each<[string, (tenant: Tenant) => Promise<unknown>]>([
    [
      'a connection’s default',
      (tenant) =>
        connections.changeSettings(tenant, mine.connectionId, { defaultOrganizationId: other.organizationId }),
    ],
    [
      'a mapping',
      (tenant) =>
        mappings.writeMapping(tenant, {
          connectionId: mine.connectionId,
          version: 50,
          changes: [{ siteId: '1', organizationId: other.organizationId }],
          commandId: 'x',
        }),
    ],
    [
      'the mapping’s history',
      (tenant) =>
        mappings.addMappingHistory(tenant, [
          {
            connectionId: mine.connectionId,
            version: 51,
            siteId: null,
            organizationId: other.organizationId,
            commandId: 'x',
          },
        ]),
    ],
    [
      'a credential of a foreign connection',
      (tenant) =>
        credentials.insertPendingCredential(tenant, {
          id: randomUUID(),
          connectionId: other.connectionId,
          tokenJwe: 'x',
          lastFour: '',
        }),
    ],
    [
      'a backfill of a foreign connection',
      (tenant) =>
        backfills.queueBackfill(tenant, { connectionId: other.connectionId, kind: 'requested', window: WINDOW }),
    ],
    [
      'a site of a foreign connection',
      (tenant) => syncSites(tenant, other.connectionId, [{ id: '77', name: null, state: null, activeLicenses: null }]),
    ],
    [
      'a license count of a foreign connection',
      (tenant) => recordLicenseCounts(tenant, other.connectionId, [{ siteId: '1', activeLicenses: 1 }]),
    ],
  ])('%s', async (_, attempt) => {
    await expect(asMine(attempt)).rejects.toMatchObject({ code: '23503' });
  });
});
