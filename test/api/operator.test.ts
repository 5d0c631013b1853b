// What whoever operates the product gets over HTTP: every account with its billed sources for a month. Under the api's
// own role, with sign-in and API keys as they are.
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOperatorReport } from '../../src/api/billing/operator-report.js';
import { openApiDatabase } from '../../src/store/api-database.js';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import { freezeStatement } from '../../src/store/billing/statement.repository.js';
import type { Database } from '../../src/store/database.js';
import { listAccountsAfter } from '../../src/store/people/account.repository.js';
import { aConnection, aSite, asTenant } from '../support/builders.js';
import {
  type Account,
  type ApiStage,
  aPrincipal,
  basic,
  type Call,
  openApiStage,
  OPERATOR,
} from './support/api-stage.js';
import { API_KEY, openSignInStage } from './support/sign-in-stage.js';

const MONTH = '2024-02';
const STATEMENTS = `/v1/operator/statements/${MONTH}`;

let stage: ApiStage;
let api: Database;
const get = (path: string, call: Call = { as: 'operator' }) => stage.call(`GET ${path}`, call);

/** Two mapped sites and one that is nobody's, read once. */
async function read(account: Account, [first, second, unmapped]: readonly [number, number, number]): Promise<void> {
  const { accountId, organizationId, otherOrganizationId } = account;
  const connection = await aConnection(stage.owner, { account });
  await aSite(stage.owner, connection, { siteId: '1', organizationId });
  await aSite(stage.owner, connection, { siteId: '2', organizationId: otherOrganizationId });
  await aSite(stage.owner, connection, { siteId: '3' });
  const counts = Object.entries({ 1: first, 2: second, 3: unmapped });
  const readings = counts.map(([siteId, activeLicenses]) => ({ siteId, activeLicenses }));
  await asTenant(stage.owner, accountId, (tenant) =>
    recordLicenseCounts(tenant, connection.connectionId, readings, '2024-02-10T12:00:00Z'),
  );
}

const change = (sql: string, ...values: readonly string[]) => stage.owner.pool.query(sql, [...values]);

/** `ours` is the older account. */
beforeAll(async () => {
  stage = await openApiStage();
  api = openApiDatabase({ url: stage.apiDatabaseUrl, maxConnections: 1 });
  const { ours, theirs } = stage;
  await read(ours, [10, 20, 3]);
  await read(theirs, [4, 5, 0]);
  await change(
    `update accounts set created_at = '2024-01-01T00:00:00.000001Z', name = 'Zeta' where id = $1`,
    ours.accountId,
  );
  await change(
    `update accounts set created_at = '2024-01-01T00:00:00.000002Z', name = '=1+1' where id = $1`,
    theirs.accountId,
  );
  await asTenant(stage.owner, theirs.accountId, (tenant) => freezeStatement(tenant, MONTH));
});
afterAll(() => Promise.all([api.close(), stage.close()]));

const figures = { basis: 'closing', timeZone: 'UTC', organizations: 2 };
const zeta = () => ({
  accountId: stage.ours.accountId,
  accountName: 'Zeta',
  state: 'open',
  revision: null,
  ...figures,
  billedSources: 30,
  unmappedSources: 3,
});
const formula = () => ({
  accountId: stage.theirs.accountId,
  accountName: '=1+1',
  state: 'frozen',
  revision: 1,
  ...figures,
  billedSources: 9,
  unmappedSources: 0,
});

