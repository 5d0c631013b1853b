// What each repository promises beyond tenancy (tenancy.test.ts) and ingest (ingest-*.test.ts).
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { activityTypesAgeHours, readTypeNames, saveActivityTypes } from '../../src/store/activity-type.repository.js';
import { saveAgents, staleAgents, unresolvedAgents } from '../../src/store/agent.repository.js';
import * as backfills from '../../src/store/backfill.repository.js';
import { agentCheckpoint, openSlices } from '../../src/store/checkpoint.repository.js';
import { findCommand, once } from '../../src/store/command.repository.js';
import * as connections from '../../src/store/connection.repository.js';
import * as credentials from '../../src/store/credential.repository.js';
import { countLedger, ledgerOfAgents } from '../../src/store/discard.repository.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { recordLicenseCounts } from '../../src/store/license-count.repository.js';
import { lockLivingOrganizations } from '../../src/store/organization.repository.js';
import { isUniqueViolation } from '../../src/store/pg-errors.js';
import { countSites, listSites, refreshDiscardSpans, syncSites } from '../../src/store/site.repository.js';
import type { Tenant } from '../../src/store/tenant.js';
import { addToTimeline } from '../../src/store/timeline.repository.js';
import {
  aConnection,
  anAccount,
  anActivity,
  anOrganization,
  aPage,
  aSite,
  asTenant,
  remap,
  type ConnectionRef,
} from '../support/builders.js';
import { expectConsistent, totalsOf } from './ledgers.js';
import { hold, untilWaiting } from './sessions.js';
import { useStore } from './use-store.js';

const store = useStore();

const as = <T>({ accountId }: { readonly accountId: string }, fn: (tenant: Tenant) => Promise<T>) =>
  asTenant(store.owner, accountId, fn);

const query = async <Row extends object>(statement: string, values: unknown[]): Promise<Row[]> =>
  (await store.owner.pool.query<Row>(statement, values)).rows;

async function discard(connection: ConnectionRef, ...rows: Readonly<Record<string, unknown>>[]): Promise<void> {
  const page = await aPage(store.owner, connection, {
    activities: rows.map((fields, index) => anActivity(index, fields)),
  });
  expect(await ingestPage(store.owner, page)).toMatchObject({ discarded: rows.length });
}

describe('a command', () => {
  const commandOf = ({ connectionId }: ConnectionRef) => ({ connectionId, commandId: 'c1', kind: 'pause' });

  test('is carried out once, and every repeat returns what was committed then', async () => {
    const connection = await aConnection(store.owner);
    const command = commandOf(connection);
    let done = 0;
    const attempt = () =>
      as(connection, (tenant) => once(tenant, command, () => Promise.resolve({ done: ++done, someKey: 'kept' })));
    expect(await attempt()).toEqual({ done: 1, someKey: 'kept' });
    expect(await attempt()).toEqual({ done: 1, someKey: 'kept' });
    expect(await as(connection, (tenant) => findCommand(tenant, command))).toEqual({ done: 1, someKey: 'kept' });
  });

  test('of another kind under the same id is refused', async () => {
    const connection = await aConnection(store.owner);
    const command = commandOf(connection);
    await as(connection, (tenant) => once(tenant, command, () => Promise.resolve({})));
    const other = as(connection, (tenant) => once(tenant, { ...command, kind: 'resume' }, () => Promise.resolve({})));
    await expect(other).rejects.toThrow('command c1 was a pause, not a resume');
  });

  test('that fails is not remembered', async () => {
    const connection = await aConnection(store.owner);
    const fail = as(connection, (tenant) => once(tenant, commandOf(connection), () => Promise.reject(new Error('no'))));
    await expect(fail).rejects.toThrow('no');
    expect(await as(connection, (tenant) => findCommand(tenant, commandOf(connection)))).toBeUndefined();
  });

  test('twice at the same time is carried out once: the loser has changed nothing and finds the result', async () => {
    const connection = await aConnection(store.owner);
    const both = Promise.withResolvers<void>();
    let started = 0;
    const attempt = (name: string) =>
      as(connection, (tenant) =>
        once(tenant, commandOf(connection), async () => {
          if (++started === 2) both.resolve();
          await both.promise;
          await addToTimeline(tenant, { connectionId: connection.connectionId, kind: 'pause', outcome: name });
          return { name };
        }),
      );
    const results = await Promise.allSettled([attempt('one'), attempt('two')]);
    const [winner] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const [loss] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(isUniqueViolation(loss)).toBe(true);
    expect(await attempt('three')).toEqual(winner);
    const rows = await query('select outcome from connection_timeline where account_id = $1', [connection.accountId]);
    expect(rows).toEqual([{ outcome: winner?.name }]);
  });
});

