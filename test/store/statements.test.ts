// Counts, settings and statements in a real PostgreSQL: which day a reading belongs to, what a frozen statement
// resists, and what its api may see.
import { beforeEach, describe, expect, test } from 'vitest';
import { createAccountSettingsService } from '../../src/api/accounts/account-settings.service.js';
import { createOperatorReport } from '../../src/api/billing/operator-report.js';
import { operator } from '../../src/api/http/request-facts.js';
import { createStatementService } from '../../src/api/statements/statement.service.js';
import { canonicalJson } from '../../src/domain/json/canonical-json.js';
import {
  billingDay,
  billingSettingsFor,
  changeBillingSettings,
  newestBegunMonth,
} from '../../src/store/billing/billing-settings.repository.js';
import { dueMonths } from '../../src/store/billing/freeze-due.repository.js';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import { listLicenseCounts } from '../../src/store/billing/license-count-list.repository.js';
import {
  computeStatement,
  findStatement,
  freezeStatement,
  reviseStatement,
  statementSha256,
} from '../../src/store/billing/statement.repository.js';
import { projectState } from '../../src/store/connections/connection.repository.js';
import { syncSites } from '../../src/store/connections/site.repository.js';
import { sqlState } from '../../src/store/pg-errors.js';
import { type Tenant, withTenant } from '../../src/store/tenant.js';
import {
  aConnection,
  anAccount,
  anOrganization,
  aSite,
  asTenant,
  type ConnectionRef,
  remap,
} from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();

let connection: ConnectionRef;
let second: string;

const as = <T>(work: (tenant: Tenant) => Promise<T>): Promise<T> => asTenant(store.owner, connection.accountId, work);
const read = (at: string, counts: Readonly<Record<string, number>>) =>
  as((tenant) =>
    recordLicenseCounts(
      tenant,
      connection.connectionId,
      Object.entries(counts).map(([siteId, activeLicenses]) => ({ siteId, activeLicenses })),
      at,
    ),
  );
const age = (at: string) =>
  store.owner.pool
    .query('update connections set created_at = $2 where account_id = $1', [connection.accountId, at])
    .then(() =>
      store.owner.pool.query('update sites set first_seen_at = $2 where account_id = $1', [connection.accountId, at]),
    );

async function aMonth(timeZone = 'UTC'): Promise<void> {
  connection = await aConnection(store.owner, { account: await anAccount(store.owner, { timeZone }) });
  second = await anOrganization(store.owner, connection);
  await aSite(store.owner, connection, { siteId: '1', organizationId: connection.organizationId });
  await aSite(store.owner, connection, { siteId: '2', organizationId: second });
  await aSite(store.owner, connection, { siteId: '3' });
  await age('2026-01-31T12:00:00Z');
}

describe('a reading', () => {
  beforeEach(() => aMonth('America/New_York'));

  test.each([
    ['2026-03-01T04:59:59Z', '2026-02-28'],
    ['2026-03-01T05:00:00Z', '2026-03-01'],
    ['2026-03-08T04:59:59Z', '2026-03-07'],
    ['2026-03-09T03:59:59Z', '2026-03-08'],
    ['2026-03-09T04:00:00Z', '2026-03-09'],
  ])('at %s belongs to %s in New York', async (at, day) => {
    await read(at, { 1: 4 });
    const { rows } = await store.owner.pool.query('select day, last_at from license_counts where account_id = $1', [
      connection.accountId,
    ]);
    expect(rows).toEqual([{ day, last_at: at.replace('Z', '.000000Z') }]);
  });
});

