// What people type wrongly is refused with the guide's sentence or a stable code, and changes nothing.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CreateConnectionBody } from '../../src/api/connections/connection.dto.js';
import { choosePort } from '../../src/embedded/processes/free-port.js';
import { type E2eStack, type Row, startE2eStack, STILL, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, openAccount, type Partner, problemOf } from './support/partner.js';

const SENTENCE = 'Unable to create SentinelOne data source: ';

let stack: E2eStack;
let deadOrigin: string;
/** Connected and collecting; nothing that is refused below may show on it. */
let partner: Partner;
let stranger: Partner;
/** With no connection of its own: what keeps a second one from being accepted must not hide the fault under test. */
let newcomer: Partner;
beforeAll(async () => {
  deadOrigin = `http://127.0.0.1:${await choosePort()}`;
  stack = await startE2eStack({
    intervals: STILL,
    durable: false,
    alsoAllowed: [deadOrigin],
    simulator: { historyRows: 300 },
  });
  await stack.startWorker();
  partner = await collectingPartner(stack);
  [stranger, newcomer] = [await openAccount(stack), await openAccount(stack)];
  await partner.caughtUp();
  await waitUntil('the loops to rest', async () => (await partner.connection())['collected_through'] !== null);
});
afterAll(() => stack[Symbol.asyncDispose]());
afterEach(() => stack.simulator.control.clearFaults());

interface BadCreation {
  readonly name: string;
  /** What is typed instead of what would work. */
  readonly typed?: () => Partial<CreateConnectionBody>;
  /** Something wrong with the console. */
  readonly prepare?: () => void;
  readonly restore?: () => void;
  readonly code: string;
  readonly message: string;
}

const control = () => stack.simulator.control;
const expiredToken = () => {
  const payload = Buffer.from(JSON.stringify({ sub: 'x', exp: Date.UTC(2026, 0, 2) / 1000 })).toString('base64url');
  const token = `eyJhbGciOiJFUzI1NiJ9.${payload}.c2lnbmF0dXJl`;
  const accountIds = [partner.s1AccountId];
  control().addToken({ label: 'expired', token, accountIds, expiresAt: '2026-01-02T00:00:00Z' });
  return token;
};
const labelled = (label: string) => stack.simulator.state.tokens.find(label)?.token ?? '';
const without = (permissions: Parameters<ReturnType<typeof control>['setPermissions']>[0]['permissions']) =>
  control().setPermissions({ token: 'account-1', permissions });

const REFUSED_BY_THE_CONSOLE: readonly BadCreation[] = [
  {
    name: 'an unknown token',
    typed: () => ({ apiToken: 'no-such-token-anywhere' }),
    code: 's1.token_rejected',
    message: `${SENTENCE}Invalid API token`,
  },
  {
    name: 'an expired token',
    typed: () => ({ apiToken: expiredToken() }),
    code: 's1.token_expired',
    message: `${SENTENCE}API token expired on 2026-01-02`,
  },
  {
    name: 'a token of a site',
    typed: () => ({ apiToken: labelled('site') }),
    code: 's1.not_account_scope',
    message: `${SENTENCE}Token is not at Account level`,
  },
  {
    name: 'a token of the whole tenant',
    typed: () => ({ apiToken: labelled('tenant') }),
    code: 's1.not_account_scope',
    message: `${SENTENCE}Token is not at Account level`,
  },
  {
    name: 'a console that answers with a web page',
    prepare: () => control().addFault({ requests: 100, body: '<html>Welcome</html>' }),
    code: 's1.bad_response',
    message: `${SENTENCE}Console not reachable`,
  },
  {
    name: 'a console that is down',
    prepare: () => control().addFault({ requests: 100, status: 503 }),
    code: 's1.unavailable',
    message: `${SENTENCE}Console not reachable`,
  },
  {
    name: 'an address where nobody listens',
    typed: () => ({ consoleUrl: deadOrigin }),
    code: 's1.unavailable',
    message: `${SENTENCE}Console not reachable`,
  },
  {
    name: 'syslog that is in use',
    prepare: () => control().setSyslogTaken({ scopeId: partner.s1AccountId, taken: true }),
    restore: () => control().setSyslogTaken({ scopeId: partner.s1AccountId, taken: false }),
    code: 's1.syslog_in_use',
    message: `${SENTENCE}Syslog already setup`,
  },
  {
    name: 'a permission that is missing',
    prepare: () => without({ 'Integrations.view': false }),
    restore: () => without({ 'Integrations.view': true }),
    code: 's1.permission_missing',
    message: `${SENTENCE}Insufficient permissions`,
  },
  {
    name: 'a permission that only the role tells of',
    prepare: () => without({ 'Notifications.edit': false }),
    restore: () => without({ 'Notifications.edit': true }),
    code: 's1.permission_missing',
    message: `${SENTENCE}Insufficient permissions`,
  },
];

