// What an account's finance people get: counts, statements and their CSV, which agree to the unit.
import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/json/canonical-json.js';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import { freezeStatement, reviseStatement } from '../../src/store/billing/statement.repository.js';
import { aConnection, aSite, asTenant, type ConnectionRef, remap } from '../support/builders.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';

let stage: ApiStage;
let connection: ConnectionRef;
const finance = () => aPrincipal(stage.ours, 'finance');
const get = (path: string, as = finance()) => stage.call(`GET ${path}`, { as });

interface CountItem {
  readonly [field: string]: unknown;
  readonly day: string;
  readonly siteId: string;
  readonly organizationId: string | null;
  readonly last: number | null;
  readonly lastAt: string | null;
  readonly missing: boolean;
}

async function allCounts(query: string, limit = 7): Promise<CountItem[]> {
  const items: CountItem[] = [];
  for (let token: string | null = ''; token !== null;) {
    const page = await get(`/v1/license-counts?${query}&limit=${limit}${token === '' ? '' : `&pageToken=${token}`}`);
    expect(page.status).toBe(200);
    items.push(...page.body.items);
    token = page.body.nextPageToken;
  }
  return items;
}

const read = (at: string, counts: Readonly<Record<string, number>>) =>
  asTenant(stage.owner, stage.ours.accountId, (tenant) =>
    recordLicenseCounts(
      tenant,
      connection.connectionId,
      Object.entries(counts).map(([siteId, activeLicenses]) => ({ siteId, activeLicenses })),
      at,
    ),
  );

/** February 2024, a leap month: two organizations, a remap inside a day, a site of nobody, a day that was not read. */
beforeAll(async () => {
  stage = await openApiStage();
  const { accountId, organizationId, otherOrganizationId } = stage.ours;
  connection = await aConnection(stage.owner, { account: { accountId, organizationId } });
  await aSite(stage.owner, connection, { siteId: '1', organizationId });
  await aSite(stage.owner, connection, { siteId: '2', organizationId: otherOrganizationId });
  await aSite(stage.owner, connection, { siteId: '3' });
  await stage.owner.pool.query(
    `update organizations set name = '=HYPERLINK("http://example.com")', external_key = '-1' where id = $1`,
    [otherOrganizationId],
  );
  await stage.owner.pool.query(`update connections set created_at = '2024-02-01T00:00:00Z' where id = $1`, [
    connection.connectionId,
  ]);
  await stage.owner.pool.query(
    `update sites set first_seen_at = '2024-02-01T00:00:00Z', name = 'Site ' || site_id where connection_id = $1`,
    [connection.connectionId],
  );
  for (let day = 1; day <= 29; day++) {
    if (day === 11) continue;
    const date = `2024-02-${String(day).padStart(2, '0')}`;
    await read(`${date}T09:00:00Z`, { 1: 10 + day, 2: 20, 3: 3 });
    if (day === 15) await remap(stage.owner, connection, [{ siteId: '1', organizationId: otherOrganizationId }]);
    await read(`${date}T15:00:00Z`, { 1: 5 + day, 2: 21, 3: 3 });
  }
});
afterAll(() => stage.close());