describe('a change of basis or zone', () => {
  beforeEach(() => aMonth('UTC'));

  test('applies from the next month, and the last of a month counts', async () => {
    const month = (at: string) => as((tenant) => billingSettingsFor(tenant, at));
    expect(await month('2026-05')).toEqual({ basis: 'closing', timeZone: 'UTC' });
    await as((tenant) => changeBillingSettings(tenant, { basis: 'peak' }, '2026-02'));
    await as((tenant) => changeBillingSettings(tenant, { basis: 'average', timeZone: 'Asia/Tokyo' }, '2026-02'));
    await store.owner.pool.query(
      `update accounts set billing_basis = 'average', time_zone = 'Asia/Tokyo' where id = $1`,
      [connection.accountId],
    );
    await as((tenant) => changeBillingSettings(tenant, { basis: 'closing' }, '2026-04'));
    expect(await Promise.all(['2025-12', '2026-02', '2026-03', '2026-04', '2026-05'].map(month))).toEqual([
      { basis: 'closing', timeZone: 'UTC' },
      { basis: 'closing', timeZone: 'UTC' },
      { basis: 'average', timeZone: 'Asia/Tokyo' },
      { basis: 'average', timeZone: 'Asia/Tokyo' },
      { basis: 'closing', timeZone: 'Asia/Tokyo' },
    ]);
  });

  test.each([
    ['Asia/Tokyo', ['2026-02-28T14:59:59Z', '2026-02-28T15:00:00Z']],
    ['America/New_York', ['2026-02-28T23:59:59Z', '2026-03-01T00:00:00Z']],
  ])('to %s has each instant on one day, and days never go back', async (timeZone, [before = '', after = '']) => {
    await as((tenant) => changeBillingSettings(tenant, { timeZone }, '2026-02'));
    const day = (at: string) => as((tenant) => billingDay(tenant, at));
    expect([await day(before), await day(after)]).toEqual(['2026-02-28', '2026-03-01']);
    let last = '';
    for (let hour = 0; hour < 72; hour++) {
      const next = await day(new Date(Date.parse('2026-02-27T12:00:00Z') + hour * 3_600_000).toISOString());
      expect(next >= last).toBe(true);
      last = next;
    }
  });

  test.each([
    ['Pacific/Kiritimati', '2026-11-30T09:59:59Z', '2026-11'],
    ['Pacific/Kiritimati', '2026-11-30T10:00:00Z', '2026-12'],
    ['Pacific/Pago_Pago', '2026-12-01T05:00:00Z', '2026-12'],
    ['UTC', '2026-11-30T23:59:59Z', '2026-11'],
  ])('to %s at %s begins after %s, the newest month that has begun in either zone', async (timeZone, at, month) => {
    expect(await as((tenant) => newestBegunMonth(tenant, timeZone, at))).toBe(month);
  });

  test('takes the place of changes that nobody was billed by, in what it says', async () => {
    const month = (of: string) => as((tenant) => billingSettingsFor(tenant, of));
    // December has begun in Kiritimati and nowhere else.
    const service = createAccountSettingsService({ database: store.owner, now: () => '2026-11-30T12:00:00Z' });
    const change = (settings: Parameters<typeof service.change>[1]) =>
      service.change(operator(connection.accountId, 'test'), settings);
    await change({ timeZone: 'Pacific/Kiritimati' });
    expect(await month('2026-12')).toEqual({ basis: 'closing', timeZone: 'UTC' });
    expect(await month('2027-01')).toEqual({ basis: 'closing', timeZone: 'Pacific/Kiritimati' });
    await change({ billingBasis: 'peak' });
    expect(await month('2026-12')).toEqual({ basis: 'peak', timeZone: 'UTC' });
    expect(await month('2027-01')).toEqual({ basis: 'peak', timeZone: 'Pacific/Kiritimati' });
    await change({ timeZone: 'UTC' });
    expect(await Promise.all(['2026-11', '2026-12', '2027-01'].map(month))).toEqual([
      { basis: 'closing', timeZone: 'UTC' },
      { basis: 'peak', timeZone: 'UTC' },
      { basis: 'peak', timeZone: 'UTC' },
    ]);
  });

  test('is the account’s own, also for the api', async () => {
    await as((tenant) => changeBillingSettings(tenant, { basis: 'peak' }, '2026-02'));
    const stranger = await anAccount(store.owner);
    const rows = await withTenant(store.api, stranger.accountId, 'all', ({ db }) =>
      db.selectFrom('billingSettings').selectAll().execute(),
    );
    expect(rows).toEqual([]);
    await withTenant(store.api, connection.accountId, 'all', (tenant) =>
      changeBillingSettings(tenant, { basis: 'average' }, '2026-02'),
    );
    expect(await as((tenant) => billingSettingsFor(tenant, '2026-03'))).toMatchObject({ basis: 'average' });
  });
});