describe('a creation that the console refuses', () => {
  test.each(REFUSED_BY_THE_CONSOLE)('$name', async ({ typed, prepare, restore, code, message }) => {
    prepare?.();
    const before = await livingRows(newcomer);
    const problem = await problemOf(create(newcomer, typed?.()));
    restore?.();
    expect({ code: problem.code, message: problem.message }).toEqual({ code, message });
    expect(problem.extra['whatToDo']).toEqual(expect.stringMatching(/\w.*\.$/));
    await refusedConnection(newcomer, code);
    expect(await livingRows(newcomer)).toEqual(before);
  });

  test('an account that is connected already', async () => {
    const before = await livingRows(partner);
    const problem = await problemOf(create(partner));
    expect(problem.message).toBe(`${SENTENCE}This SentinelOne account is already connected`);
    await refusedConnection(partner, 's1.already_connected');
    expect(await livingRows(partner)).toEqual(before);
  });
});

describe('a creation that is refused before the console is asked', () => {
  const wrongAddress = { code: 's1.address_refused', message: `${SENTENCE}Not a SentinelOne console address` };
  const wrongToken = { code: 's1.token_rejected', message: `${SENTENCE}Invalid API token` };
  const wrongOrganization = {
    code: 'mapping_unknown_organization',
    message: 'defaultOrganizationId: no such organization',
  };
  const cases: readonly BadCreation[] = [
    { name: 'no address', typed: () => ({ consoleUrl: '' }), ...wrongAddress },
    { name: 'no address but words', typed: () => ({ consoleUrl: 'our console' }), ...wrongAddress },
    {
      name: 'a foreign address',
      typed: () => ({ consoleUrl: 'https://sentinelone.net.example.com' }),
      ...wrongAddress,
    },
    {
      name: 'an address with a user',
      typed: () => ({ consoleUrl: stack.simulator.url.replace('//', '//user@') }),
      ...wrongAddress,
    },
    { name: 'another port', typed: () => ({ consoleUrl: 'http://127.0.0.1:1' }), ...wrongAddress },
    { name: 'no token', typed: () => ({ apiToken: '  ' }), ...wrongToken },
    { name: 'a token with spaces inside', typed: () => ({ apiToken: 'one two' }), ...wrongToken },
    { name: 'a token with a line break inside', typed: () => ({ apiToken: 'one\r\nX-Other: two' }), ...wrongToken },
    {
      name: 'an unknown organization',
      typed: () => ({ defaultOrganizationId: randomUUID() }),
      ...wrongOrganization,
    },
    {
      name: "another account's organization",
      typed: () => ({ defaultOrganizationId: stranger.organizationId(0) }),
      ...wrongOrganization,
    },
    { name: 'no id of an organization', typed: () => ({ defaultOrganizationId: 'alder' }), ...wrongOrganization },
    {
      name: 'no name',
      typed: () => ({ name: ' ' }),
      code: 'invalid_input',
      message: 'name: must not be empty',
    },
    {
      name: 'a start that is no instant',
      typed: () => ({ collectFrom: 'yesterday' }),
      code: 'invalid_input',
      message: 'collectFrom: must be an instant such as 2026-01-15T09:00:00Z',
    },
    {
      name: 'a start in the future',
      typed: () => ({ collectFrom: '2199-01-01T00:00:00Z' }),
      code: 'invalid_input',
      message: 'collectFrom: must not be in the future',
    },
    {
      name: 'a start before what is kept',
      typed: () => ({ collectFrom: '2019-01-01T00:00:00Z' }),
      code: 'collect_from_too_old',
      message: 'collectFrom: events are kept for 365 days; choose a later instant',
    },
  ];
  test.each(cases)('$name', async ({ typed, code, message }) => {
    const before = await allRows(newcomer);
    const asked = stack.simulator.requests().length;
    const problem = await problemOf(create(newcomer, typed?.()));
    expect({ code: problem.code, message: problem.message }).toEqual({ code, message });
    expect(await allRows(newcomer)).toEqual(before);
    expect(stack.simulator.requests().length).toBe(asked);
  });
});

