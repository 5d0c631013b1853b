// The operator's command line as a process, against a real PostgreSQL, Temporal, worker and console.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordLicenseCounts } from '../../src/store/billing/license-count.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { type Cli, createCli } from '../support/cli.js';
import { type E2eStack, startE2eStack, STILL, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, type Partner } from './support/partner.js';

const TOKENS = ['second', 'third', 'fourth', 'dead', 'foreign'].map((name) => `${name}-${'0'.repeat(70)}-${name}`);
const [SECOND = '', THIRD = '', FOURTH = '', DEAD = '', FOREIGN = ''] = TOKENS;

let stack: E2eStack;
let partner: Partner;
let cli: Cli;
let id: string;
beforeAll(async () => {
  stack = await startE2eStack({ intervals: STILL, durable: false, simulator: { historyRows: 200 } });
  await stack.startWorker();
  partner = await collectingPartner(stack);
  await partner.caughtUp();
  cli = createCli(() => stack.environment);
  id = partner.connectionId;
});
afterAll(() => stack[Symbol.asyncDispose]());

const run = (line: string, options?: Parameters<Cli['run']>[1]) => cli.run(line.split(' '), options);
/** What commands noted; the partner's own doings are `test`'s. */
const audit = (action: string) =>
  stack.query(
    `select actor_kind, actor_label, after from audit_log where action = $1 and actor_label <> 'test' order by id desc`,
    [action],
  );
const mappingOf = async () => {
  const { items } = await partner.sites();
  return Object.fromEntries(items.map(({ siteId, organizationId }) => [siteId, organizationId]));
};

describe('accounts', () => {
  test('are made with a key and an admin, once, and listed', async () => {
    const line = [
      'account',
      'create',
      '--name',
      'Second MSP',
      '--admin-email',
      'Ann@Example.com',
      '--as',
      'operator ann',
    ];
    const made = await cli.run([...line, '--json']);
    expect(made).toMatchObject({ code: 0, error: '' });
    const { id: accountId, apiKey, admin } = made.json();
    expect(admin).toMatchObject({ email: 'ann@example.com' });
    expect(admin.password.length).toBeGreaterThanOrEqual(12);
    const keys = await stack.query('select key, secret_sha256, role from api_keys where account_id = $1', [accountId]);
    expect(keys).toEqual([
      { key: apiKey.key, role: 'admin', secret_sha256: createHash('sha256').update(apiKey.secret).digest() },
    ]);
    expect(await audit('account.created')).toMatchObject([{ actor_kind: 'operator', actor_label: 'operator ann' }]);
    expect(await audit('user.created')).toMatchObject([{ actor_label: 'operator ann' }]);

    const again = await cli.run(line);
    expect(again).toMatchObject({ code: 4, out: '' });
    expect(again.error).toContain('there is an account Second MSP already');
    const list = await run('account list --json');
    expect(list.json().items.map(({ name }: { name: string }) => name)).toContain('Second MSP');
    expect((await run('list --account nobody')).code).toBe(3);
  });
});

describe('connections', () => {
  test('are listed and shown, by any unique beginning of their id', async () => {
    const list = await run('connection list');
    expect(list).toMatchObject({ code: 0, error: '' });
    expect(list.out).toContain(`${id.slice(0, 8)}  SentinelOne  active`);
    expect(list.out).toContain(`1 unmapped site of 3, discarded: connection sites ${id.slice(0, 8)}`);
    expect((await run('list --json')).json().items).toMatchObject([
      { id, accountId: partner.accountId, state: 'active', counts: { mappedSites: 2 } },
    ]);

    const shown = (await run(`show ${id.slice(0, 6)} --json`)).json();
    expect(shown).toMatchObject({
      account: { id: partner.accountId },
      connection: { id, state: 'active' },
      workflow: { state: 'active', mappingVersion: 1 },
      workflowProblem: null,
    });
    expect(shown.permissions).toContainEqual(expect.objectContaining({ name: 'Sites (View)', status: 'granted' }));
    const text = (await run(`show ${id}`)).out;
    for (const part of ['says the same', 'Sites (View)', 'state active, because of remapSites']) {
      expect(text).toContain(part);
    }
  });

  test('that are not there end with 3, what cannot be an id with 2', async () => {
    expect(await run('show ffffffff')).toMatchObject({ code: 3, out: '' });
    expect(await run('show x --json')).toMatchObject({ code: 2, out: '' });
    const unknown = await run('show abcd --jsn');
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.error).toContain('did you mean --json?');
  });

  test('are followed while others command them', async () => {
    const text = cli.follow(['follow', id]);
    const json = cli.follow(['follow', id, '--json']);
    await Promise.all([text.line('SentinelOne is active'), json.line('"type":"connection"')]);
    expect(await run(`pause ${id}`)).toMatchObject({ code: 0, error: '' });
    await Promise.all([text.line('state paused (person), because of pause'), json.line('"state":"paused"')]);
    const resumed = await run(`resume ${id} --json`);
    expect(resumed.json()).toMatchObject({ done: true, connection: { state: 'active' } });
    await text.line('state active, because of resume');
    expect([await text.interrupt(), await json.interrupt()]).toEqual([0, 0]);
    const types = json.lines().map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(expect.arrayContaining(['connection', 'timeline']));
    expect(await audit('connection.paused')).toMatchObject([{ actor_kind: 'operator' }]);
  });

  test('are rechecked and synced', async () => {
    expect(await run(`recheck ${id}`)).toMatchObject({ code: 0 });
    const synced = await run(`sync ${id} --json`);
    expect(synced.json()).toMatchObject({ done: true, connection: { counts: { sites: 3 } } });
  });
});