describe('license counts', () => {
  test('are listed by day, page by page, with missing days and both rows of a day that was remapped', async () => {
    const items = await allCounts('from=2024-02-01&to=2024-02-29');
    expect(items).toHaveLength(29 * 3 + 1);
    expect(items.map(({ day }) => day)).toEqual(items.map(({ day }) => day).toSorted());
    const missing = items.filter((item) => item.missing);
    expect(missing.map(({ day, siteId, last }) => [day, siteId, last])).toEqual([
      ['2024-02-11', '1', null],
      ['2024-02-11', '2', null],
      ['2024-02-11', '3', null],
    ]);
    const remapped = items.filter(({ day, siteId }) => day === '2024-02-15' && siteId === '1');
    const { organizationId, otherOrganizationId } = stage.ours;
    expect(new Map(remapped.map((item) => [item.organizationId, item['ownsDay']]))).toEqual(
      new Map([
        [organizationId, false],
        [otherOrganizationId, true],
      ]),
    );
    expect(await allCounts('from=2024-02-01&to=2024-02-29', 1_000)).toEqual(items);
  });

  test.each([
    ['siteId=2', 29],
    ['siteId=none', 0],
    ['connectionId=00000000-0000-4000-8000-000000000000', 0],
  ])('are filtered by %s', async (filter, expected) => {
    expect(await allCounts(`from=2024-02-01&to=2024-02-29&${filter}`)).toHaveLength(expected);
  });

  test('are filtered by organization and connection', async () => {
    const { organizationId } = stage.ours;
    const mine = await allCounts(
      `from=2024-02-01&to=2024-02-29&organizationId=${organizationId.toUpperCase()}&connectionId=${connection.connectionId}`,
    );
    expect(mine.filter(({ missing }) => !missing)).toHaveLength(14); // to the morning of the 15th, without the 11th
    expect(new Set(mine.map((item) => item.organizationId))).toEqual(new Set([organizationId]));
  });

  test('without a range are those of this month', async () => {
    const { status, body } = await get('/v1/license-counts?siteId=1&limit=1000');
    expect(status).toBe(200);
    expect(body.items.every((item: CountItem) => item.missing)).toBe(true);
  });

  test.each([
    'from=2024-02-30',
    'from=yesterday',
    'from=2024-03-01&to=2024-02-01',
    'from=2023-01-01&to=2024-02-01',
    'from=2023-01-01',
    'limit=1001',
    'organizationId=1',
    'pageToken=x',
    `pageToken=${Buffer.from('["2024-02-30","00000000-0000-4000-8000-000000000000","",""]').toString('base64url')}`,
    `pageToken=${Buffer.from('["2024-02-03","00000000-0000-4000-8000-000000000000","","x"]').toString('base64url')}`,
  ])('refuse ?%s', async (query) => {
    expect(await get(`/v1/license-counts?${query}`)).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  });
});