describe('a statement', () => {
  const NOW = '2026-03-02T00:00:00Z';

  beforeEach(async () => {
    await aMonth();
    await read('2026-02-01T10:00:00Z', { 1: 5, 2: 7, 3: 2 });
    await read('2026-02-27T10:00:00Z', { 1: 6, 2: 8 });
  });

  const freeze = () => as((tenant) => freezeStatement(tenant, '2026-02'));
  const find = (revision?: number) => as((tenant) => findStatement(tenant, '2026-02', revision));

  test('bills mapped sites, lists the others, and marks what was not read', async () => {
    const content = await as((tenant) => computeStatement(tenant, '2026-02', NOW));
    expect(content).toMatchObject({ total: 14, unmapped: { sources: 2, sites: [{ siteId: '3' }] } });
    expect(content.organizations.map(({ sources }) => sources).sort()).toEqual([6, 8]);
    expect(content.unmapped.sites[0]?.missingDays).toHaveLength(27);
  });

  test('knows when a site or its connection ended', async () => {
    const site = (id: string, state: string) => ({ id, name: id, state, activeLicenses: 1 });
    await as((tenant) =>
      syncSites(tenant, connection.connectionId, [site('1', 'active'), site('2', 'deleted'), site('4', 'deleted')]),
    );
    await store.owner.pool.query(
      `update sites set deleted_at = '2026-02-10T00:00:00Z' where account_id = $1 and deleted_at > first_seen_at`,
      [connection.accountId],
    );
    const missing = async () => {
      const { organizations, unmapped } = await as((tenant) => computeStatement(tenant, '2026-02', NOW));
      const sites = [...organizations.flatMap((line) => line.sites), ...unmapped.sites];
      return Object.fromEntries(sites.map(({ siteId, missingDays }) => [siteId, missingDays.length]));
    };
    expect(await missing()).toEqual({ 1: 26, 2: 9, 3: 9 }); // the fourth was deleted before anybody saw it
    await as((tenant) =>
      projectState(tenant, connection.connectionId, {
        stateSeq: 9,
        state: 'disconnected',
        pauseReasons: [],
        cause: 'test',
      }),
    );
    await store.owner.pool.query(
      `update connections set ended_at = '2026-02-03T00:00:00Z' where account_id = $1 and ended_at is not null`,
      [connection.accountId],
    );
    expect(await missing()).toEqual({ 1: 2, 2: 2, 3: 2 });
  });

  test('misses nothing of a site that was away between its end and its return', async () => {
    const site = (id: string, state = 'active') => ({ id, name: id, state, activeLicenses: 1 });
    const sync = (...sites: Parameters<typeof syncSites>[2][number][]) =>
      as((tenant) => syncSites(tenant, connection.connectionId, sites));
    await sync(site('1'), site('2'), site('4', 'deleted'));
    await sync(site('1'), site('4', 'deleted'));
    // The second was away from 10 to 20 February; the fourth was deleted when it was first seen, and is no more.
    await sync(site('1'), site('2'), site('4'));
    const change = (statement: string) => store.owner.pool.query(statement, [connection.accountId]);
    await change(`update sites set first_seen_at = '2026-01-31T12:00:00Z' where site_id = '4' and account_id = $1`);
    await change(`update site_absences set gone_at = '2026-02-10T08:00:00Z', returned_at = '2026-02-20T08:00:00Z'
                   where site_id = '2' and account_id = $1`);
    await change(`update site_absences set gone_at = '2026-01-31T12:00:00Z', returned_at = '2026-02-20T08:00:00Z'
                   where site_id = '4' and account_id = $1`);
    const { organizations, unmapped } = await as((tenant) => computeStatement(tenant, '2026-02', NOW));
    const sites = new Map(
      [...organizations.flatMap((line) => line.sites), ...unmapped.sites].map((s) => [s.siteId, s]),
    );
    const days = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, n) => `2026-02-${String(from + n).padStart(2, '0')}`);
    expect(sites.get('1')?.missingDays).toEqual([...days(2, 26), '2026-02-28']);
    expect(sites.get('2')?.missingDays).toEqual([...days(2, 10), ...days(20, 26), '2026-02-28']);
    expect(sites.get('4')?.missingDays).toEqual(days(20, 28));
    const listed = await as((tenant) =>
      listLicenseCounts(tenant, {
        from: '2026-02-01',
        to: '2026-02-28',
        siteId: '2',
        after: null,
        limit: 100,
        at: NOW,
      }),
    );
    expect(listed.filter(({ missing }) => missing).map(({ day }) => day)).toEqual(sites.get('2')?.missingDays);
  });

  test('is frozen once, whoever comes first, with the names of that time', async () => {
    expect((await Promise.all([freeze(), freeze(), freeze()])).filter(Boolean)).toHaveLength(1);
    const frozen = await find();
    await store.owner.pool.query(
      `update organizations set name = 'Renamed', external_key = 'new' where account_id = $1 and id = $2`,
      [connection.accountId, second],
    );
    await remap(store.owner, connection, [{ siteId: '2', organizationId: null }]);
    expect(await freeze()).toBe(false);
    expect(await find()).toEqual(frozen);
    expect(frozen).toMatchObject({
      revision: 1,
      supersedes: null,
      total: 14,
      contentSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(statementSha256(frozen?.content as never)).toBe(frozen?.contentSha256);
  });

  test('is corrected by another revision that says what differs', async () => {
    expect(await as((tenant) => reviseStatement(tenant, '2026-02', 'none'))).toBeNull();
    await freeze();
    const frozen = await find();
    expect(await as((tenant) => reviseStatement(tenant, '2026-02', 'nothing new'))).toBeNull();
    await read('2026-02-28T10:00:00Z', { 1: 9 });
    const revised = await as((tenant) => reviseStatement(tenant, '2026-02', 'a reading was restored'));
    expect(revised).toMatchObject({
      revision: 2,
      supersedes: 1,
      total: 17,
      content: {
        correction: {
          supersedes: 1,
          reason: 'a reading was restored',
          totalBefore: 14,
          differences: [{ before: 6, after: 9 }],
        },
      },
    });
    expect(await as((tenant) => reviseStatement(tenant, '2026-02', 'again'))).toBeNull();
    expect(await find(1)).toEqual(frozen);
  });

  test.each([
    ['update statements set total = 0', '42501'],
    [`update statements set content = '{}' where month = '2026-02'`, '42501'],
    ['delete from statements', '42501'],
    ['truncate statements', '42501'],
    ['truncate statements, audit_log cascade', '42501'],
    [
      `insert into statements (account_id, month, revision, basis, time_zone, total, content, content_sha256)
        select account_id, month, revision, basis, time_zone, 0, '{}', content_sha256 from statements
        on conflict (account_id, month, revision) do update set total = 0`,
      '42501',
    ],
    [`merge into statements using (select 1) as one on true when matched then delete`, '42501'],
  ])('once frozen resists “%s” from everybody', async (statement, state) => {
    await freeze();
    const before = await find();
    const refused = (pool: Pick<typeof store.owner.pool, 'query'>) =>
      pool.query(statement).then(() => 'done', sqlState);
    expect(await refused(store.owner.pool)).toBe(state);
    const asApi = withTenant(store.api, connection.accountId, 'all', ({ client }) => client.query(statement)).then(
      () => 'done',
      sqlState,
    );
    expect(await asApi).toBe('42501');
    const client = await store.owner.pool.connect();
    try {
      await client.query(`set session_replication_role = 'replica'`); // which only a superuser may
      expect(await refused(client)).toBe(state);
    } finally {
      await client.query('reset session_replication_role');
      client.release();
    }
    expect(await find()).toEqual(before);
  });

  test('is read by its account alone, and added by no api', async () => {
    await freeze();
    const stranger = await anAccount(store.owner);
    const seenBy = (accountId: string, scope: 'all' | string[]) =>
      withTenant(store.api, accountId, scope, ({ client }) => client.query('select 1 from statements')).then(
        ({ rowCount }) => rowCount,
      );
    expect(await seenBy(connection.accountId, 'all')).toBe(1);
    expect(await seenBy(connection.accountId, [second])).toBe(0);
    expect(await seenBy(stranger.accountId, 'all')).toBe(0);
    const added = withTenant(store.api, connection.accountId, 'all', (tenant) => freezeStatement(tenant, '2026-01'));
    expect(await added.then(() => 'done', sqlState)).toBe('42501');
  });

  test('is the same for the api as for whoever freezes it', async () => {
    const ofApi = await withTenant(store.api, connection.accountId, 'all', (tenant) =>
      computeStatement(tenant, '2026-02', NOW),
    );
    await freeze();
    expect(canonicalJson((await find())?.content)).toBe(canonicalJson(ofApi));
  });

  test('falls due some hours after the month has ended in the account’s zone, also when that was long ago', async () => {
    const due = async (at: string) =>
      (await dueMonths(store.owner, at))
        .filter(({ accountId }) => accountId === connection.accountId)
        .map(({ month }) => month);
    expect(await due('2026-03-01T05:59:00Z')).toEqual([]);
    expect(await due('2026-03-01T06:00:00Z')).toEqual(['2026-02']);
    await freeze();
    expect(await due('2026-05-15T00:00:00Z')).toEqual(['2026-03', '2026-04']);
    await store.owner.pool.query(`update accounts set time_zone = 'America/Los_Angeles' where id = $1`, [
      connection.accountId,
    ]);
    expect(await due('2026-04-01T12:59:00Z')).toEqual([]);
    expect(await due('2026-04-01T13:00:00Z')).toEqual(['2026-03']);
  });

  test('is seen by whoever operates the product, for every account', async () => {
    await freeze();
    const report = createOperatorReport({ database: store.owner, now: () => NOW });
    const mine = (await report.billedAccounts('2026-02')).find(({ accountId }) => accountId === connection.accountId);
    expect(mine).toMatchObject({
      state: 'frozen',
      revision: 1,
      billedSources: 14,
      unmappedSources: 2,
      organizations: 2,
    });
    await expect(report.billedAccounts('2026-2')).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await report.billedAccounts('2026-04')).length).toBe(0);
    expect(await report.revise({ accountId: connection.accountId, month: '2026-02', reason: 'none' })).toBeNull();
  });

  test('is listed by month, newest first, with what is not frozen computed', async () => {
    await freeze();
    const statements = createStatementService({ database: store.api, now: () => '2026-04-15T00:00:00Z' });
    const scope = { accountId: connection.accountId, organizationIds: 'all' } as const;
    const page = await statements.list(scope, { limit: 2 });
    expect(page.items.map(({ month, state, total }) => [month, state, total])).toEqual([
      ['2026-04', 'open', 0],
      ['2026-03', 'open', 0],
    ]);
    const rest = await statements.list(scope, { limit: 2, pageToken: String(page.nextPageToken) });
    expect(rest).toMatchObject({ items: [{ month: '2026-02', state: 'frozen', total: 14 }], nextPageToken: null });
  });
});
