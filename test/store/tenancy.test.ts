// The three layers of tenancy: row-level security binds the api whatever it asks, repositories name the tenant themselves,
// and foreign keys between tenant tables refuse a foreign tenant's id even for the owner.
import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { activityTypesAgeHours, readTypeNames, saveActivityTypes } from '../../src/store/activity-type.repository.js';
import { saveAgents, staleAgents, unresolvedAgents } from '../../src/store/agent.repository.js';
import * as backfills from '../../src/store/backfill.repository.js';
import {
  advanceCheckpoint,
  CheckpointConflict,
  liveCheckpoint,
  openSlices,
} from '../../src/store/checkpoint.repository.js';
import { findCommand, once } from '../../src/store/command.repository.js';
import * as connections from '../../src/store/connection.repository.js';
import * as credentials from '../../src/store/credential.repository.js';
import { countLedger, ledgerOfAgents } from '../../src/store/discard.repository.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { recordLicenseCounts } from '../../src/store/license-count.repository.js';
import * as mappings from '../../src/store/mapping.repository.js';
import {
  insertOrganization,
  listOrganizations,
  lockLivingOrganizations,
} from '../../src/store/organization.repository.js';
import { sqlState } from '../../src/store/pg-errors.js';
import { countSites, listSites, refreshDiscardSpans, syncSites } from '../../src/store/site.repository.js';
import { withTenant, type OrganizationScope, type Tenant } from '../../src/store/tenant.js';
import { addToTimeline } from '../../src/store/timeline.repository.js';
import {
  aConnection,
  anActivity,
  anOrganization,
  aPage,
  aSite,
  asTenant,
  type ConnectionRef,
} from '../support/builders.js';
import { useStore } from './use-store.js';

const store = useStore();

/** A tenant with a row in every tenant table; `other` owns nothing but an account and a connection. */
let mine: ConnectionRef;
let other: ConnectionRef;
let otherOrganizationId: string;
let second: string;
let backfill: backfills.BackfillRow;
const credentialId = randomUUID();

const WINDOW = { fromMicros: Date.UTC(2026, 0, 1) * 1000, toMicros: Date.UTC(2026, 0, 2) * 1000 };

beforeAll(async () => {
  mine = await aConnection(store.owner);
  other = await aConnection(store.owner);
  otherOrganizationId = other.organizationId;
  second = await anOrganization(store.owner, mine);
  await aSite(store.owner, mine, { siteId: '1', organizationId: second });
  const { accountId, connectionId } = mine;
  backfill = await asTenant(store.owner, accountId, async (tenant) => {
    await saveAgents(tenant, connectionId, [{ agentId: 'gone', siteId: null }]);
    await saveActivityTypes(tenant, connectionId, [{ activityType: 7, name: 'Seven' }]);
    await credentials.insertPendingCredential(tenant, {
      id: credentialId,
      connectionId,
      tokenJwe: 'jwe',
      lastFour: 'wxyz',
    });
    await connections.setCredential(tenant, connectionId, credentialId);
    await once(tenant, { connectionId, commandId: 'c', kind: 'pause' }, () => Promise.resolve({ ok: true }));
    await addToTimeline(tenant, { connectionId, kind: 'state', outcome: 'active' });
    await recordLicenseCounts(tenant, connectionId, [{ siteId: '1', activeLicenses: 5 }]);
    const id = await backfills.queueBackfill(tenant, { connectionId, kind: 'requested', window: WINDOW });
    const row = await backfills.findBackfill(tenant, connectionId, id);
    if (row === undefined) throw new Error('the backfill was not queued');
    return row;
  });
  const page = await aPage(store.owner, mine, {
    activities: [
      anActivity(0, { siteId: '1' }),
      anActivity(1),
      anActivity(2, { siteId: '9' }),
      anActivity(3, { agentId: 'gone' }),
    ],
    rejects: [{ text: '{}', reason: 'no_id', occurredAt: null }],
  });
  await ingestPage(store.owner, page);
});

