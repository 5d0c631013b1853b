// Repositories name the tenant themselves: each is called with another account's ids, as the api, whom row-level
// security binds as well, and as the owner, whom nothing else would hold back.
import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import {
  addAgents,
  movedAgents,
  saveAgents,
  staleAgents,
  unresolvedAgents,
} from '../../src/store/collecting/agent.repository.js';
import type { BackfillRow } from '../../src/store/collecting/backfill.repository.js';
import * as backfills from '../../src/store/collecting/backfill.repository.js';
import { advanceCheckpoint, liveCheckpoint, openSlices } from '../../src/store/collecting/checkpoint.repository.js';
import { countLedger, ledgerOfAgents } from '../../src/store/collecting/discard.repository.js';
import {
  activityTypesAgeHours,
  readTypeNames,
  saveActivityTypes,
} from '../../src/store/connections/activity-type.repository.js';
import { findCommand, once } from '../../src/store/connections/command.repository.js';
import * as connections from '../../src/store/connections/connection.repository.js';
import { findConnectionView, listConnectionViews } from '../../src/store/connections/connection-view.repository.js';
import * as credentials from '../../src/store/connections/credential.repository.js';
import * as mappings from '../../src/store/connections/mapping.repository.js';
import { countSites, listSites, refreshDiscardSpans, syncSites } from '../../src/store/connections/site.repository.js';
import { addToTimeline } from '../../src/store/connections/timeline.repository.js';
import { CheckpointConflict } from '../../src/store/errors.js';
import {
  insertOrganization,
  listOrganizations,
  lockLivingOrganizations,
} from '../../src/store/people/organization.repository.js';
import { sqlState } from '../../src/store/pg-errors.js';
import { type Tenant, withTenant } from '../../src/store/tenant.js';
import { type ConnectionRef } from '../support/builders.js';
import { TENANT_TABLES, twoTenants, WINDOW } from './support/two-tenants.js';
import { useStore } from './support/use-store.js';

const store = useStore();

let mine: ConnectionRef;
let other: ConnectionRef;
let second: string;
let backfill: BackfillRow;
let credentialId: string;

beforeAll(async () => void ({ mine, other, second, backfill, credentialId } = await twoTenants(store)));

/** Each repository function on the rows of `mine`, as somebody else. */
const READS: Record<string, (tenant: Tenant) => Promise<unknown>> = {
  findConnection: (tenant) => connections.findConnection(tenant, mine.connectionId),
  findConnectionView: (tenant) => findConnectionView(tenant, mine.connectionId),
  listConnectionViews: async (tenant) =>
    (await listConnectionViews(tenant, { after: null, limit: 100 })).filter((row) => row.id === mine.connectionId),
  findCredential: (tenant) => credentials.findCredential(tenant, mine.connectionId, credentialId),
  findConnectionWithToken: (tenant) => credentials.findConnectionWithToken(tenant, mine.connectionId, credentialId),
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
      defaultOrganizationId: other.organizationId,
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
  changeSettings: (tenant) => connections.changeSettings(tenant, mine.connectionId, { pollIntervalSeconds: 99 }),
  renameConnection: (tenant) => connections.renameConnection(tenant, mine.connectionId, 'x'),
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
  'syncSites of an empty list': (tenant) => syncSites(tenant, mine.connectionId, []),
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
  addAgents: async (tenant) =>
    expect(await addAgents(tenant, mine.connectionId, [{ agentId: 'gone', siteId: '1' }])).toEqual([]),
  movedAgents: async (tenant) =>
    expect(await movedAgents(tenant, mine.connectionId, [{ agentId: 'gone', siteId: 'elsewhere', ageMs: 0 }])).toEqual(
      [],
    ),
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
  const { rows } = await store.api.pool.query<{ role: string }>('select current_user as role');
  for (const role of [rows[0]?.role, 'none']) {
    const attempt = withTenant(store.owner, other.accountId, 'all', async (tenant) => {
      await tenant.client.query(`set local role ${role}`);
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
