// A year of 400 sites in a real PostgreSQL: its statements are the oracle's, and it is read by an index. The plans are
// printed, because what they cost is worth reading.
import { beforeAll, describe, expect, test } from 'vitest';
import { createStatementService } from '../../src/api/statements/statement.service.js';
import { BILLING_BASES } from '../../src/domain/billing/billing-basis.js';
import { firstDayOf, lastDayOf } from '../../src/domain/billing/month.js';
import { countsStatement, readDailyCounts } from '../../src/store/billing/billing-facts.repository.js';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import {
  type CountFilter,
  listLicenseCounts,
  listStatement,
} from '../../src/store/billing/license-count-list.repository.js';
import { freezeStatement } from '../../src/store/billing/statement.repository.js';
import { type Tenant, withTenant } from '../../src/store/tenant.js';
import { askOracle } from '../support/billing/billing-oracle.js';
import {
  countsOfSite,
  hourAt,
  HOURS,
  MONTHS,
  NO_READING,
  simulateYear,
  TIME_ZONE,
} from '../support/billing/billing-year.js';
import { type StoredYear, storeYear } from '../support/billing/billing-year-store.js';
import { aConnection, anAccount, aSite, asTenant } from '../support/builders.js';
import { useStore } from './support/use-store.js';

/** On a machine that is busy with other tests. */
const SLOW_MS = 180_000;

const store = useStore();
const year = simulateYear();
let stored: StoredYear;

beforeAll(async () => {
  stored = await storeYear(store.owner, year);
  await store.owner.pool.query('analyze');
}, SLOW_MS);

const scope = () => ({ accountId: stored.accountId, organizationIds: 'all' }) as const;
const service = () => createStatementService({ database: store.api, now: () => '2029-01-20T00:00:00Z' });
const asApi = <T>(work: (tenant: Tenant) => Promise<T>) => withTenant(store.api, stored.accountId, 'all', work);

/** What a statement says, by the ids of the simulated year. */
async function linesOf(month: string): Promise<Record<string, number>> {
  const { organizations, unmapped } = await service().find(scope(), month);
  const lines = organizations.map(({ organizationId, sources }) => [stored.simulatedId(organizationId), sources]);
  return Object.fromEntries([...lines, ...(unmapped.sites.length > 0 ? [['nobody', unmapped.sources]] : [])]) as Record<
    string,
    number
  >;
}

describe.each(BILLING_BASES)('by %s', (basis) => {
  beforeAll(() =>
    store.owner.pool.query('update accounts set billing_basis = $2 where id = $1', [stored.accountId, basis]),
  );

  test(
    'every month’s statement is the oracle’s, to the unit',
    async () => {
      for (const month of MONTHS) expect(await linesOf(month)).toEqual(askOracle(year, month, basis).sources);
    },
    SLOW_MS,
  );
});

test('what was frozen is the same a year later, whatever was renamed since', async () => {
  const freeze = (tenant: Tenant) => freezeStatement(tenant, '2028-02');
  expect(await asTenant(store.owner, stored.accountId, freeze)).toBe(true);
  const before = await service().find(scope(), '2028-02');
  await store.owner.pool.query(`update sites set name = 'renamed ' || site_id where account_id = $1`, [
    stored.accountId,
  ]);
  await store.owner.pool.query(`update organizations set name = 'renamed ' || id where account_id = $1`, [
    stored.accountId,
  ]);
  expect(await service().find(scope(), '2028-02')).toEqual(before);
});

test('every hour of the year is on the day that it is in Berlin', async () => {
  const hours = Array.from({ length: HOURS }, (_, hour) => hourAt(hour));
  const { rows } = await store.owner.pool.query<{ day: string }>(
    'select billing_day($1, at) as day from unnest($2::timestamptz[]) with ordinality as hour (at, n) order by n',
    [stored.accountId, hours],
  );
  expect(rows.map(({ day }) => day)).toEqual(year.days);
});

test(
  'readings that come one by one, around both changes of the clock, leave the same rows',
  async () => {
    const account = await anAccount(store.owner, { timeZone: TIME_ZONE });
    const connection = await aConnection(store.owner, { account });
    const { accountId, connectionId } = connection;
    const sites = year.sites.filter(({ fromHour }) => fromHour === 0).slice(0, 8);
    for (const { siteId } of sites) await aSite(store.owner, connection, { siteId });
    const near = (hour: number) =>
      ['2028-03-2', '2028-10-2'].some((days) => year.days[hour]?.startsWith(days) === true);
    for (let hour = 0; hour < HOURS; hour++) {
      if (!near(hour)) continue;
      const readings = sites.map(({ siteId, count }) => {
        const licenses = count[hour] ?? NO_READING;
        return { siteId, activeLicenses: licenses === NO_READING ? null : licenses };
      });
      await asTenant(store.owner, accountId, (tenant) =>
        recordLicenseCounts(tenant, connectionId, readings, hourAt(hour)),
      );
    }
    const rows = await asTenant(store.owner, accountId, (tenant) =>
      readDailyCounts(tenant, '2028-01-01', '2028-12-31'),
    );
    const expected = sites.flatMap((site) =>
      countsOfSite(year, { ...site, owner: site.owner.map(() => -1) })
        .filter(({ day }) => ['2028-03-2', '2028-10-2'].some((days) => day.startsWith(days)))
        .map((row) => ({ ...row, connectionId })),
    );
    const inOrder = (list: readonly { siteId: string; day: string }[]) =>
      [...list].sort((a, b) => `${a.siteId} ${a.day}`.localeCompare(`${b.siteId} ${b.day}`));
    expect(inOrder(rows)).toEqual(inOrder(expected));
  },
  SLOW_MS,
);