describe('a connection', () => {
  test('is inserted once', async () => {
    const account = await anAccount(store.owner);
    const row = {
      ...{
        id: randomUUID(),
        name: 'S1',
        consoleUrl: 'https://x.sentinelone.net',
        defaultOrganizationId: account.organizationId,
      },
      ...{ collectFrom: null, pollIntervalSeconds: 30, credentialId: randomUUID() },
    };
    const insert = () => as(account, (tenant) => connections.insertConnection(tenant, row));
    expect([await insert(), await insert()]).toEqual([true, false]);
    expect(await as(account, connections.listConnections)).toEqual([]); // not accepted yet
    expect(await as(account, (tenant) => connections.findConnection(tenant, row.id))).toMatchObject({
      state: 'validating',
      storedCount: 0,
    });
  });

  test('never goes back to an older state', async () => {
    const connection = await aConnection(store.owner, { state: 'validating' });
    const project = (stateSeq: number, state: 'active' | 'paused') =>
      as(connection, (tenant) =>
        connections.projectState(tenant, connection.connectionId, {
          stateSeq,
          state,
          pauseReasons: state === 'paused' ? ['token'] : [],
          cause: `seq ${stateSeq}`,
        }),
      );
    expect([await project(3, 'paused'), await project(2, 'active'), await project(3, 'active')]).toEqual([
      true,
      false,
      false,
    ]);
    const row = await as(connection, (tenant) => connections.findConnection(tenant, connection.connectionId));
    expect(row).toMatchObject({ state: 'paused', stateSeq: 3, pauseReasons: ['token'], stateCause: 'seq 3' });
  });

  test('is refused only while it is validated', async () => {
    const [young, live] = [await aConnection(store.owner, { state: 'validating' }), await aConnection(store.owner)];
    const refuse = (connection: ConnectionRef) =>
      as(connection, (tenant) => connections.refuse(tenant, connection.connectionId, 's1.syslog_in_use'));
    expect([await refuse(young), await refuse(young), await refuse(live)]).toEqual([true, false, false]);
  });

  test('to one console account lives once, and again when the first has ended', async () => {
    const first = await aConnection(store.owner);
    const again = () => aConnection(store.owner, { account: first, s1AccountId: first.s1AccountId });
    await expect(again()).rejects.toMatchObject({ constraint: 'connections_one_live_per_console_account' });
    await aConnection(store.owner, { s1AccountId: first.s1AccountId }); // another partner's is nobody's business
    await as(first, (tenant) =>
      connections.projectState(tenant, first.connectionId, {
        stateSeq: 1,
        state: 'disconnected',
        pauseReasons: [],
        cause: '',
      }),
    );
    await again();
  });

  test('keeps where collecting begins, whatever is said later', async () => {
    const connection = await aConnection(store.owner);
    const facts = { s1AccountId: 'new', s1AccountName: 'New', collectFrom: '2030-01-01T00:00:00Z' };
    await as(connection, (tenant) => connections.acceptConnection(tenant, connection.connectionId, facts));
    const row = await as(connection, (tenant) => connections.findConnection(tenant, connection.connectionId));
    expect(row).toMatchObject({ s1AccountId: 'new', collectFrom: '2026-01-01T00:00:00.000000Z' });
  });

  test('counts failures in a row, is degraded since the first time it was said, and is well again after a good poll', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const fail = () => as(connection, (tenant) => connections.countFailure(tenant, connectionId, 's1.unavailable'));
    expect([await fail(), await fail(), await fail()]).toEqual([1, 2, 3]);
    const degrade = () =>
      as(connection, (tenant) =>
        connections.recordNextTry(tenant, connectionId, { nextTryInMs: 5000, degraded: true }),
      );
    await degrade();
    const find = async () => as(connection, (tenant) => connections.findConnection(tenant, connectionId));
    const since = (await find())?.degradedSince;
    await degrade();
    expect(await find()).toMatchObject({ degradedSince: since, failureCode: 's1.unavailable', consecutiveFailures: 3 });
    const collect = (through: string) =>
      as(connection, (tenant) => connections.recordCollectedThrough(tenant, connectionId, through));
    await collect('2026-02-01T00:00:00.000002Z');
    await collect('2026-01-01T00:00:00Z');
    expect(await find()).toMatchObject({
      ...{
        collectedThrough: '2026-02-01T00:00:00.000002Z',
        consecutiveFailures: 0,
        degradedSince: null,
        failureCode: null,
        nextTryAt: null,
      },
    });
  });
});

