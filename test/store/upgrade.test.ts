// A database that the build before the api's login role made and filled is migrated, and served under that role: a
// person gives the role's address and does nothing else.
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openApiDatabase } from '../../src/store/api-database.js';
import { openDatabase } from '../../src/store/database.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { migrateToLatest } from '../../src/store/migrate.js';
import type { Migrations } from '../../src/store/migrating/apply-missing.js';
import { listOrganizations } from '../../src/store/people/organization.repository.js';
import { makeApiLogin } from '../../src/store/roles/api-login.js';
import { isBound } from '../../src/store/roles/is-bound.js';
import { ensurePartitions } from '../../src/store/upkeep/partitions.js';
import { activities, aPage, asTenant } from '../support/builders.js';
import { createEmptyDatabase } from '../support/database.js';

const FOLDER = new URL('../../migrations/', import.meta.url);
/** The first migration of the build that gave the api a role of its own. */
const FIRST_OF_NEW_BUILD = '20261201T0900';

async function migrationsBefore(name: string): Promise<Migrations> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts') && file < name).sort();
  const found = await Promise.all(
    files.map(async (file) => [file.slice(0, -3), (await import(new URL(file, FOLDER).href)) as Migrations[string]]),
  );
  return Object.fromEntries(found) as Migrations;
}

test('a database of the build before is served under the login role, with all that it held', async () => {
  const store = await createEmptyDatabase();
  onTestFinished(() => store.drop());
  const earlier = await migrationsBefore(FIRST_OF_NEW_BUILD);
  expect(await migrateToLatest(store.url, { migrations: earlier })).toEqual(Object.keys(earlier));

  const owner = openDatabase({ url: store.url, maxConnections: 2 });
  const [accountId, organizationId, connectionId] = [randomUUID(), randomUUID(), randomUUID()];
  await ensurePartitions(owner, new Set(['2026-01']));
  await owner.pool.query(`insert into accounts (id, name) values ($1, 'Northwind')`, [accountId]);
  await owner.pool.query(`insert into organizations (account_id, id, name) values ($1, $2, 'Alder')`, [
    accountId,
    organizationId,
  ]);
  await owner.pool.query(
    `insert into connections (account_id, id, name, console_url, s1_account_id, default_organization_id, state,
                              poll_interval_seconds)
       values ($1, $2, 'North', 'https://north.sentinelone.net', '1', $3, 'active', 30)`,
    [accountId, connectionId, organizationId],
  );
  await owner.pool.query(
    `insert into mapping_history (account_id, connection_id, version, organization_id, committed_at, command_id)
       values ($1, $2, 0, $3, now(), 'create')`,
    [accountId, connectionId, organizationId],
  );
  await owner.pool.query(
    `insert into events (account_id, organization_id, connection_id, s1_account_id, activity_id, occurred_at, ingested_at,
                         mapping_version, event_kind, event_category, event_type, sanitized, activity)
       values ($1, $2, $3, '1', '7', '2026-01-15T09:00:00Z', now(), 0, 'event', '{}', '{}', false, '{}')`,
    [accountId, organizationId, connectionId],
  );

  const added = await migrateToLatest(store.url);
  expect(added.length).toBeGreaterThan(3);
  await makeApiLogin(store.url, store.apiUrl);
  const api = openApiDatabase({ url: store.apiUrl, maxConnections: 2 });
  onTestFinished(() => Promise.all([owner.close(), api.close()]).then(() => undefined));

  expect(await isBound(api)).toBe(true);
  const seen = await asTenant(api, accountId, async (tenant) => ({
    organizations: (await listOrganizations(tenant)).map(({ name }) => name),
    events: (await tenant.client.query<{ activity_id: string }>('select activity_id from events')).rows,
  }));
  expect(seen).toEqual({ organizations: ['Alder'], events: [{ activity_id: '7' }] });
  const stranger = await asTenant(api, randomUUID(), (tenant) => tenant.client.query('select from events'));
  expect(stranger.rowCount).toBe(0);

  const connection = { accountId, connectionId, organizationId, s1AccountId: '1' };
  await ingestPage(owner, await aPage(owner, connection, { activities: activities(0, 3) }));
  const after = await asTenant(api, accountId, (tenant) => tenant.client.query('select from events'));
  expect(after.rowCount).toBe(4);
});