const WHOLE_YEAR: CountFilter = {
  from: '2028-01-01',
  to: '2028-12-31',
  after: null,
  limit: 201,
  at: '2029-01-20T00:00:00Z',
};

describe('the year of 400 sites', () => {
  const plan = async (explained: (tenant: Tenant) => { sql: string; parameters: readonly unknown[] }) =>
    asApi(async (tenant) => {
      const { sql, parameters } = explained(tenant);
      const { rows } = await tenant.client.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, buffers off, timing off) ${sql}`,
        [...parameters],
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
  const expectIndexed = (name: string, text: string) => {
    console.log(`${name}\n${text}`);
    expect(text).toMatch(/license_counts/);
    expect(text).not.toMatch(/Seq Scan on license_counts/);
  };

  test.each<[string, Partial<CountFilter>]>([
    ['from its first page', {}],
    ['from its middle', { after: ['2028-06-30', 'ffffffff-ffff-4fff-8fff-ffffffffffff', '', ''] }],
    ['a thousand at once', { limit: 1_001 }],
    ['of one site', { siteId: 'site-7' }],
    ['of one organization', { organizationId: 'organization' }],
  ])('is listed %s without a sequential scan of the counts', async (name, filter) => {
    const organizationId =
      filter.organizationId === undefined ? {} : { organizationId: stored.idOf(year.organizations[3]?.id ?? '') };
    const statement = listStatement(stored.accountId, { ...WHOLE_YEAR, ...filter, ...organizationId });
    expectIndexed(`list of a year ${name}`, await plan(({ db }) => statement.compile(db)));
  });

  test.each([
    ['a year', '2028-01-01', '2028-12-31'],
    ['a month', firstDayOf('2028-02'), lastDayOf('2028-02')],
  ])('is read for statements, %s at once, without a sequential scan of the counts', async (name, from, to) => {
    const text = await plan(({ db }) => countsStatement(stored.accountId, from, to).compile(db));
    expectIndexed(`counts of ${name}`, text);
  });

  test(
    'is listed page by page as all in one, with each missing day once',
    async () => {
      const filter = { ...WHOLE_YEAR, from: '2028-05-10', to: '2028-05-25' };
      const all = await asApi((tenant) => listLicenseCounts(tenant, { ...filter, limit: 200_000 }));
      const paged: typeof all = [];
      for (let after: CountFilter['after'] = null; ;) {
        const page = await asApi((tenant) => listLicenseCounts(tenant, { ...filter, after, limit: 333 }));
        paged.push(...page);
        const last = page.at(-1);
        if (page.length < 333 || last === undefined) break;
        after = [last.day, last.connectionId, last.siteId, last.organizationId ?? ''];
      }
      expect(paged).toEqual(all);
      const cells = all
        .filter(({ missing, ownsDay }) => missing || ownsDay)
        .map((row) => `${row.day} ${row.connectionId} ${row.siteId}`);
      expect(new Set(cells).size).toBe(cells.length);
      expect(all.filter(({ missing }) => missing).length).toBeGreaterThan(8 * 100); // the outage
      expect(all.some(({ missing, ownsDay }) => !missing && !ownsDay)).toBe(true);
    },
    SLOW_MS,
  );

  test('lists exactly the days that its statement calls missing', async () => {
    const { organizations, unmapped } = await service().find(scope(), '2028-05');
    const sites = [...organizations.flatMap((line) => line.sites), ...unmapped.sites];
    const stated = sites.flatMap(({ connectionId, siteId, missingDays }) =>
      missingDays.map((day) => `${day} ${connectionId} ${siteId}`),
    );
    const rows = await asApi((tenant) =>
      listLicenseCounts(tenant, { ...WHOLE_YEAR, from: '2028-05-01', to: '2028-05-31', limit: 200_000 }),
    );
    const listed = rows.filter(({ missing }) => missing).map((row) => `${row.day} ${row.connectionId} ${row.siteId}`);
    expect(listed.sort()).toEqual([...new Set(stated)].sort());
  });
});