describe('agents', () => {
  test('that get a site take their discards under it, with the counters', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const answer = (agentId: string, siteId: string | null) =>
      as(connection, (tenant) => saveAgents(tenant, connectionId, [{ agentId, siteId }]));
    await answer('a', null);
    await answer('b', null);
    await discard(connection, { agentId: 'a' }, { agentId: 'a' }, { agentId: 'b' }, { siteId: '9' });
    await answer('a', '9');
    const sites = await query(
      'select site_id, discarded_count, first_discarded_at, last_discarded_at from sites where account_id = $1',
      [connection.accountId],
    );
    const [first, , , last] = [0, 1, 2, 3].map((index) => anActivity(index).createdAt);
    expect(sites).toEqual([{ site_id: '9', discarded_count: 3, first_discarded_at: first, last_discarded_at: last }]);
    const reasons = await query('select reason, site_from from discards where account_id = $1 order by occurred_at', [
      connection.accountId,
    ]);
    expect(reasons).toEqual([
      { reason: 'site_unmapped', site_from: 'agent' },
      { reason: 'site_unmapped', site_from: 'agent' },
      { reason: 'agent_unresolved', site_from: 'agent' },
      { reason: 'site_unmapped', site_from: 'activity' },
    ]);
    expect(await totalsOf(store.owner, connection)).toMatchObject({ discarded: 4 });
    expect(await as(connection, (tenant) => ledgerOfAgents(tenant, connectionId, ['9']))).toEqual([
      anActivity(0).id,
      anActivity(1).id,
    ]);
    await expectConsistent(store.owner, connection);
  });

  test('keep a site that was known when SentinelOne no longer knows them', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    await as(connection, (tenant) =>
      saveAgents(tenant, connectionId, [
        { agentId: 'a', siteId: '1' },
        { agentId: 'b', siteId: null },
      ]),
    );
    await as(connection, (tenant) => saveAgents(tenant, connectionId, [{ agentId: 'a', siteId: null }]));
    expect(await as(connection, (tenant) => unresolvedAgents(tenant, connectionId, 10))).toEqual(['b']);
  });

  test('are asked about when they never were, or not lately', async () => {
    const connection = await aConnection(store.owner);
    const { accountId, connectionId } = connection;
    await as(connection, (tenant) =>
      saveAgents(tenant, connectionId, [
        { agentId: 'new', siteId: '1' },
        { agentId: 'old', siteId: '1' },
      ]),
    );
    await query(
      `update agents set checked_at = now() - interval '11 minutes' where account_id = $1 and agent_id = 'old'`,
      [accountId],
    );
    expect(await as(connection, (tenant) => staleAgents(tenant, connectionId, ['new', 'old', 'never']))).toEqual([
      'old',
      'never',
    ]);
  });
});

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
    await discard(connection, { siteId: '1' }, { siteId: '1' }, { siteId: '1' }, { siteId: '2' });
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

describe('organizations', () => {
  test('that are deleted or foreign are not living; those that live stay so until the transaction ends', async () => {
    const account = await anAccount(store.owner);
    const stranger = await anAccount(store.owner);
    const gone = await anOrganization(store.owner, account);
    await query('update organizations set deleted_at = now() where id = $1', [gone]);
    const unknown = randomUUID();
    const locked = Promise.withResolvers<string[]>();
    const end = Promise.withResolvers<void>();
    const locking = as(account, async (tenant) => {
      locked.resolve(
        await lockLivingOrganizations(tenant, [account.organizationId, gone, stranger.organizationId, unknown]),
      );
      await end.promise;
    });
    expect(await locked.promise).toEqual([gone, stranger.organizationId, unknown]);
    const deleting = as(account, ({ client }) =>
      client.query('select 1 from organizations where id = $1 for update', [account.organizationId]),
    );
    await untilWaiting(store.owner, 1);
    end.resolve();
    await Promise.all([locking, deleting]);
  });

  test('that are being deleted are waited for and then found dead', async () => {
    const account = await anAccount(store.owner);
    const deletion = await hold(store.url, 'select 1 from organizations where id = $1 for update', [
      account.organizationId,
    ]);
    const locking = as(account, (tenant) => lockLivingOrganizations(tenant, [account.organizationId]));
    await untilWaiting(store.owner, 1);
    await deletion.commit('update organizations set deleted_at = now() where id = $1', [account.organizationId]);
    expect(await locking).toEqual([account.organizationId]);
  });
});

