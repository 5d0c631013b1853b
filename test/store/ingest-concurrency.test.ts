import { describe, expect, test } from 'vitest';
import {
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  toInstant,
  toMicros,
} from '../../src/domain/instant.js';
import { addAgents, saveAgents } from '../../src/store/collecting/agent.repository.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { type Checkpoint, openSlices } from '../../src/store/collecting/checkpoint.repository.js';
import { projectState } from '../../src/store/connections/connection.repository.js';
import { syncSites } from '../../src/store/connections/site.repository.js';
import { CheckpointConflict, ConnectionGone, StoreConflict } from '../../src/store/errors.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import type { PageToStore } from '../../src/store/ingest/page.js';
import type { PreparedActivity } from '../../src/store/ingest/prepare-activity.js';
import type { Tenant } from '../../src/store/tenant.js';
import {
  aConnection,
  activities,
  anActivity,
  anOrganization,
  aPage,
  aSite,
  asTenant,
  type ConnectionRef,
  remap,
} from '../support/builders.js';
import { discardsOf, eventsOf, expectConsistent, totalsOf } from './support/ledgers.js';
import { hold, holdPagesAtTheirEnd, untilWaiting } from './support/sessions.js';
import { useStore } from './support/use-store.js';

const store = useStore();

const listed = (id: string) => ({ id, name: id, state: 'active', activeLicenses: 1 });

/** Checkpoints of slices that nobody else moves, for pages that run side by side. */
async function slices({ accountId, connectionId }: ConnectionRef, count: number): Promise<Checkpoint[]> {
  const fromMicros = toMicros('2026-01-01T00:00:00Z');
  const window = { fromMicros, toMicros: fromMicros + count * 6 * 3600 * 1_000_000 };
  return asTenant(store.owner, accountId, async (tenant) => {
    const id = await queueBackfill(tenant, { connectionId, kind: 'requested', window });
    return openSlices(tenant, { connectionId, id });
  });
}

async function pagesOfSlices(
  connection: ConnectionRef,
  pages: readonly Partial<PageToStore>[],
): Promise<PageToStore[]> {
  const checkpoints = await slices(connection, pages.length);
  return Promise.all(
    pages.map((page, index) =>
      aPage(store.owner, connection, { activities: [], ...page, checkpoint: checkpoints[index] as Checkpoint }),
    ),
  );
}

