import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { ensurePartitions, monthOf } from '../../src/store/upkeep/partitions.js';
import { aConnection, activities, anActivity, aPage, asTenant } from '../support/builders.js';
import { eventsOf, expectConsistent } from './support/ledgers.js';
import { holdPagesAtTheirEnd, untilWaiting } from './support/sessions.js';
import { useStore } from './support/use-store.js';

const store = useStore();

async function months(database: Database, pattern: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhrelid::regclass::text ~ $1 order by 1`,
    [pattern],
  );
  return rows.map((row) => row.name);
}

describe('a month that is missing', () => {
  test('is made for events and discards, at the month’s exact ends', async () => {
    const connection = await aConnection(store.owner);
    const edges = [
      '2027-11-30T23:59:59.999999Z',
      '2027-12-01T00:00:00.000000Z',
      '2027-12-31T23:59:59.999999Z',
      '2028-01-01T00:00:00.000000Z',
    ];
    const rows = edges.map((createdAt, index) => anActivity(index, { createdAt }));
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows }));
    expect(await months(store.owner, '^events_202[78]_..$')).toEqual([
      'events_2027_11',
      'events_2027_12',
      'events_2028_01',
    ]);
    expect(await months(store.owner, '^discards_202[78]_..$')).toHaveLength(3);
    const { rows: places } = await store.owner.pool.query<{ place: string }>(
      'select tableoid::regclass::text as place from events where account_id = $1 order by occurred_at',
      [connection.accountId],
    );
    expect(places.map((row) => row.place)).toEqual([
      'events_2027_11',
      'events_2027_12',
      'events_2027_12',
      'events_2028_01',
    ]);
  });

  test('is made once by any number of processes at once', async () => {
    const processes = Array.from({ length: 6 }, () => store.open());
    const wanted = new Set(['2029-01', '2029-02', '2029-03']);
    await Promise.all(processes.map((database) => ensurePartitions(database, wanted)));
    expect(await months(store.owner, '^events_2029_..$')).toHaveLength(3);
    expect(await months(store.owner, '^discards_2029_..$')).toHaveLength(3);
  });

  test('is made while a page is open, without waiting for it', async () => {
    const connection = await aConnection(store.owner);
    const held = await holdPagesAtTheirEnd(store.url, connection);
    const open = ingestPage(store.owner, await aPage(store.owner, connection, { activities: activities(0, 10) }));
    await untilWaiting(store.owner, 1);
    const other = await aConnection(store.owner);
    const next = [anActivity(0, { createdAt: '2030-05-01T00:00:00Z' })];
    expect(await ingestPage(store.open(), await aPage(store.owner, other, { activities: next }))).toMatchObject({
      stored: 1,
    });
    await held.release();
    expect(await open).toMatchObject({ stored: 10 });
  });

  test('because retention dropped it is made again when a late row needs it', async () => {
    const connection = await aConnection(store.owner);
    const row = (index: number) => anActivity(index, { createdAt: `2020-03-0${index}T00:00:00Z` });
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: [row(1)] }));
    await store.owner.pool.query('drop table events_2020_03, discards_2020_03');
    const late = await aPage(store.owner, connection, { activities: [row(2)] });
    expect(await ingestPage(store.owner, late)).toMatchObject({ stored: 1 });
    expect(await eventsOf(store.owner, connection)).toHaveLength(1);
  });
});

test('a partition is nobody’s way around row-level security', async () => {
  await ensurePartitions(store.owner, new Set(['2026-01']));
  const connection = await aConnection(store.owner);
  await expect(
    asTenant(store.api, connection.accountId, ({ client }) => client.query('select * from events_2026_01')),
  ).rejects.toMatchObject({ code: '42501' });
});

test('a partition has the parent’s unique key and indexes', async () => {
  await ensurePartitions(store.owner, new Set(['2026-01']));
  const { rows } = await store.owner.pool.query<{ loose: string }>(`
    select indexrelid::regclass as loose from pg_index
     where indrelid in ('events_2026_01'::regclass, 'discards_2026_01'::regclass)
       and not exists (select from pg_inherits where inhrelid = indexrelid)`);
  expect(rows).toEqual([]);
});

test.each([
  ['2026-01-31T23:59:59.999999Z', '2026-01'],
  ['2013-12-01T00:00:00.000000Z', '2013-12'],
])('the month of %s is %s', (instant, month) => {
  expect(monthOf(instant)).toBe(month);
});

test('a page across the end of a month is known as a whole when it comes again', async () => {
  const connection = await aConnection(store.owner);
  const row = anActivity(1, { createdAt: '2026-01-31T23:59:59.999999Z' });
  for (let time = 0; time < 2; time++) {
    await ingestPage(
      store.owner,
      await aPage(store.owner, connection, { activities: [row, anActivity(2, { createdAt: '2026-02-01T00:00:00Z' })] }),
    );
  }
  expect(await eventsOf(store.owner, connection)).toHaveLength(2);
  await expectConsistent(store.owner, connection);
});
