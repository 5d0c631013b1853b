// One connection that is ready to collect: validated, its sites read and each mapped to an organization of its own.
// Made by the product's own activities on an empty database.
import { randomUUID } from 'node:crypto';
import type { ConnectionRef } from '../../activities/contract.js';
import { type Activities, createActivities, type Deps } from '../../activities/index.js';
import type { Window } from '../../src/domain/collecting/windows.js';
import { toInstant } from '../../src/domain/instant.js';
import { lastFour, Secret } from '../../src/domain/secret.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { insertConnection } from '../../src/store/connections/connection.repository.js';
import { insertPendingCredential } from '../../src/store/connections/credential.repository.js';
import { listSites } from '../../src/store/connections/site.repository.js';
import type { Database } from '../../src/store/database.js';
import { insertOrganization } from '../../src/store/people/organization.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { runActivity } from '../harness/run-activity.js';

export interface Console {
  readonly url: string;
  readonly token: string;
}

export async function connect(deps: Deps, console: Console, history: Window): Promise<ConnectionRef> {
  const { database } = deps;
  const ref = { accountId: randomUUID(), connectionId: randomUUID() };
  await database.kysely
    .insertInto('accounts')
    .values({ id: ref.accountId, name: 'Benchmark', timeZone: 'UTC' })
    .execute();
  const defaultOrganizationId = await organization(database, ref.accountId, 'default');
  await insert(deps, ref, { console, history, defaultOrganizationId });
  const activities = createActivities(deps);
  const verdict = await runActivity(() => activities.validateConnection({ ...ref, commandId: 'validate' }));
  if (verdict.verdict === 'refused') throw new Error(`the connection was refused: ${verdict.code}`);
  await runActivity(() => activities.syncSites(ref));
  await mapSites(deps, activities, ref);
  const active = { ...ref, state: 'active', stateSeq: 1, pauseReasons: [], cause: 'benchmark' } as const;
  await runActivity(() => activities.projectStatus(active));
  return ref;
}

/** Queues the window to be collected, as the live poll does with history. */
export const queueHistory = (database: Database, { accountId, connectionId }: ConnectionRef, window: Window) =>
  withTenant(database, accountId, 'all', (tenant) => queueBackfill(tenant, { connectionId, kind: 'history', window }));

async function insert(
  { database, cipher }: Deps,
  ref: ConnectionRef,
  of: { readonly console: Console; readonly history: Window; readonly defaultOrganizationId: string },
): Promise<void> {
  const { accountId, connectionId } = ref;
  const { console, history, defaultOrganizationId } = of;
  const credentialId = randomUUID();
  const token = new Secret(console.token);
  const tokenJwe = await cipher.encrypt(token, ref);
  await withTenant(database, accountId, 'all', async (tenant) => {
    await insertConnection(tenant, {
      id: connectionId,
      name: 'Benchmark',
      consoleUrl: console.url,
      defaultOrganizationId,
      collectFrom: toInstant(history.fromMicros),
      pollIntervalSeconds: 30,
      credentialId,
    });
    await insertPendingCredential(tenant, { id: credentialId, connectionId, tokenJwe, lastFour: lastFour(token) });
  });
}

async function mapSites({ database }: Deps, activities: Activities, ref: ConnectionRef): Promise<void> {
  const sites = await withTenant(database, ref.accountId, 'all', (tenant) => listSites(tenant, ref.connectionId));
  const changes = [];
  for (const { siteId } of sites) {
    changes.push({ siteId, organizationId: await organization(database, ref.accountId, siteId) });
  }
  const command = { ...ref, commandId: 'map', version: 0, changes, collectDiscarded: false };
  await runActivity(() => activities.applyMapping(command));
}

async function organization(database: Database, accountId: string, name: string): Promise<string> {
  const id = randomUUID();
  await withTenant(database, accountId, 'all', (tenant) => insertOrganization(tenant, { id, name }));
  return id;
}