describe('of two attempts at one checkpoint', () => {
  test('the one that comes later changes nothing, even when it brings other rows', async () => {
    const connection = await aConnection(store.owner);
    const page = await aPage(store.owner, connection, { activities: activities(0, 2) });
    await ingestPage(store.owner, page);
    const late = {
      ...page,
      activities: activities(2, 2),
      rejects: [{ text: '{}', reason: 'no_id' as const, occurredAt: null }],
    };
    await expect(ingestPage(store.owner, late)).rejects.toThrow(CheckpointConflict);
    await expect(ingestPage(store.owner, page)).rejects.toThrow(CheckpointConflict); // the reply was lost after the commit
    expect(await totalsOf(store.owner, connection)).toEqual({ stored: 2, discarded: 0, rejected: 0 });
    await expectConsistent(store.owner, connection);
  });

  test('side by side one wins and the other has changed nothing', async () => {
    const connection = await aConnection(store.owner);
    const page = await aPage(store.owner, connection, { activities: activities(0, 50) });
    const attempts = [page, { ...page, activities: activities(100, 50) }, page];
    const results = await Promise.allSettled(attempts.map((attempt) => ingestPage(store.owner, attempt)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(CheckpointConflict);
    }
    expect(await totalsOf(store.owner, connection)).toEqual({ stored: 50, discarded: 0, rejected: 0 });
    await expectConsistent(store.owner, connection);
  });
});

describe('two slices over the same rows', () => {
  test('store them once: the slower waits, is refused by the unique key, and finds them known', async () => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1' });
    const rows = [...activities(0, 5), ...activities(5, 5, { siteId: '1' })];
    const [first, second] = await pagesOfSlices(connection, [
      { activities: rows },
      { activities: rows.slice().reverse() },
    ]);
    const held = await holdPagesAtTheirEnd(store.url, connection);
    const one = ingestPage(store.owner, first as PageToStore);
    await untilWaiting(store.owner, 1);
    const two = ingestPage(store.owner, second as PageToStore);
    await untilWaiting(store.owner, 2); // on the first one's uncommitted rows
    await held.release();
    expect(await one).toMatchObject({ stored: 5, discarded: 5 });
    expect(await two).toMatchObject({ stored: 0, discarded: 0, checkpoint: { version: 1 } });
    await expectConsistent(store.owner, connection);
  });

  test.each([
    ['seconds apart', { step: MICROS_PER_SECOND, count: 5, others: 1 }],
    ['one page spread over hours', { step: MICROS_PER_MINUTE, count: 2, others: 200 }],
    ['one page spread over days', { step: MICROS_PER_HOUR, count: 2, others: 100 }],
  ])('with times written in another precision store them once: %s', async (_, { step, count, others }) => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1' });
    const at = (n: number) => toInstant(toMicros('2026-01-15T09:00:00.654321Z') + n * step);
    const row = (n: number, createdAt: string) => anActivity(n, { createdAt, ...(n % 2 ? { siteId: '1' } : {}) });
    const rows = Array.from({ length: count }, (_row, n) => row(n, at(n)));
    const spread = Array.from({ length: others }, (_row, n) => row(n + count, at(n + count)));
    const inSeconds = [...rows.map((_row, n) => row(n, `${at(n).slice(0, 19)}Z`)), ...spread];
    const [first, second] = await pagesOfSlices(connection, [{ activities: rows }, { activities: inSeconds }]);
    const held = await holdPagesAtTheirEnd(store.url, connection);
    const one = ingestPage(store.owner, first as PageToStore);
    await untilWaiting(store.owner, 1);
    const two = ingestPage(store.owner, second as PageToStore);
    await untilWaiting(store.owner, 2);
    await held.release();
    const total = async (page: Promise<{ stored: number; discarded: number }>) => {
      const { stored, discarded } = await page;
      return stored + discarded;
    };
    expect([await total(one), await total(two)]).toEqual([count, others]);
    await expectConsistent(store.owner, connection);
  });

  test('that each time meet new rivals end as a conflict and have changed nothing', async () => {
    const connection = await aConnection(store.owner);
    const [page] = await pagesOfSlices(connection, [{ activities: activities(0, 2) }]);
    // Stands for rivals that commit the same rows after each look-up.
    await store.owner.pool.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise unique_violation; end $$`,
    );
    await store.owner.pool.query(
      `create trigger refuse before insert on events for each row when (new.account_id = '${connection.accountId}')
         execute function refuse()`,
    );
    try {
      await expect(ingestPage(store.owner, page as PageToStore)).rejects.toThrow(StoreConflict);
    } finally {
      await store.owner.pool.query('drop trigger refuse on events');
    }
    expect(await eventsOf(store.owner, connection)).toEqual([]);
    expect(await ingestPage(store.owner, page as PageToStore)).toMatchObject({ stored: 2 });
  });

  test('that wait for each other crosswise outlive the deadlock', async () => {
    const connection = await aConnection(store.owner);
    const [first, second] = activities(0, 2);
    const [early, late] = await pagesOfSlices(connection, [
      { activities: [first as PreparedActivity] },
      { activities: [first as PreparedActivity, second as PreparedActivity] },
    ]);
    await ingestPage(store.owner, early as PageToStore);
    await store.owner.pool.query('delete from events where account_id = $1', [connection.accountId]);
    // A rival that has the end of the page locked and then wants the row that the page has written.
    const rival = await holdPagesAtTheirEnd(store.url, connection);
    await rival.query(`set deadlock_timeout = '1min'`); // so that it is the page that PostgreSQL ends
    const page = ingestPage(store.owner, late as PageToStore);
    await untilWaiting(store.owner, 1);
    await rival.query(
      `insert into events (account_id, organization_id, connection_id, s1_account_id, activity_id, occurred_at, ingested_at,
         mapping_version, event_kind, event_category, event_type, sanitized, activity)
       values ($1, $2, $3, $4, $5, $6, now(), 0, 'event', '{}', '{}', false, '{}')`,
      [
        connection.accountId,
        connection.organizationId,
        connection.connectionId,
        connection.s1AccountId,
        second?.id,
        second?.createdAt,
      ],
    );
    await rival.release();
    expect(await page).toMatchObject({ stored: 2 });
    expect(await eventsOf(store.owner, connection)).toHaveLength(2);
  });

  test('in any order, all at once, store each row once', async () => {
    const connection = await aConnection(store.owner);
    const rows = activities(0, 300).map((_, index) => anActivity(index, { siteId: String(1 + (index % 3)) }));
    const pages = await pagesOfSlices(
      connection,
      Array.from({ length: 8 }, (_, index) => ({ activities: index % 2 ? rows : rows.slice().reverse() })),
    );
    const results = await Promise.all(pages.map((page) => ingestPage(store.owner, page)));
    expect(results.map((result) => result.discarded).sort((a, b) => b - a)).toEqual([300, 0, 0, 0, 0, 0, 0, 0]);
    await expectConsistent(store.owner, connection);
  });

  test('collected from the discards store each once', async () => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1' });
    const rows = activities(0, 20, { siteId: '1' });
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows }));
    await remap(store.owner, connection, [{ siteId: '1', organizationId: connection.organizationId }]);
    const collect = { activities: rows, fromLedger: true };
    const [first, second] = await pagesOfSlices(connection, [collect, collect]);
    const held = await holdPagesAtTheirEnd(store.url, connection);
    const both = [ingestPage(store.owner, first as PageToStore), ingestPage(store.owner, second as PageToStore)];
    await untilWaiting(store.owner, 2);
    await held.release();
    const results = await Promise.all(both);
    expect(results.map((result) => result.stored).sort((a, b) => a - b)).toEqual([0, 20]);
    expect(await discardsOf(store.owner, connection)).toEqual([]);
    await expectConsistent(store.owner, connection);
  });
});

describe('a change of the mapping', () => {
  test('waits for open pages, and later pages wait for it', async () => {
    const connection = await aConnection(store.owner);
    const [before, after] = [
      await anOrganization(store.owner, connection),
      await anOrganization(store.owner, connection),
    ];
    await aSite(store.owner, connection, { siteId: '1', organizationId: before });
    const [first, second] = await pagesOfSlices(connection, [
      { activities: activities(0, 10, { siteId: '1' }) },
      { activities: activities(10, 10, { siteId: '1' }) },
    ]);
    const held = await holdPagesAtTheirEnd(store.url, connection);
    const open = ingestPage(store.owner, first as PageToStore);
    await untilWaiting(store.owner, 1);
    const change = remap(store.owner, connection, [{ siteId: '1', organizationId: after }]);
    await untilWaiting(store.owner, 2);
    const later = ingestPage(store.owner, second as PageToStore);
    await untilWaiting(store.owner, 3);
    await held.release();
    await Promise.all([open, change, later]);
    const events = await eventsOf(store.owner, connection);
    expect(events.map((row) => [row.organization_id, row.mapping_version])).toEqual([
      ...Array.from({ length: 10 }, () => [before, 1]),
      ...Array.from({ length: 10 }, () => [after, 2]),
    ]);
  });

  test('at any moment leaves each page with one version, and every row with what the history says of it', async () => {
    const connection = await aConnection(store.owner);
    const organizations = [
      await anOrganization(store.owner, connection),
      await anOrganization(store.owner, connection),
      null,
    ];
    for (const siteId of ['1', '2']) await aSite(store.owner, connection, { siteId });
    const pages = await pagesOfSlices(
      connection,
      Array.from({ length: 24 }, (_, page) => ({
        activities: Array.from({ length: 40 }, (_, row) =>
          anActivity(page * 40 + row, { siteId: String(1 + (row % 2)) }),
        ),
      })),
    );
    const changing = (async () => {
      for (let change = 0; change < 12; change++) {
        const organizationId = organizations[change % 3] ?? null;
        await remap(store.owner, connection, [{ siteId: String(1 + (change % 2)), organizationId }]);
      }
    })();
    await Promise.all([...pages.map((page) => ingestPage(store.owner, page)), changing]);
    await expectConsistent(store.owner, connection);
    const { stored, discarded } = await totalsOf(store.owner, connection);
    expect(stored + discarded).toBe(24 * 40);
    const kept = [...(await eventsOf(store.owner, connection)), ...(await discardsOf(store.owner, connection))];
    const first = BigInt(anActivity(0).id);
    const versions = Map.groupBy(kept, (row) => (BigInt(row.activity_id) - first) / 40n);
    for (const rows of versions.values()) expect(new Set(rows.map((row) => row.mapping_version)).size).toBe(1);
  });
});

test.each<[string, (tenant: Tenant, connectionId: string) => Promise<void>]>([
  ['a sync of the sites', (tenant, id) => syncSites(tenant, id, [listed('1')])],
  ['an answer about agents', (tenant, id) => saveAgents(tenant, id, [{ agentId: 'a', siteId: '1' }])],
])('%s waits for open pages, because it changes what they read or lock', async (_, change) => {
  const connection = await aConnection(store.owner);
  const page = await aPage(store.owner, connection, { activities: [anActivity(0, { siteId: '9' })] });
  const held = await holdPagesAtTheirEnd(store.url, connection);
  const open = ingestPage(store.owner, page);
  await untilWaiting(store.owner, 1);
  const changing = store.as(connection, (tenant) => change(tenant, connection.connectionId));
  await untilWaiting(store.owner, 2);
  await held.release();
  await Promise.all([open, changing]);
  await expectConsistent(store.owner, connection);
});

test('a first answer about agents does not wait for open pages, which cannot have named them', async () => {
  const connection = await aConnection(store.owner);
  const page = await aPage(store.owner, connection, { activities: [anActivity(0, { siteId: '9' })] });
  const held = await holdPagesAtTheirEnd(store.url, connection);
  const open = ingestPage(store.owner, page);
  await untilWaiting(store.owner, 1);
  const answer = [{ agentId: 'a', siteId: '1' }];
  expect(await store.as(connection, (tenant) => addAgents(tenant, connection.connectionId, answer))).toEqual([]);
  await held.release();
  await open;
  await expectConsistent(store.owner, connection);
});

test('the end of a connection waits for its open pages, and no page comes after it', async () => {
  const connection = await aConnection(store.owner);
  const { accountId, connectionId } = connection;
  const [first, second] = await pagesOfSlices(connection, [
    { activities: activities(0, 3) },
    { activities: activities(3, 3) },
  ]);
  const held = await hold(store.url, 'lock table events in access exclusive mode');
  const open = ingestPage(store.owner, first as PageToStore);
  await untilWaiting(store.owner, 1);
  const ending = asTenant(store.owner, accountId, (tenant) =>
    projectState(tenant, connectionId, { stateSeq: 5, state: 'disconnected', pauseReasons: [], cause: 'disconnect' }),
  );
  await untilWaiting(store.owner, 2);
  await held.release();
  expect(await open).toMatchObject({ stored: 3 });
  expect(await ending).toBe(true);
  await expect(ingestPage(store.owner, second as PageToStore)).rejects.toThrow(ConnectionGone);
});