describe('a statement', () => {
  const csvOf = async (path = '/v1/statements/2024-02.csv') => {
    const reply = await get(path);
    return { reply, rows: parse<Record<string, string>>(reply.text, { columns: true }) };
  };

  test('has one total, in JSON, in CSV and in the counts', async () => {
    const { body } = await get('/v1/statements/2024-02');
    expect(body).toMatchObject({
      state: 'open',
      revision: null,
      basis: 'closing',
      timeZone: 'UTC',
      total: 55,
      note: null,
      unmapped: { sources: 3 },
    });

    const { rows } = await csvOf();
    const billed = (type: string) =>
      rows.filter((row) => row['type'] === type).map((row) => Number(row['billed_sources']));
    expect(billed('organization').reduce((sum, each) => sum + each, 0)).toBe(55);
    expect(billed('total')).toEqual([55]);
    const bySite = rows.filter((row) => row['type'] === 'site').map((row) => Number(row['site_sources']));
    expect(bySite.reduce((sum, each) => sum + each, 0)).toBe(55);

    const lastOfSite = new Map<string, CountItem>();
    for (const item of await allCounts('from=2024-02-01&to=2024-02-29', 1_000)) {
      const known = lastOfSite.get(item.siteId);
      if (item.lastAt !== null && (known === undefined || item.lastAt > String(known.lastAt)))
        lastOfSite.set(item.siteId, item);
    }
    const mapped = [...lastOfSite.values()].filter(({ organizationId }) => organizationId !== null);
    expect(mapped.reduce((sum, { last }) => sum + Number(last), 0)).toBe(55);
  });

  test('as CSV is RFC 4180 and harmless in a spreadsheet', async () => {
    const { reply, rows } = await csvOf();
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(reply.headers.get('content-disposition')).toBe('attachment; filename="statement-2024-02.csv"');
    expect(reply.text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(reply.text.endsWith('\r\n')).toBe(true);
    expect(rows.find((row) => row['type'] === 'organization')).toMatchObject({
      organization: expect.stringMatching(/^'=HYPERLINK/),
      external_key: "'-1",
    });
  });

  test('explains each line', async () => {
    const { body } = await get('/v1/statements/2024-02');
    const mine = body.organizations.find(
      (line: { organizationId: string }) => line.organizationId === stage.ours.organizationId,
    );
    expect(mine).toMatchObject({
      sources: 0,
      flags: ['missing days'],
      sites: [{ siteId: '1', missingDays: ['2024-02-11'] }],
    });
    expect(mine.sites[0].days).toHaveLength(13);
  });

  test('that is frozen is shown as it was, revision by revision', async () => {
    const open = (await get('/v1/statements/2024-02')).body;
    await asTenant(stage.owner, stage.ours.accountId, (tenant) => freezeStatement(tenant, '2024-02'));
    await stage.owner.pool.query(`update sites set name = 'Renamed' where connection_id = $1`, [
      connection.connectionId,
    ]);
    const frozen = (await get('/v1/statements/2024-02')).body;
    const { state, revision, revisions, frozenAt, supersedes, contentSha256, note, ...content } = frozen;
    expect({ state, revision, revisions, supersedes, note }).toEqual({
      state: 'frozen',
      revision: 1,
      revisions: 1,
      supersedes: null,
      note: null,
    });
    expect(open).toMatchObject(content);
    expect(createHash('sha256').update(canonicalJson(content)).digest('hex')).toBe(contentSha256);
    expect(frozenAt).toMatch(/Z$/);

    await read('2024-02-29T23:00:00Z', { 2: 30 });
    await asTenant(stage.owner, stage.ours.accountId, (tenant) =>
      reviseStatement(tenant, '2024-02', 'a reading was restored'),
    );
    expect((await get('/v1/statements/2024-02')).body).toMatchObject({
      revision: 2,
      supersedes: 1,
      total: 64,
      correction: { totalBefore: 55, differences: [{ before: 55, after: 64 }] },
    });
    expect((await get('/v1/statements/2024-02?revision=1')).body).toEqual({ ...frozen, revisions: 2 });
    expect((await csvOf('/v1/statements/2024-02.csv?revision=1')).rows.at(-1)).toMatchObject({
      type: 'total',
      billed_sources: '55',
    });
    expect(await get('/v1/statements/2024-02?revision=3')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('is listed with its month, newest first', async () => {
    const { body } = await get('/v1/statements?limit=200');
    expect(body.items.at(-1)).toMatchObject({ month: '2024-02', state: 'frozen', revision: 2, total: 64 });
    expect(body.items[0]).toMatchObject({ state: 'open', revision: null });
    expect(body.items.map(({ month }: { month: string }) => month)).toEqual(
      body.items
        .map(({ month }: { month: string }) => month)
        .toSorted()
        .toReversed(),
    );
  });

  test('of a month before the first reading is empty and says so', async () => {
    expect((await get('/v1/statements/2023-12')).body).toMatchObject({
      total: 0,
      organizations: [],
      note: 'Nothing was read before 2024-02-01.',
    });
    const theirs = aPrincipal(stage.theirs, 'finance');
    expect((await get('/v1/statements/2024-02', theirs)).body).toMatchObject({
      total: 0,
      organizations: [],
      note: 'Nothing has been read yet.',
    });
    expect((await get('/v1/statements', theirs)).body).toEqual({ items: [], nextPageToken: null });
    expect((await get('/v1/license-counts?from=2024-02-01&to=2024-02-29', theirs)).body.items).toEqual([]);
  });

  test.each(['2024-13', '2024-00', '2024-2', 'latest', '2024-02-01', '2999-01', '0000-01', '2024-02.pdf'])(
    'of %s is refused',
    async (month) => {
      for (const path of [`/v1/statements/${month}`, `/v1/statements/${month}.csv`]) {
        expect(await get(path)).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
      }
    },
  );

  test.each(['/v1/license-counts', '/v1/statements', '/v1/statements/2024-02', '/v1/statements/2024-02.csv'])(
    '%s is for admins and finance only',
    async (path) => {
      const status = async (role: 'admin' | 'finance' | 'security_engineer' | 'read_only' | 'org_user') =>
        (await get(path, aPrincipal(stage.ours, role))).status;
      expect(await Promise.all([status('admin'), status('finance')])).toEqual([200, 200]);
      expect(await Promise.all([status('security_engineer'), status('read_only'), status('org_user')])).toEqual([
        403, 403, 403,
      ]);
      expect((await stage.call(`GET ${path}`)).status).toBe(401);
    },
  );

  test('follows the account’s settings from the next month on', async () => {
    const admin = aPrincipal(stage.ours);
    await stage.call('PATCH /v1/account', { as: admin, body: { billingBasis: 'peak' } });
    const month = new Date().toISOString().slice(0, 7);
    expect((await get(`/v1/statements/${month}`)).body).toMatchObject({ basis: 'closing' });
    const { rows } = await stage.owner.pool.query(
      'select from_month, basis from billing_settings where account_id = $1 order by 1',
      [stage.ours.accountId],
    );
    expect(rows).toMatchObject([{ from_month: '0001-01', basis: 'closing' }, { basis: 'peak' }]);
    expect(rows[1]?.from_month > month).toBe(true);
  });
});