describe('remapping', () => {
  const remap = (input: string, rest = '') => run(`remap ${id} --csv - ${rest}`.trim(), { input });

  test('tells every line that is wrong and changes nothing', async () => {
    const before = await mappingOf();
    const [first, , third] = partner.siteIds;
    const wrong = await remap(`siteId,organization\n${third},Alder\n12,Alder\n${first},nobody\n${third},\n`, '--json');
    expect(wrong).toMatchObject({ code: 4, out: '' });
    expect(JSON.parse(wrong.error)).toMatchObject({
      code: 'import_has_errors',
      exitCode: 4,
      errors: [
        { line: 3, message: 'siteId: the connection has no site 12' },
        { line: 4, message: 'organization: none has the id, external key or exact name nobody' },
        { line: 5, message: `siteId: line 2 has it already` },
      ],
    });
    expect(await remap('site\n')).toMatchObject({ code: 4 });
    expect(await remap('')).toMatchObject({ code: 2 });
    expect((await run(`remap ${id} --csv ${join(stack.dataDir, 'none.csv')}`)).code).toBe(2);
    expect(await mappingOf()).toEqual(before);
  });

  test('goes from export to preview to change, and by version', async () => {
    const [first = '', , third = ''] = partner.siteIds;
    const exported = (await run(`sites ${id} --export`)).out;
    expect(exported).toContain(`${third},,`);
    const path = join(stack.dataDir, 'mapping.csv');
    const edited = exported.replace(`${third},,`, `${third},Nobody,`).replace(`${first},Alder,`, `${first},,`);
    await writeFile(path, edited);

    const before = await mappingOf();
    const preview = await run(`remap ${id} --csv ${path} --dry-run --json`);
    const { version, changes, unchanged } = preview.json();
    expect({ version, unchanged }).toEqual({ version: 1, unchanged: 1 });
    expect(changes).toMatchObject([
      { siteId: first, from: { name: 'Alder' }, to: null },
      { siteId: third, from: null, to: { name: 'Nobody' } },
    ]);
    expect(await mappingOf()).toEqual(before);

    const done = await run(`remap ${id} --csv ${path} --if-version 1`);
    expect(done).toMatchObject({ code: 0, error: '' });
    expect(done.out).toContain('Changed 2 sites; the mapping is at version 2');
    expect(await mappingOf()).toEqual({ ...before, [first]: null, [third]: partner.organizationId(3) });
    expect(await audit('mapping.changed')).toMatchObject([{ actor_kind: 'operator', after: { basedOnVersion: 1 } }]);

    const same = await run(`remap ${id} --csv ${path}`);
    expect(same).toMatchObject({ code: 0 });
    expect(same.out).toContain('Nothing to change');
    // The workflow itself refuses: the file would change something again.
    const old = await remap(`siteId,organization\n${first},Alder\n`, '--if-version 1 --json');
    expect(old).toMatchObject({ code: 4, out: '' });
    expect(JSON.parse(old.error)).toMatchObject({ code: 'mapping_conflict', version: 2 });
    expect((await mappingOf())[first]).toBeNull();
  });
});

