// Retention: whole months go, and nobody who collects waits for it.
import { describe, expect, test } from 'vitest';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { dropExpiredPartitions, markOf, type PartitionedTable } from '../../src/store/upkeep/expired-partitions.js';
import { ensurePartitions, ensurePartitionsAhead } from '../../src/store/upkeep/partitions.js';
import { aConnection, activities, anActivity, aPage, aSite } from '../support/builders.js';
import { eventsOf } from './support/ledgers.js';
import { hold, holdPagesAtTheirEnd, untilWaiting } from './support/sessions.js';
import { useStore } from './support/use-store.js';

const store = useStore();

/** Every partition of these tables that is attached, or is left lying about. */
async function partitions(pattern: string): Promise<string[]> {
  const rows = await store.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relname ~ $1 order by 1`,
    [pattern],
  );
  return rows.map(({ name }) => name);
}

/** Soon after `activities()`, whatever the clock says. */
const at = '2026-02-01T00:00:00Z';

const drop = (table: PartitionedTable, more: { at?: string; days?: number; lockTimeoutMs?: number } = {}) =>
  dropExpiredPartitions(store.owner, { table, days: 365, at, ...more });

describe('a month is dropped', () => {
  test.each([
    ['its last instant is one microsecond too young', '2017-02-28T23:59:59.999999Z', 365, false],
    ['its last instant is older', '2017-03-01T00:00:00.000000Z', 365, true],
    ['its last instant is older, in a leap year', '2017-03-01T00:00:00Z', 366, false],
    ['a single day is kept', '2016-03-01T23:59:59.999999Z', 1, false],
    ['a single day is kept and over', '2016-03-02T00:00:00Z', 1, true],
    ['ten years are kept', '2026-02-26T23:59:59Z', 3650, false],
    ['ten years are kept and over', '2026-02-27T00:00:00Z', 3650, true],
  ])('when %s (at %s, %i days): %s', async (_, at, days, isDropped) => {
    // 2016-02 ends on 2016-03-01; 2016-04 is younger in each case.
    const connection = await aConnection(store.owner);
    const rows = ['2016-02-01T00:00:00.000000Z', '2016-02-29T23:59:59.999999Z', '2016-04-01T00:00:00Z'];
    const page = rows.map((createdAt, index) => anActivity(index, { createdAt }));
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: page }));
    expect(await drop('events', { at, days })).toBe(isDropped ? 1 : 0);
    expect(await eventsOf(store.owner, connection)).toHaveLength(isDropped ? 1 : 3);
    const left = isDropped ? ['events_2016_04'] : ['events_2016_02', 'events_2016_04'];
    expect(await partitions('^events_2016_')).toEqual(left);
    expect(await partitions('^discards_2016_')).toEqual(['discards_2016_02', 'discards_2016_04']);
    await drop('events', { at: '2030-01-01T00:00:00Z' });
    await drop('discards', { at: '2030-01-01T00:00:00Z' });
    expect(await partitions('_2016_')).toEqual([]);
  });

  test('twice without harm, and its counters, sites and mapping stay', async () => {
    const connection = await aConnection(store.owner);
    const { accountId, connectionId, organizationId } = connection;
    await aSite(store.owner, connection, { siteId: '7', organizationId });
    const rows = activities(0, 4, { siteId: '7' }).map(({ id }, n) =>
      anActivity(n, { id, siteId: '7', createdAt: `2015-05-0${n + 1}T00:00:00Z` }),
    );
    const lost = anActivity(9, { siteId: '8', createdAt: '2015-05-09T00:00:00Z' });
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: [...rows, lost] }));
    const facts = () =>
      store.query(
        `select connections.stored_count, connections.discarded_count, site_id, sites.stored_count as of_site,
                sites.discarded_count as discards_of_site, last_event_at, first_discarded_at,
                (select count(*) from mapping_history where account_id = $1) as mappings,
                (select watermark from checkpoints where account_id = $1 and kind = 'live') as watermark
           from connections join sites on sites.connection_id = connections.id
          where connections.account_id = $1 and connections.id = $2 order by site_id`,
        [accountId, connectionId],
      );
    const before = await facts();
    expect(before).toMatchObject([{ of_site: 4 }, { discards_of_site: 1 }]);
    expect([await drop('events'), await drop('discards')]).toEqual([1, 1]);
    expect([await drop('events'), await drop('discards')]).toEqual([0, 0]);
    expect(await eventsOf(store.owner, connection)).toEqual([]);
    expect(await facts()).toEqual(before);
  });

  test('by the owner alone', async () => {
    await ensurePartitions(store.owner, new Set(['2007-01']));
    await expect(dropExpiredPartitions(store.api, { table: 'events', days: 1 })).rejects.toMatchObject({
      code: '42501',
    });
    expect(await partitions('^events_2007_')).toEqual(['events_2007_01']);
    expect([await drop('events'), await drop('discards')]).toEqual([1, 1]);
  });

  test('once, by any number of runs at once', async () => {
    await ensurePartitions(store.owner, new Set(['2007-02', '2007-03', '2007-04']));
    const runs = await Promise.all(Array.from({ length: 4 }, () => drop('events')));
    expect(runs.sort()).toEqual([0, 0, 0, 3]);
    await drop('discards');
  });
});

describe('while pages are stored', () => {
  test('the drop waits for an open page, and no other page waits for the drop', async () => {
    await ensurePartitions(store.owner, new Set(['2014-01']));
    const connection = await aConnection(store.owner);
    const held = await holdPagesAtTheirEnd(store.url, connection);
    const open = ingestPage(store.owner, await aPage(store.owner, connection, { activities: activities(0, 10) }));
    await untilWaiting(store.owner, 1);
    const dropping = drop('events');
    await untilWaiting(store.owner, 2);

    const other = await aConnection(store.owner);
    const late = anActivity(1, { createdAt: '2031-01-01T00:00:00Z' }); // of a month that has to be made
    const page = await aPage(store.owner, other, { activities: [...activities(0, 10), late] });
    expect(await ingestPage(store.owner, page)).toMatchObject({ stored: 11 });
    await untilWaiting(store.owner, 2); // the drop has not given up meanwhile: it still waits, and held nobody up
    await held.release();
    expect(await open).toMatchObject({ stored: 10 });
    expect(await dropping).toBe(1);
    expect(await drop('discards')).toBe(1);
  });

  test('a drop that waits for too long gives up, its rows are seen no more, and the next one finishes it', async () => {
    const connection = await aConnection(store.owner);
    const old = [anActivity(1, { createdAt: '2014-02-01T00:00:00Z' })];
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: old }));
    await ensurePartitions(store.owner, new Set(['2014-03']));
    const reader = await hold(store.url, 'select count(*) from events');
    await expect(drop('events', { lockTimeoutMs: 100 })).rejects.toMatchObject({ code: '55P03' });
    expect(await eventsOf(store.owner, connection)).toEqual([]);
    expect(await partitions('^events_2014_')).toEqual(['events_2014_02', 'events_2014_03']);
    const finishing = drop('events');
    await untilWaiting(store.owner, 1);
    const page = await aPage(store.owner, connection, { activities: activities(0, 5) });
    expect(await ingestPage(store.owner, page)).toMatchObject({ stored: 5 });
    await untilWaiting(store.owner, 1); // it waits for the reader still, and the page did not
    await reader.release();
    expect(await finishing).toBe(2);
    expect(await partitions('^events_2014_')).toEqual([]);
    await drop('discards');
  });

  test('a drop whose session is killed is finished by the next one', async () => {
    await ensurePartitions(store.owner, new Set(['2014-04']));
    const reader = await hold(store.url, 'select count(*) from events');
    const killed = expect(drop('events')).rejects.toThrow();
    const [pid] = await untilWaiting(store.owner, 1);
    await store.query('select pg_terminate_backend($1)', [pid]);
    await killed;
    await reader.release();
    expect(await drop('events')).toBe(1);
    expect(await partitions('^events_2014_')).toEqual([]);
    await drop('discards');
  });

  test('a table that was detached by a run is dropped, one that a person detached stays', async () => {
    await ensurePartitions(store.owner, new Set(['2014-05', '2014-06']));
    await store.query('alter table events detach partition events_2014_05 concurrently');
    await store.query('alter table events detach partition events_2014_06 concurrently');
    await store.query(`comment on table events_2014_05 is '${markOf('events')}'`);
    expect(await drop('discards')).toBe(2);
    expect(await drop('events')).toBe(1);
    expect(await partitions('^(events|discards)_2014_')).toEqual(['events_2014_06']);
    await store.query('drop table events_2014_06');
  });
});

describe('a row that is older than it would be kept', () => {
  const keptFrom = { events: '2018-03-10T00:00:00.000000Z', discards: '2018-05-10T00:00:00.000000Z' };
  const row = (index: number, createdAt: string, siteId: string | null) => anActivity(index, { createdAt, siteId });

  test('is neither an event nor a discard, and brings no month back', async () => {
    const connection = await aConnection(store.owner);
    const { organizationId } = connection;
    await aSite(store.owner, connection, { siteId: '7', organizationId });
    const page = await aPage(store.owner, connection, {
      keptFrom,
      activities: [
        row(1, '2018-02-28T23:59:59.999999Z', '7'),
        row(2, '2018-03-09T23:59:59.999999Z', '7'),
        row(3, '2018-03-10T00:00:00.000000Z', '7'),
        row(4, '2018-05-09T23:59:59.999999Z', '8'),
        row(5, '2018-05-10T00:00:00.000000Z', '8'),
        row(6, '2018-05-10T00:00:00.000000Z', '7'),
      ],
    });
    expect(await ingestPage(store.owner, page)).toMatchObject({ stored: 2, discarded: 1 });
    expect(await partitions('^events_2018_')).toEqual(['events_2018_03', 'events_2018_05']);
    const ids = await store.query<{ activity_id: string }>(
      'select activity_id from events where account_id = $1 union all select activity_id from discards where account_id = $1',
      [connection.accountId],
    );
    const places = ids.map(({ activity_id }) => Number(activity_id.slice(-1)));
    expect(places.sort()).toEqual([3, 5, 6]);
    const [checkpoint] = await store.query<{ watermark: string }>(
      `select watermark from checkpoints where account_id = $1 and kind = 'live'`,
      [connection.accountId],
    );
    expect(checkpoint?.watermark).toBe('2018-05-10T00:00:00.000000Z');
  });

  test('does not leave the discard ledger either', async () => {
    const connection = await aConnection(store.owner);
    const lost = [row(1, '2018-03-09T00:00:00Z', '7'), row(2, '2018-03-11T00:00:00Z', '7')];
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: lost }));
    await store.query('insert into site_mappings values ($1, $2, $3, $4)', [
      connection.accountId,
      connection.connectionId,
      '7',
      connection.organizationId,
    ]);
    const page = await aPage(store.owner, connection, { activities: lost, fromLedger: true, keptFrom });
    expect(await ingestPage(store.owner, page)).toMatchObject({ stored: 1, discarded: 0 });
    const ledger = await store.query('select occurred_at from discards where account_id = $1', [connection.accountId]);
    expect(ledger).toEqual([{ occurred_at: '2018-03-09T00:00:00.000000Z' }]);
  });
});

test('this month and two more are made ahead, once', async () => {
  await store.query(`do $$ declare month text; begin
    for month in select inhrelid::regclass::text from pg_inherits where inhparent in ('events'::regclass, 'discards'::regclass)
    loop execute 'drop table ' || month; end loop; end $$`);
  expect(await ensurePartitionsAhead(store.owner)).toBe(6);
  expect(await ensurePartitionsAhead(store.open())).toBe(0);
  const [row] = await store.query<{ months: string[] }>(`
    select array(select 'events_' || to_char(now() + n * interval '1 month', 'YYYY_MM') from generate_series(0, 2) n
                 order by 1) as months`);
  expect(await partitions('^events_')).toEqual(row?.months);
});