const ACCOUNT_TABLES = [
  'connections', 'credentials', 'sites', 'site_mappings', 'mapping_history', 'agents', 'activity_types', 'connection_timeline',
  'commands', 'discards', 'rejects', 'backfills', 'checkpoints',
]; // prettier-ignore
const ORGANIZATION_TABLES = ['organizations', 'events', 'license_counts'];
const TENANT_TABLES = [...ACCOUNT_TABLES, ...ORGANIZATION_TABLES];

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
    const ids = scope({ own: mine.organizationId, second, foreign: otherOrganizationId });
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
    const { rows } = await single.pool.query<{ events: number; pid: number }>(
      'select (select count(*) from events) as events, pg_backend_pid() as pid',
    );
    expect(rows).toEqual([{ events: 0, pid: before[0]?.pid }]);
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
    await expect(asOther(move, [mine.accountId, otherOrganizationId])).rejects.toMatchObject({ code: '42501' });
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
      (tenant) => connections.changeSettings(tenant, mine.connectionId, { defaultOrganizationId: otherOrganizationId }),
    ],
    [
      'a mapping',
      (tenant) =>
        mappings.writeMapping(tenant, {
          connectionId: mine.connectionId,
          version: 50,
          changes: [{ siteId: '1', organizationId: otherOrganizationId }],
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
            organizationId: otherOrganizationId,
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

/** Each repository function on the rows of `mine`, as somebody else. */
const READS: Record<string, (tenant: Tenant) => Promise<unknown>> = {
  findConnection: (tenant) => connections.findConnection(tenant, mine.connectionId),
  listConnections: async (tenant) =>
    (await connections.listConnections(tenant)).filter((row) => row.id === mine.connectionId),
  findCredential: (tenant) => credentials.findCredential(tenant, mine.connectionId, credentialId),
  listOrganizations: async (tenant) =>
    (await listOrganizations(tenant)).filter((row) => row.id === mine.organizationId),
  listSites: (tenant) => listSites(tenant, mine.connectionId),
  unresolvedAgents: (tenant) => unresolvedAgents(tenant, mine.connectionId, 10),
  readTypeNames: async (tenant) => [...(await readTypeNames(tenant, mine.connectionId))],
  activityTypesAgeHours: (tenant) => activityTypesAgeHours(tenant, mine.connectionId),
  findBackfill: (tenant) => backfills.findBackfill(tenant, mine.connectionId, backfill.id),
  oldestUnfinishedBackfill: (tenant) => backfills.oldestUnfinishedBackfill(tenant, mine.connectionId),
  ledgerWindow: (tenant) => backfills.ledgerWindow(tenant, mine.connectionId, ['9']),
  openSlices: (tenant) => openSlices(tenant, backfill),
  findCommand: (tenant) => findCommand(tenant, { connectionId: mine.connectionId, commandId: 'c', kind: 'pause' }),
  ledgerOfAgents: (tenant) => ledgerOfAgents(tenant, mine.connectionId, ['9']),
  countSites: async (tenant) => (await countSites(tenant, mine.connectionId)).total || null,
  countLedger: async (tenant) =>
    (await countLedger(tenant, {
      connectionId: mine.connectionId,
      siteIds: ['9'],
      fromAt: '2026-01-01',
      toAt: '2027-01-01',
    })) || null,
};

const isNothing = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

test.each(Object.keys(READS))('%s finds nothing of another account, as the api and as the owner', async (name) => {
  const read = READS[name] as (tenant: Tenant) => Promise<unknown>;
  for (const database of [store.api, store.owner]) {
    expect(await withTenant(database, other.accountId, 'all', read)).toSatisfy(isNothing);
  }
});

test('the same reads find something for the account itself, so that finding nothing means something', async () => {
  for (const [name, read] of Object.entries(READS)) {
    if (name === 'ledgerOfAgents') continue; // needs a resolved agent; agents' own tests have one
    expect(await withTenant(store.api, mine.accountId, 'all', read), name).not.toSatisfy(isNothing);
  }
});

const WRITES: Record<string, (tenant: Tenant) => Promise<unknown>> = {
  insertConnection: (tenant) =>
    connections.insertConnection(tenant, {
      id: mine.connectionId,
      name: 'x',
      consoleUrl: 'x',
      defaultOrganizationId: otherOrganizationId,
      collectFrom: null,
      pollIntervalSeconds: 30,
      credentialId,
    }),
  acceptConnection: (tenant) =>
    connections.acceptConnection(tenant, mine.connectionId, {
      s1AccountId: 'x',
      s1AccountName: 'x',
      collectFrom: '2026-01-01T00:00:00Z',
    }),
  refuse: (tenant) => connections.refuse(tenant, mine.connectionId, 'x'),
  savePermissions: (tenant) => connections.savePermissions(tenant, mine.connectionId, []),
  projectState: (tenant) =>
    connections.projectState(tenant, mine.connectionId, {
      stateSeq: 99,
      state: 'disconnected',
      pauseReasons: [],
      cause: 'x',
    }),
  setCredential: (tenant) => connections.setCredential(tenant, mine.connectionId, randomUUID()),
  changeSettings: (tenant) => connections.changeSettings(tenant, mine.connectionId, { name: 'x' }),
  setMappingVersion: (tenant) => connections.setMappingVersion(tenant, mine.connectionId, 99),
  recordCollectedThrough: (tenant) =>
    connections.recordCollectedThrough(tenant, mine.connectionId, '2030-01-01T00:00:00Z'),
  countFailure: (tenant) => connections.countFailure(tenant, mine.connectionId, 'x'),
  recordNextTry: (tenant) => connections.recordNextTry(tenant, mine.connectionId, { nextTryInMs: 1, degraded: true }),
  markAccepted: (tenant) => credentials.markAccepted(tenant, credentialId, null),
  destroyCredentials: (tenant) => credentials.destroyCredentials(tenant, mine.connectionId, { allBut: null }),
  insertOrganization: (tenant) => insertOrganization(tenant, { id: second, name: 'x' }),
  lockLivingOrganizations: async (tenant) => expect(await lockLivingOrganizations(tenant, [second])).toEqual([second]),
  syncSites: (tenant) => syncSites(tenant, mine.connectionId, [{ id: '1', name: 'x', state: 'x', activeLicenses: 9 }]),
  refreshDiscardSpans: (tenant) => refreshDiscardSpans(tenant, mine.connectionId, ['9']),
  writeMapping: (tenant) =>
    mappings.writeMapping(tenant, {
      connectionId: mine.connectionId,
      version: 9,
      changes: [{ siteId: '1', organizationId: null }],
      commandId: 'x',
    }),
  unknownSites: async (tenant) =>
    expect(await mappings.unknownSites(tenant, mine.connectionId, [{ siteId: '1', organizationId: null }])).toEqual([
      '1',
    ]),
  saveAgents: (tenant) => saveAgents(tenant, mine.connectionId, [{ agentId: 'gone', siteId: '1' }]),
  staleAgents: async (tenant) => expect(await staleAgents(tenant, mine.connectionId, ['gone'])).toEqual(['gone']),
  saveActivityTypes: (tenant) => saveActivityTypes(tenant, mine.connectionId, [{ activityType: 7, name: 'x' }]),
  queueBackfill: (tenant) =>
    backfills.queueBackfill(tenant, { connectionId: mine.connectionId, kind: 'requested', window: WINDOW }),
  markRunning: (tenant) => backfills.markRunning(tenant, backfill),
  finishBackfill: (tenant) => backfills.finishBackfill(tenant, backfill, { state: 'done' }),
  cancelBackfills: (tenant) => backfills.cancelBackfills(tenant, mine.connectionId),
  countBackfillFailure: (tenant) => backfills.countBackfillFailure(tenant, backfill, 'x'),
  clearBackfillFailures: (tenant) => backfills.clearBackfillFailures(tenant, backfill),
  liveCheckpoint: (tenant) => liveCheckpoint(tenant, mine.connectionId),
  advanceCheckpoint: (tenant) =>
    advanceCheckpoint(
      tenant,
      { connectionId: mine.connectionId, kind: 'live', slice: 'live', version: 1, watermark: null },
      { watermark: '2031-01-01T00:00:00Z' },
    ),
  once: (tenant) =>
    once(tenant, { connectionId: mine.connectionId, commandId: 'c', kind: 'pause' }, () => Promise.resolve({})),
  addToTimeline: (tenant) => addToTimeline(tenant, { connectionId: mine.connectionId, kind: 'x', outcome: 'x' }),
  recordLicenseCounts: (tenant) =>
    recordLicenseCounts(tenant, mine.connectionId, [{ siteId: '1', activeLicenses: 99 }]),
};

/** Everything the account has, in one number. */
async function fingerprint(client: Pick<Tenant['client'], 'query'>, accountId: string): Promise<string> {
  const hash = createHash('sha256');
  for (const table of TENANT_TABLES) {
    const { rows } = await client.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${table} t where account_id = $1 order by 1`,
      [accountId],
    );
    for (const { row } of rows) hash.update(`${table} ${row}\n`);
  }
  return hash.digest('hex');
}

class RolledBack extends Error {}

test.each(Object.keys(WRITES))('%s changes nothing of another account, as the api and as the owner', async (name) => {
  const write = WRITES[name] as (tenant: Tenant) => Promise<unknown>;
  const before = await fingerprint(store.owner.pool, mine.accountId);
  for (const database of [store.api, store.owner]) {
    const attempt = withTenant(database, other.accountId, 'all', async (tenant) => {
      await write(tenant);
      await tenant.client.query('set local role none'); // to look, from inside the transaction, with the owner's eyes
      expect(await fingerprint(tenant.client, mine.accountId)).toBe(before);
      throw new RolledBack();
    });
    // Refused or without effect; both are right.
    await attempt.catch((error: unknown) => {
      const isRefusal = sqlState(error) !== null || error instanceof CheckpointConflict || error instanceof RolledBack;
      if (!isRefusal) throw error;
    });
  }
});