describe('a token', () => {
  const give = (token: string, rest = '') => run(`token ${id} --token-file - ${rest}`.trim(), { input: `${token}\n` });
  const lastFour = async () => (await run(`show ${id} --json`)).json().connection.token.lastFour as string;

  beforeAll(() => {
    const { control, state } = stack.simulator;
    for (const token of [SECOND, THIRD, FOURTH]) {
      control.addToken({ label: token, token, accountIds: [partner.s1AccountId] });
    }
    control.addToken({ label: 'foreign', token: FOREIGN, accountIds: [state.world.accounts[1]?.id ?? ''] });
  });

  test('that is refused is told with the exact sentence, and the old one stays', async () => {
    const before = await lastFour();
    const dead = await give(DEAD, '--wait');
    expect(dead).toMatchObject({ code: 4, out: '' });
    expect(dead.error).toContain('The new token was not accepted, the old one stays: Invalid API token');
    expect(dead.error).toContain('Copy the API token of the service user again');
    const foreign = await give(FOREIGN, '--wait --json');
    expect(foreign).toMatchObject({ code: 4, out: '' });
    expect(JSON.parse(foreign.error.trim().split('\n').at(-1) ?? '')).toMatchObject({ code: 's1.other_account' });
    expect(await give('with blanks in it')).toMatchObject({ code: 4 });
    expect(await lastFour()).toBe(before);
  });

  test('is never taken from the arguments', async () => {
    const { code, error } = await run(`token ${id} ${SECOND}`);
    expect(code).toBe(2);
    expect(error).toContain('never from here');
    expect((await run(`token ${id}`)).error).toContain('--token-file');
  });

  test('that is accepted takes over', async () => {
    const accepted = await give(SECOND, '--wait --json');
    expect(accepted).toMatchObject({ code: 0 });
    expect(accepted.json()).toMatchObject({ outcome: 'accepted', lastFour: SECOND.slice(-4) });
    expect(await lastFour()).toBe(SECOND.slice(-4));
    const [entry] = await audit('connection.token_offered');
    expect(entry).toMatchObject({ actor_kind: 'operator', after: { lastFour: SECOND.slice(-4) } });
  });

  test('waits while no worker is up, and is accepted when one comes', async () => {
    await stack.stopWorkers();
    const left = await give(THIRD);
    expect(left).toMatchObject({ code: 0, error: '' });
    expect(left.out).toContain('one that comes within the hour tries it');
    const [paused, waited] = await Promise.all([run(`pause ${id} --json`), give(FOURTH, '--wait --timeout 1')]);
    // On a busy machine Temporal's sign of life may be late; then it says that of Temporal.
    await waitUntil('it to be shown that no worker is up', async () => {
      const shown = await run(`show ${id}`);
      return shown.code === 0 && shown.out.includes('no worker is up to ask it');
    });
    expect(paused).toMatchObject({ code: 5, out: '' });
    expect(JSON.parse(paused.error)).toMatchObject({ code: 'worker_unavailable', exitCode: 5 });
    expect(waited).toMatchObject({ code: 5 });
    expect(waited.out).toContain('No worker has tried the token yet');

    await stack.startWorker();
    await waitUntil('the last token to be accepted', async () => (await lastFour()) === FOURTH.slice(-4));
    const states = await partner.rows('credentials', { columns: 'last_four, destroyed_at is null as lives' });
    expect(states.filter(({ lives }) => lives === true)).toEqual([{ last_four: FOURTH.slice(-4), lives: true }]);
  });
});

describe('statements', () => {
  const month = '2026-01';
  const count = (activeLicenses: number) =>
    withTenant(stack.services.owner, partner.accountId, 'all', (tenant) =>
      recordLicenseCounts(tenant, id, [{ siteId: partner.siteIds[1] ?? '', activeLicenses }], '2026-01-31T12:00:00Z'),
    );
  const of = (line: string) => run(`statement ${line} --account ${partner.accountId} --month ${month}`);

  test('are listed, frozen and revised with a reason', async () => {
    expect(await of('freeze')).toMatchObject({ code: 4, out: '' });
    await count(4);
    const frozen = await of('freeze');
    expect(frozen).toMatchObject({ code: 0, error: '' });
    expect(frozen.out).toContain('revision 1, 4 billed sources');
    expect(await of('freeze')).toMatchObject({ code: 4 });
    const revise = ['statement', 'revise', '--account', partner.accountId, '--month', month, '--reason', 'read late'];
    expect((await cli.run([...revise, '--json'])).json()).toMatchObject({ changed: false });

    await count(6);
    const revised = await cli.run([...revise, '--as', 'finance desk']);
    expect(revised).toMatchObject({ code: 0 });
    expect(revised.out).toContain('revision 2, 6 billed sources');
    expect(revised.out).toContain('Brightwater: 4 → 6');
    expect(await audit('statement.revised')).toMatchObject([
      { actor_label: 'finance desk', after: { revision: 2, total: 6, reason: 'read late' } },
    ]);
    const list = (await run(`statements --month ${month} --json`)).json();
    const mine = list.items.find(({ accountId }: { accountId: string }) => accountId === partner.accountId);
    expect(mine).toMatchObject({ state: 'frozen', revision: 2, billedSources: 6 });
    expect(await run('statements --month 2026-1')).toMatchObject({ code: 2 });
  });
});

test('what is away is named, and ends with 5', async () => {
  const nowhere = '127.0.0.1:1';
  const [database, temporal] = await Promise.all([
    run('list', { environment: { DATABASE_URL: `postgres://x@${nowhere}/x` } }),
    run(`resume ${id}`, { environment: { TEMPORAL_ADDRESS: nowhere } }),
  ]);
  expect(database).toMatchObject({ code: 5, out: '' });
  expect(database.error).toContain('PostgreSQL does not answer');
  expect(temporal).toMatchObject({ code: 5, out: '' });
  expect(temporal.error.trim()).toBe('error: Temporal cannot be reached; nothing was changed, try again');
  const { code, error } = await run('list', { environment: { DATABASE_URL: '', DATA_DIR: stack.dataDir } });
  expect(code).toBe(2);
  expect(error).toContain('DATABASE_URL: is not set');
});

// Last, because it looks at everything that was said above.
test('no token and no key of the store was ever printed', () => {
  const said = cli.said();
  expect(said.length).toBeGreaterThan(10_000);
  const secrets = [...TOKENS, stack.simulator.token, stack.encryptionKeys.split(':')[1] ?? ''];
  expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
});
