import { describe, expect, test } from 'vitest';
import { countSites, listSites, refreshDiscardSpans, syncSites } from '../../src/store/connections/site.repository.js';
import { aConnection, anActivity, type ConnectionRef, remap } from '../support/builders.js';
import { discard } from './support/ledgers.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

describe('sites', () => {
  const listed = (id: string, name: string | null = `Site ${id}`, state = 'active') => ({
    id,
    name,
    state,
    activeLicenses: 3,
  });
  const sync = (connection: ConnectionRef, ...sites: Parameters<typeof syncSites>[2][number][]) =>
    as(connection, (tenant) => syncSites(tenant, connection.connectionId, sites));
  const show = async (connection: ConnectionRef) =>
    (await as(connection, (tenant) => listSites(tenant, connection.connectionId))).map((site) => [
      site.siteId,
      site.siteName,
      site.state,
      site.organizationId,
    ]);

  test('that SentinelOne no longer lists are deleted here but keep their name and mapping, and come back', async () => {
    const connection = await aConnection(store.owner);
    const { organizationId } = connection;
    await sync(connection, listed('1'), listed('2'), listed('3'));
    await remap(store.owner, connection, [{ siteId: '2', organizationId }]);
    await sync(connection, listed('1', 'Renamed'), listed('1', 'Renamed again'));
    expect(await show(connection)).toEqual([
      ['1', 'Renamed again', 'active', null],
      ['2', 'Site 2', 'deleted', organizationId],
      ['3', 'Site 3', 'deleted', null],
    ]);
    const totals = () => as(connection, (tenant) => countSites(tenant, connection.connectionId));
    expect(await totals()).toEqual({ total: 2, mapped: 1 });
    await sync(connection, listed('1'), listed('2', null, 'expired'), listed('3'));
    expect(await show(connection)).toEqual([
      ['1', 'Site 1', 'active', null],
      ['2', 'Site 2', 'expired', organizationId],
      ['3', 'Site 3', 'active', null],
    ]);
    expect(await totals()).toEqual({ total: 3, mapped: 1 });
  });

  test('have their discard counters put right from the ledger', async () => {
    const connection = await aConnection(store.owner);
    await discard(store.owner, connection, { siteId: '1' }, { siteId: '1' }, { siteId: '1' }, { siteId: '2' });
    await query('update sites set discarded_count = 99 where account_id = $1', [connection.accountId]);
    await query('delete from discards where account_id = $1 and activity_id = any ($2)', [
      connection.accountId,
      [anActivity(0).id, anActivity(3).id],
    ]);
    await as(connection, (tenant) => refreshDiscardSpans(tenant, connection.connectionId, ['1', '2']));
    const sites = await as(connection, (tenant) => listSites(tenant, connection.connectionId));
    expect(sites.map((site) => site.discarded)).toEqual([
      { count: 2, first: anActivity(1).createdAt, last: anActivity(2).createdAt },
      { count: 0, first: null, last: null },
    ]);
  });
});