describe('the operator', () => {
  test('sees every account with its own figures, oldest first', async () => {
    const { status, body } = await get(STATEMENTS);
    expect({ status, body }).toEqual({
      status: 200,
      body: { month: MONTH, items: [zeta(), formula()], nextPageToken: null },
    });
  });

  test('sees them page by page', async () => {
    const first = (await get(`${STATEMENTS}?limit=1`)).body;
    expect(first).toEqual({ month: MONTH, items: [zeta()], nextPageToken: expect.any(String) });
    const second = (await get(`${STATEMENTS}?limit=1&pageToken=${first.nextPageToken}`)).body;
    expect(second).toEqual({ month: MONTH, items: [formula()], nextPageToken: null });
  });

  test('sees on the command line what the api says', async () => {
    const ofCommand = await createOperatorReport({ database: stage.owner }).billedAccounts(MONTH);
    expect(new Set(ofCommand)).toEqual(new Set([zeta(), formula()].map((item) => ({ ...item, month: MONTH }))));
  });

  test('exports them as CSV that no spreadsheet takes for a formula', async () => {
    const { headers, text } = await get(`${STATEMENTS}.csv`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="accounts-${MONTH}.csv"`);
    expect(text.split('\r\n')).toHaveLength(4);
    const records: Record<string, string>[] = parse(text, { columns: true });
    expect(
      records.map((record) => [
        record['account'],
        record['revision'],
        record['billed_sources'],
        record['unmapped_sources'],
      ]),
    ).toEqual([
      ['Zeta', '', '30', '3'],
      ["'=1+1", '1', '9', '0'],
    ]);
    expect(records[0]).toMatchObject({
      account_id: stage.ours.accountId,
      month: MONTH,
      state: 'open',
      basis: 'closing',
      time_zone: 'UTC',
      organizations: '2',
    });
  });

  test('gets no account whose calendar has not reached the month', async () => {
    expect((await get('/v1/operator/statements/2999-01')).body).toEqual({
      month: '2999-01',
      items: [],
      nextPageToken: null,
    });
    expect(parse((await get('/v1/operator/statements/2999-01.csv')).text)).toHaveLength(1);
  });

  test.each(['2024-2', '2024-13', 'february', `${MONTH}?pageToken=made-up`, `${MONTH}?limit=0`])(
    'hears that %s is wrong',
    async (path) => {
      expect(await get(`/v1/operator/statements/${path}`)).toMatchObject({
        status: 422,
        body: { code: 'invalid_input' },
      });
    },
  );

  test('leaves nothing in any audit log', async () => {
    await get(STATEMENTS);
    expect((await change('select 1 from audit_log')).rowCount).toBe(0);
  });
});

describe('a key that is not the operator’s', () => {
  test.each([
    ['another secret', { ...OPERATOR, secret: `${OPERATOR.secret}x` }],
    ['another key', { ...OPERATOR, key: 'root' }],
    ['both parts cut elsewhere', { key: OPERATOR.key.slice(0, -1), secret: `r${OPERATOR.secret}` }],
  ])('opens nothing: %s', async (_, pair) => {
    const { status, body } = await get(STATEMENTS, { headers: basic(pair) });
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' });
  });
});

describe('an account’s admin', () => {
  test.each([STATEMENTS, `${STATEMENTS}.csv`, '/v1/operator/statements/no-month'])(
    'finds nothing at %s, as at an unknown address',
    async (path) => {
      const as = aPrincipal(stage.ours);
      const unknown = await get('/v1/operator/nothing', { as });
      const { status, body } = await get(path, { as });
      expect({ ...body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
      expect(status).toBe(404);
    },
  );
});

describe('with sign-in and API keys as they are', () => {
  test('an API key and a session are told that there is nothing, a wrong key that it is wrong, and nothing is logged', async () => {
    const real = await openSignInStage({ operatorKey: OPERATOR });
    try {
      const asked = async (pair: { readonly key: string; readonly secret: string }, route = `GET ${STATEMENTS}`) =>
        (await real.withKey(route, undefined, pair)).status;
      expect(await asked(OPERATOR)).toBe(200);
      expect(await asked(API_KEY)).toBe(404);
      expect((await (await real.signedIn()).send(`GET ${STATEMENTS}`)).status).toBe(404);
      expect(await asked({ ...OPERATOR, secret: 'wrong' })).toBe(401);
      expect(await asked(OPERATOR, 'GET /v1/me')).toBe(401);
      expect(await asked(API_KEY, 'GET /v1/me')).toBe(200);
      expect(real.logged.join('')).not.toContain(OPERATOR.secret);
    } finally {
      await real.close();
    }
  });

  test('a key that an account has too is the operator’s alone', async () => {
    const real = await openSignInStage({ operatorKey: API_KEY });
    try {
      expect((await real.withKey('GET /v1/me')).status).toBe(401);
    } finally {
      await real.close();
    }
  });

  test('without the operator’s key the routes are not there for anybody', async () => {
    const real = await openSignInStage();
    try {
      const noCredentials = await fetch(`${real.url}${STATEMENTS}`);
      expect(noCredentials.status).toBe(404);
      for (const pair of [OPERATOR, API_KEY]) {
        expect((await real.withKey(`GET ${STATEMENTS}`, undefined, pair)).body.code).toBe('not_found');
      }
    } finally {
      await real.close();
    }
  });
});

test('the operator may ask only so often', async () => {
  const rateLimits = { general: 2, account: 1_000, siem: 1_000, address: 1_000 };
  const limited = await openApiStage({ parts: { rateLimits } });
  try {
    const ask = async () => (await limited.call(`GET ${STATEMENTS}`, { as: 'operator' })).status;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
  } finally {
    await limited.close();
  }
});

describe("the api's role", () => {
  test('learns of all accounts by the function alone', async () => {
    expect(await api.kysely.selectFrom('accounts').select('id').execute()).toEqual([]);
    const names = await listAccountsAfter(api, { after: null, limit: 10 });
    expect(names.map(({ name }) => name)).toEqual(['Zeta', '=1+1']);
  });

  test('learns of none while it works for an account', async () => {
    const { accountId } = stage.ours;
    const found = await asTenant(api, accountId, ({ db }) =>
      listAccountsAfter({ ...api, kysely: db }, { after: null, limit: 10 }),
    );
    expect(found).toEqual([]);
  });
});

// Last, because it makes many accounts: more than the service reads at once, and all of them at the same instant.
test('no account is missing or twice, however many there are', async () => {
  await change(`insert into accounts (id, name) select gen_random_uuid(), 'Many ' || n from generate_series(1, 120) n`);
  const { rows } = await change('select id from accounts');
  const ids = rows.map(({ id }: { readonly id: string }) => id).sort();
  const records: Record<string, string>[] = parse((await get(`${STATEMENTS}.csv`)).text, { columns: true });
  expect(records.map((record) => record['account_id']).sort()).toEqual(ids);
  const listed: string[] = [];
  for (let token: string | null = ''; token !== null;) {
    const { body } = await get(`${STATEMENTS}?limit=50${token === '' ? '' : `&pageToken=${token}`}`);
    listed.push(...body.items.map(({ accountId }: { readonly accountId: string }) => accountId));
    token = body.nextPageToken;
  }
  expect(listed.sort()).toEqual(ids);
});