test('a destroyed credential keeps its last four characters and dates, never its token', async () => {
  const connection = await aConnection(store.owner);
  const { connectionId } = connection;
  const [old, current] = [randomUUID(), randomUUID()];
  await as(connection, async (tenant) => {
    for (const id of [old, current]) {
      await credentials.insertPendingCredential(tenant, { id, connectionId, tokenJwe: 'jwe', lastFour: 'wxyz' });
    }
    await credentials.markAccepted(tenant, old, '2026-05-01T00:00:00Z');
    await credentials.destroyCredentials(tenant, connectionId, { allBut: current });
  });
  const find = (id: string) => as(connection, (tenant) => credentials.findCredential(tenant, connectionId, id));
  expect([await find(old), (await find(current))?.tokenJwe]).toEqual([undefined, 'jwe']);
  await as(connection, (tenant) => credentials.destroyCredentials(tenant, connectionId, { only: current }));
  const rows = await query(
    'select token_jwe, last_four, expires_at, destroyed_at from credentials where account_id = $1 order by expires_at',
    [connection.accountId],
  );
  expect(rows).toMatchObject([
    { token_jwe: null, last_four: 'wxyz', expires_at: '2026-05-01T00:00:00.000000Z', destroyed_at: expect.any(String) },
    { token_jwe: null, last_four: 'wxyz', expires_at: null, destroyed_at: expect.any(String) },
  ]);
});