describe('a mapping that cannot be', () => {
  const site = () => partner.siteIds[2] ?? '';
  const cases: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['of a site that does not exist', () => save('404', partner.organizationId(1)), 'mapping_unknown_site'],
    [
      "of another account's site",
      () => save(stack.simulator.state.world.sites.at(-1)?.id ?? '', partner.organizationId(1)),
      'mapping_unknown_site',
    ],
    ['to an unknown organization', () => save(site(), randomUUID()), 'mapping_unknown_organization'],
    [
      "to another account's organization",
      () => save(site(), stranger.organizationId(0)),
      'mapping_unknown_organization',
    ],
    ['to no id of an organization', () => save(site(), 'alder'), 'mapping_unknown_organization'],
    ['by an old version', () => save(site(), partner.organizationId(1), 0), 'mapping_conflict'],
    ['by a version to come', () => save(site(), partner.organizationId(1), 99), 'mapping_conflict'],
  ];
  test.each(cases)('%s', async (_, send, code) => {
    const before = await livingRows(partner);
    expect((await problemOf(send())).code).toBe(code);
    expect(await livingRows(partner)).toEqual(before);
  });

  test('is refused whole when one of its changes is', async () => {
    const before = await livingRows(partner);
    const changes = [
      { siteId: site(), organizationId: partner.organizationId(1) },
      { siteId: partner.siteIds[0] ?? '', organizationId: null },
      { siteId: '404', organizationId: partner.organizationId(1) },
    ];
    const sent = partner.changeMapping({ version: 1, changes });
    expect((await problemOf(sent)).code).toBe('mapping_unknown_site');
    expect(await livingRows(partner)).toEqual(before);
  });

  function save(siteId: string, organizationId: string, version = 1): Promise<unknown> {
    return partner.changeMapping({ version, changes: [{ siteId, organizationId }] });
  }
});

describe('a new token that will not do', () => {
  const cases: readonly (readonly [string, () => string, string])[] = [
    ['with spaces inside', () => 'one two', 's1.token_rejected'],
    ['that nobody knows', () => 'no-such-token-anywhere', 's1.token_rejected'],
    ['of another SentinelOne account', () => labelled('account-2'), 's1.other_account'],
    ['of a site', () => labelled('site'), 's1.not_account_scope'],
  ];
  test.each(cases)('%s', async (_, token, code) => {
    const before = await livingRows(partner);
    expect((await problemOf(partner.tokens.replace(...partner.target, token()))).code).toBe(code);
    expect(await livingRows(partner)).toEqual(before);
    expect(await partner.connection()).toMatchObject({ state: 'active' });
  });
});

