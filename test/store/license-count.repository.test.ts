import { describe, expect, test } from 'vitest';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import { aConnection, anAccount, anOrganization, aSite, type ConnectionRef, remap } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

describe('license counts', () => {
  const countsOf = ({ accountId }: ConnectionRef) =>
    query<object>(
      `select site_id, organization_id, first_count, last_count, peak_count from license_counts
        where account_id = $1 order by site_id, first_at`,
      [accountId],
    );
  const read = (connection: ConnectionRef, ...readings: [string, number | null][]) =>
    as(connection, (tenant) =>
      recordLicenseCounts(
        tenant,
        connection.connectionId,
        readings.map(([siteId, activeLicenses]) => ({ siteId, activeLicenses })),
      ),
    );

  test('keep the first, the last and the peak of a day; null is a missing reading', async () => {
    const connection = await aConnection(store.owner);
    for (const siteId of ['1', '2']) await aSite(store.owner, connection, { siteId });
    expect(await read(connection, ['1', 5], ['2', null])).toBe(1);
    expect(await read(connection, ['1', 9], ['2', 0])).toBe(2);
    expect(await read(connection, ['1', null], ['2', null])).toBe(0);
    expect(await read(connection, ['1', 7])).toBe(1);
    expect(await countsOf(connection)).toEqual([
      { site_id: '1', organization_id: null, first_count: 5, last_count: 7, peak_count: 9 },
      { site_id: '2', organization_id: null, first_count: 0, last_count: 0, peak_count: 0 },
    ]);
  });

  test('are kept apart by the organization that had the site, also within a day', async () => {
    const connection = await aConnection(store.owner);
    const organizations = [
      await anOrganization(store.owner, connection),
      await anOrganization(store.owner, connection),
    ];
    await aSite(store.owner, connection, { siteId: '1' });
    for (const [index, organizationId] of [
      null,
      organizations[0] ?? null,
      organizations[1] ?? null,
      organizations[0] ?? null,
    ].entries()) {
      await remap(store.owner, connection, [{ siteId: '1', organizationId }]);
      await read(connection, ['1', 10 + index]);
    }
    expect(await countsOf(connection)).toEqual([
      { site_id: '1', organization_id: null, first_count: 10, last_count: 10, peak_count: 10 },
      { site_id: '1', organization_id: organizations[0], first_count: 11, last_count: 13, peak_count: 13 },
      { site_id: '1', organization_id: organizations[1], first_count: 12, last_count: 12, peak_count: 12 },
    ]);
  });

  test.each(['Pacific/Kiritimati', 'Etc/GMT+12', 'UTC'])('belong to the day that it is in %s', async (timeZone) => {
    const account = await anAccount(store.owner, { timeZone });
    const connection = await aConnection(store.owner, { account });
    await aSite(store.owner, connection, { siteId: '1' });
    const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date());
    const days = [today()];
    await read(connection, ['1', 1]);
    days.push(today()); // midnight may have passed
    const [row] = await query<{ day: string }>('select day from license_counts where account_id = $1', [
      account.accountId,
    ]);
    expect(days).toContain(row?.day);
  });
});
