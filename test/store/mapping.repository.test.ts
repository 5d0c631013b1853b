import { describe, expect, test } from 'vitest';
import { countSites, syncSites } from '../../src/store/connections/site.repository.js';
import { aConnection, anOrganization, aSite, remap } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

describe('a mapping', () => {
  test('is replaced site by site and remembered version by version', async () => {
    const connection = await aConnection(store.owner);
    const [a, b] = [await anOrganization(store.owner, connection), await anOrganization(store.owner, connection)];
    for (const siteId of ['1', '2', '3']) await aSite(store.owner, connection, { siteId });
    await remap(store.owner, connection, [
      { siteId: '1', organizationId: a },
      { siteId: '2', organizationId: a },
    ]);
    await remap(store.owner, connection, [
      { siteId: '1', organizationId: b },
      { siteId: '2', organizationId: null },
      { siteId: '3', organizationId: null },
    ]);
    const { accountId } = connection;
    expect(
      await query('select site_id, organization_id from site_mappings where account_id = $1', [accountId]),
    ).toEqual([{ site_id: '1', organization_id: b }]);
    const history = await query<{ committed_at: string }>(
      'select version, site_id, organization_id, committed_at from mapping_history where account_id = $1 order by version, site_id',
      [accountId],
    );
    expect(history).toMatchObject([
      { version: 0, site_id: null, organization_id: connection.organizationId },
      { version: 1, site_id: '1', organization_id: a },
      { version: 1, site_id: '2', organization_id: a },
      { version: 2, site_id: '1', organization_id: b },
      { version: 2, site_id: '2', organization_id: null },
      { version: 2, site_id: '3', organization_id: null },
    ]);
    const times = history.map((row) => row.committed_at);
    expect(times).toEqual(times.toSorted());
  });

  test('of more sites than a statement has parameters for is one change', async () => {
    const connection = await aConnection(store.owner);
    const { organizationId } = connection;
    const siteIds = Array.from({ length: 12_000 }, (_, index) => String(index));
    await as(connection, (tenant) =>
      syncSites(
        tenant,
        connection.connectionId,
        siteIds.map((id) => ({ id, name: id, state: 'active', activeLicenses: 1 })),
      ),
    );
    await remap(
      store.owner,
      connection,
      siteIds.map((siteId) => ({ siteId, organizationId })),
    );
    expect(await as(connection, (tenant) => countSites(tenant, connection.connectionId))).toEqual({
      total: 12_000,
      mapped: 12_000,
    });
  });
});