describe('a command at the wrong moment', () => {
  test('every one while validating', async () => {
    control().addFault({ pathPrefix: '/system/info', slowMs: 2_500 });
    const creating = problemOf(create(newcomer, { apiToken: 'no-such-token-anywhere' }));
    await waitUntil('the validation', async () => (await inState(newcomer, 'validating')).length === 1);
    const [connectionId = ''] = await inState(newcomer, 'validating');
    const { connections, tokens, services } = newcomer;
    const ref = [newcomer.doer, connectionId] as const;
    const started = async () => (await problemOf(connections.pause(...ref))).code === 'illegal_state';
    await waitUntil('the workflow to refuse', started);
    const mapping = {
      version: 0,
      collectDiscarded: false,
      changes: [{ siteId: partner.siteIds[0] ?? '', organizationId: null }],
    };
    await expectCodes('illegal_state', [
      services.mapping.change(...ref, mapping),
      connections.resume(...ref),
      tokens.replace(...ref, stack.simulator.token),
      connections.disconnect(...ref),
    ]);
    expect((await creating).code).toBe('s1.token_rejected');
  });

  test('any after the disconnect', async () => {
    const leaving = await openAccount(stack);
    await leaving.connect();
    await leaving.disconnect();
    const before = await livingRows(leaving);
    const { connections } = leaving;
    await expectCodes('illegal_state', [
      connections.resume(...leaving.target),
      connections.pause(...leaving.target),
      connections.recheck(...leaving.target),
      connections.change(...leaving.target, { pollIntervalSeconds: 60 }),
      leaving.tokens.replace(...leaving.target, stack.simulator.token),
      leaving.map({ 0: 1 }),
    ]);
    expect(await livingRows(leaving)).toEqual(before);
    expect(await leaving.connection()).toMatchObject({ state: 'disconnected' });
  });

  test('on a connection that is not there, or not theirs', async () => {
    const before = await livingRows(partner);
    for (const connectionId of [randomUUID(), 'no-id', partner.connectionId]) {
      const ref = [stranger.doer, connectionId] as const;
      const { connections, tokens, services } = stranger;
      await expectCodes('not_found', [
        services.connectionQueries.find(stranger.doer.principal, connectionId),
        services.connectionQueries.sites(stranger.doer.principal, connectionId),
        connections.pause(...ref),
        services.mapping.change(...ref, { version: 1, changes: [], collectDiscarded: false }),
        tokens.replace(...ref, stack.simulator.token),
      ]);
    }
    expect(await livingRows(partner)).toEqual(before);
  });
});

function create(of: Partner, typed: Partial<CreateConnectionBody> = {}) {
  return of.services.connectionCreation.create(of.doer, {
    name: 'SentinelOne',
    consoleUrl: stack.simulator.url,
    apiToken: stack.simulator.token,
    defaultOrganizationId: of.organizationId(0),
    ...typed,
  });
}

async function expectCodes(code: string, sent: readonly Promise<unknown>[]): Promise<void> {
  const problems = await Promise.all(sent.map(problemOf));
  expect(problems.map((problem) => problem.code)).toEqual(sent.map(() => code));
}

const inState = async (of: Partner, state: string): Promise<string[]> => {
  const rows = await stack.query('select id from connections where account_id = $1 and state = $2', [
    of.accountId,
    state,
  ]);
  return rows.map((row) => String(row['id']));
};

/** The latest refused connection of the account has its reason, no token, and nothing else. */
async function refusedConnection(of: Partner, code: string): Promise<void> {
  const [row] = await stack.query(
    `select * from connections where account_id = $1 and state = 'refused' order by created_at desc limit 1`,
    [of.accountId],
  );
  expect(row).toMatchObject({ refusal_code: code, s1_account_id: null, mapping_version: 0, stored_count: 0 });
  const ofIt = [of.accountId, row?.['id']];
  for (const table of ['sites', 'site_mappings', 'mapping_history', 'checkpoints', 'events', 'discards', 'commands']) {
    expect(await stack.query(`select * from ${table} where account_id = $1 and connection_id = $2`, ofIt)).toEqual([]);
  }
  const tokens = 'select token_jwe from credentials where account_id = $1 and connection_id = $2';
  expect(await stack.query(tokens, ofIt)).toEqual([{ token_jwe: null }]);
}

/** Everything the account has, by table. */
async function allRows(of: Partner): Promise<Record<string, readonly Row[]>> {
  const tables = await stack.query(
    `select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'account_id' and table_name !~ '_(y|p)?[0-9]{4}' order by 1`,
  );
  const dump: Record<string, readonly Row[]> = {};
  for (const { name } of tables) {
    const rows = `select to_jsonb(t) as row from ${String(name)} t where account_id = $1 order by t::text`;
    dump[String(name)] = await stack.query(rows, [of.accountId]);
  }
  return dump;
}

/** The same without refused connections, and without tokens that were destroyed: a refusal may leave those behind. */
async function livingRows(of: Partner): Promise<Record<string, readonly Row[]>> {
  const refused = new Set(await inState(of, 'refused'));
  const lives = ({ row }: Row): boolean => {
    const { id, connection_id, destroyed_at } = row as Row;
    return !refused.has(String(id)) && !refused.has(String(connection_id)) && (destroyed_at ?? null) === null;
  };
  const all = await allRows(of);
  return Object.fromEntries(Object.entries(all).map(([table, rows]) => [table, rows.filter(lives)]));
}