describe('backfills', () => {
  const HOUR = 3600 * 1_000_000;
  const start = Date.UTC(2026, 0, 1) * 1000;
  const queue = (connection: ConnectionRef, hours: number) =>
    as(connection, (tenant) =>
      backfills.queueBackfill(tenant, {
        connectionId: connection.connectionId,
        kind: 'requested',
        window: { fromMicros: start, toMicros: start + hours * HOUR + 1 },
      }),
    );
  const find = async (connection: ConnectionRef, id: string) => {
    const row = await as(connection, (tenant) => backfills.findBackfill(tenant, connection.connectionId, id));
    if (row === undefined) throw new Error('no such backfill');
    return row;
  };

  test('are cut into slices that cover the window exactly', async () => {
    const connection = await aConnection(store.owner);
    const id = await queue(connection, 13);
    const slices = await as(connection, (tenant) => openSlices(tenant, { connectionId: connection.connectionId, id }));
    expect(slices.map((slice) => [slice.fromAt, slice.toAt])).toEqual([
      ['2026-01-01T00:00:00.000000Z', '2026-01-01T06:00:00.000000Z'],
      ['2026-01-01T06:00:00.000000Z', '2026-01-01T12:00:00.000000Z'],
      ['2026-01-01T12:00:00.000000Z', '2026-01-01T13:00:00.000001Z'],
    ]);
    await ingestPage(
      store.owner,
      await aPage(store.owner, connection, {
        activities: [],
        checkpoint: slices[1] ?? (slices[0] as never),
        done: true,
      }),
    );
    const open = await as(connection, (tenant) => openSlices(tenant, { connectionId: connection.connectionId, id }));
    expect(open.map((slice) => slice.slice)).toEqual([slices[0]?.slice, slices[2]?.slice]);
  });

  test('of ten years are one statement', async () => {
    const connection = await aConnection(store.owner);
    const id = await queue(connection, 10 * 365 * 24);
    const slices = await as(connection, (tenant) => openSlices(tenant, { connectionId: connection.connectionId, id }));
    expect(slices).toHaveLength(10 * 365 * 4 + 1);
    expect(slices.every((slice, index) => index === 0 || slice.fromAt === slices[index - 1]?.toAt)).toBe(true);
  });

  test('are worked off oldest first; a paused one waits, unless it is to be cancelled', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const [first, second] = [await queue(connection, 1), await queue(connection, 1)];
    const oldest = async () =>
      (await as(connection, (tenant) => backfills.oldestUnfinishedBackfill(tenant, connectionId)))?.id;
    expect(await oldest()).toBe(first);
    await query('update backfills set pause_requested = true where id = $1', [first]);
    expect(await oldest()).toBe(second);
    await query('update backfills set cancel_requested = true where id = $1', [first]);
    expect(await oldest()).toBe(first);
    const row = await find(connection, first);
    await as(connection, (tenant) => backfills.finishBackfill(tenant, row, { state: 'cancelled' }));
    expect(await oldest()).toBe(second);
    await as(connection, (tenant) => backfills.cancelBackfills(tenant, connectionId));
    expect(await oldest()).toBeUndefined();
    expect(await as(connection, (tenant) => backfills.hasUnfinishedBackfill(tenant, connectionId))).toBe(false);
    expect(await find(connection, second)).toMatchObject({ state: 'cancelled', cancelRequested: true });
  });

  test('that ended do not run again, and keep how they ended', async () => {
    const connection = await aConnection(store.owner);
    const row = await find(connection, await queue(connection, 1));
    await as(connection, (tenant) => backfills.markRunning(tenant, row));
    expect(await as(connection, (tenant) => backfills.countBackfillFailure(tenant, row, 's1.unavailable'))).toBe(1);
    await as(connection, (tenant) => backfills.finishBackfill(tenant, row, { state: 'done', unavailable: 2 }));
    await as(connection, (tenant) => backfills.markRunning(tenant, row));
    await as(connection, (tenant) => backfills.finishBackfill(tenant, row, { state: 'cancelled' }));
    expect(await find(connection, row.id)).toMatchObject({ state: 'done', unavailableCount: 2, failureCode: null });
  });

  test('of discards reach from the ledger’s first row to just behind its last', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const ledger = (siteIds: string[]) =>
      as(connection, (tenant) => backfills.ledgerWindow(tenant, connectionId, siteIds));
    expect(await ledger(['1'])).toBeNull();
    await discard(connection, { siteId: '1' }, { siteId: '2' }, { siteId: '1' });
    expect(await ledger(['1'])).toEqual({
      fromMicros: anActivity(0).createdAtMicros,
      toMicros: anActivity(2).createdAtMicros + 1,
    });
    const count = (fromAt: string, toAt: string) =>
      as(connection, (tenant) => countLedger(tenant, { connectionId, siteIds: ['1', '2'], fromAt, toAt }));
    expect(await count(anActivity(0).createdAt, anActivity(2).createdAt)).toBe(2);
  });

  test('have a checkpoint of their own for rows that only an agent named', async () => {
    const connection = await aConnection(store.owner);
    const id = await queue(connection, 1);
    const backfill = { connectionId: connection.connectionId, id };
    const made = await as(connection, (tenant) => agentCheckpoint(tenant, backfill));
    expect(await as(connection, (tenant) => agentCheckpoint(tenant, backfill))).toEqual(made);
    expect(await as(connection, (tenant) => openSlices(tenant, backfill))).toHaveLength(1);
  });
});

test('names of activity types are kept as actions, the latest name of each', async () => {
  const connection = await aConnection(store.owner);
  const { connectionId } = connection;
  const age = () => as(connection, (tenant) => activityTypesAgeHours(tenant, connectionId));
  expect(await age()).toBeNull();
  await as(connection, (tenant) =>
    saveActivityTypes(tenant, connectionId, [
      { activityType: 1, name: 'Old' },
      { activityType: 1, name: 'New Threat' },
    ]),
  );
  await as(connection, (tenant) =>
    saveActivityTypes(tenant, connectionId, [{ activityType: 1, name: 'Newer Threat' }]),
  );
  expect(await as(connection, (tenant) => readTypeNames(tenant, connectionId))).toEqual(new Map([[1, 'newer-threat']]));
  expect(await age()).toBeLessThan(1);
});

test('the timeline keeps details with the keys they came with', async () => {
  const connection = await aConnection(store.owner);
  await as(connection, (tenant) =>
    addToTimeline(tenant, {
      connectionId: connection.connectionId,
      kind: 'k',
      outcome: 'o',
      details: { some_key: 1, otherKey: { in_side: 2 } },
    }),
  );
  const rows = await as(connection, ({ db }) =>
    db
      .selectFrom('connectionTimeline')
      .select(['kind', 'code', 'details'])
      .where('accountId', '=', connection.accountId)
      .execute(),
  );
  expect(rows).toEqual([{ kind: 'k', code: null, details: { some_key: 1, otherKey: { in_side: 2 } } }]);
});
