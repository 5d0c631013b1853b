import { describe, expect, test } from 'vitest';
import { MICROS_PER_HOUR, toInstant } from '../../src/domain/instant.js';
import { saveAgents } from '../../src/store/collecting/agent.repository.js';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { liveCheckpoint } from '../../src/store/collecting/checkpoint.repository.js';
import { projectState } from '../../src/store/connections/connection.repository.js';
import { ConnectionGone } from '../../src/store/errors.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import {
  aConnection,
  activities,
  activityOf,
  anActivity,
  anOrganization,
  aPage,
  aSite,
  asTenant,
  remap,
} from '../support/builders.js';
import { discardsOf, eventsOf, expectConsistent, totalsOf } from './support/ledgers.js';
import { useStore } from './support/use-store.js';

const store = useStore();

describe('where activities go', () => {
  test('to the organization of the site, of the agent’s site, or to the default; else to the discards with a reason', async () => {
    const connection = await aConnection(store.owner);
    const customer = await anOrganization(store.owner, connection);
    await aSite(store.owner, connection, { siteId: '11', organizationId: customer });
    await aSite(store.owner, connection, { siteId: '22' });
    await asTenant(store.owner, connection.accountId, (tenant) =>
      saveAgents(tenant, connection.connectionId, [
        { agentId: 'a11', siteId: '11' },
        { agentId: 'a22', siteId: '22' },
        { agentId: 'gone', siteId: null },
      ]),
    );
    const page = await aPage(store.owner, connection, {
      activities: [
        anActivity(0, { siteId: '11', agentId: 'a22' }),
        anActivity(1, { siteId: '22' }),
        anActivity(2, { agentId: 'a11' }),
        anActivity(3, { agentId: 'a22' }),
        anActivity(4, { agentId: 'gone' }),
        anActivity(5, { agentId: 'never asked' }),
        anActivity(6),
        anActivity(7, { siteId: '33', siteName: 'New branch' }),
      ],
    });
    expect(await ingestPage(store.owner, page)).toMatchObject({ stored: 3, discarded: 5, rejected: 0 });

    const events = await eventsOf(store.owner, connection);
    expect(events.map((row) => [row.message, row.organization_id, row.site_id, row.mapping_version])).toEqual([
      ['activity 0', customer, '11', 1],
      ['activity 2', customer, '11', 1],
      ['activity 6', connection.organizationId, null, 1],
    ]);
    const discards = await discardsOf(store.owner, connection);
    expect(discards.map((row) => [row.site_id, row.site_from, row.agent_id, row.reason, row.mapping_version])).toEqual([
      ['22', 'activity', null, 'site_unmapped', 1],
      ['22', 'agent', 'a22', 'site_unmapped', 1],
      [null, 'agent', 'gone', 'agent_unresolved', 1],
      [null, 'agent', 'never asked', 'agent_unresolved', 1],
      ['33', 'activity', null, 'site_unmapped', 1],
    ]);
    await expectConsistent(store.owner, connection);
  });

  test('a site that only an activity or an agent has named is added, as unmapped', async () => {
    const connection = await aConnection(store.owner);
    const { accountId, connectionId } = connection;
    await asTenant(store.owner, accountId, (tenant) =>
      saveAgents(tenant, connectionId, [{ agentId: 'a', siteId: '2' }]),
    );
    const named = [
      anActivity(0, { siteId: '1', siteName: 'One' }),
      anActivity(1, { agentId: 'a' }),
      anActivity(2, { siteId: '1' }),
    ];
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: named }));
    const { rows } = await store.owner.pool.query(
      `select site_id, name, state, discarded_count as count, first_discarded_at as first, last_discarded_at as last
         from sites where account_id = $1 order by site_id`,
      [accountId],
    );
    expect(rows).toEqual([
      { site_id: '1', name: 'One', state: 'unknown', count: 2, first: named[0]?.createdAt, last: named[2]?.createdAt },
      { site_id: '2', name: null, state: 'unknown', count: 1, first: named[1]?.createdAt, last: named[1]?.createdAt },
    ]);
    await expectConsistent(store.owner, connection);
  });

  test('a mapping decides when rows are stored, whatever their time, and never reaches back', async () => {
    const connection = await aConnection(store.owner);
    const [first, second] = [
      await anOrganization(store.owner, connection),
      await anOrganization(store.owner, connection),
    ];
    await aSite(store.owner, connection, { siteId: '1', organizationId: first });
    const store1 = async (index: number) =>
      ingestPage(
        store.owner,
        await aPage(store.owner, connection, { activities: [anActivity(index, { siteId: '1' })] }),
      );
    await store1(9);
    await remap(store.owner, connection, [{ siteId: '1', organizationId: second }]);
    await store1(8);
    await remap(store.owner, connection, [{ siteId: '1', organizationId: null }]);
    await store1(7);
    const events = await eventsOf(store.owner, connection);
    expect(events.map((row) => [row.message, row.organization_id])).toEqual([
      ['activity 8', second],
      ['activity 9', first],
    ]);
    expect(await discardsOf(store.owner, connection)).toMatchObject([{ site_id: '1', mapping_version: 3 }]);
    await expectConsistent(store.owner, connection);
  });

  test.each(['disconnected', 'refused'] as const)('nowhere once the connection is %s', async (state) => {
    const connection = await aConnection(store.owner, { state });
    const page = await aPage(store.owner, connection, { activities: activities(0, 1) });
    await expect(ingestPage(store.owner, page)).rejects.toThrow(ConnectionGone);
    expect(await liveOf(connection)).toEqual(page.checkpoint);
    expect(await eventsOf(store.owner, connection)).toEqual([]);
  });

  test('nowhere for a connection that another account has', async () => {
    const [mine, theirs] = [await aConnection(store.owner), await aConnection(store.owner)];
    const page = await aPage(store.owner, mine, { activities: activities(0, 1) });
    const foreign = { ...page, connectionId: theirs.connectionId };
    await expect(ingestPage(store.owner, foreign)).rejects.toThrow(ConnectionGone);
    expect(await eventsOf(store.owner, theirs)).toEqual([]);
  });
});

describe('what was stored before', () => {
  test('is not stored or counted again: the same page, an overlapping one, a row twice in one page', async () => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1' });
    const mixed = activities(0, 10).map((activity, index) =>
      index % 2 ? activity : anActivity(index, { siteId: '1' }),
    );
    const ingest = async (rows: typeof mixed) =>
      ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows }));

    expect(await ingest([...mixed.slice(0, 6), ...mixed.slice(0, 6)])).toMatchObject({ stored: 3, discarded: 3 });
    expect(await ingest(mixed.slice(0, 6))).toMatchObject({ stored: 0, discarded: 0 });
    expect(await ingest(mixed.slice(4))).toMatchObject({ stored: 2, discarded: 2 });
    expect(await totalsOf(store.owner, connection)).toEqual({ stored: 5, discarded: 5, rejected: 0 });
    await expectConsistent(store.owner, connection);
  });

  test('is known by its id however its time is written; only a second away it is another row', async () => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1' });
    const ingest = async (fields: readonly { createdAt?: string }[]) => {
      const rows = fields.flatMap((more) => [anActivity(0, more), anActivity(1, { siteId: '1', ...more })]);
      return ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows }));
    };
    const sameSecond = [{ createdAt: '2026-01-15T09:00:01Z' }, { createdAt: '2026-01-15T09:00:01.123Z' }];
    expect(await ingest([{}, ...sameSecond])).toMatchObject({ stored: 1, discarded: 1 });
    expect(await ingest([...sameSecond, {}])).toMatchObject({ stored: 0, discarded: 0 });
    expect(await ingest([{ createdAt: '2026-01-15T09:00:09Z' }])).toMatchObject({ stored: 1, discarded: 1 });
    await expectConsistent(store.owner, connection);
  });

  test('around the turn of a month is known in the other month', async () => {
    const connection = await aConnection(store.owner);
    const ingest = async (createdAt: string) =>
      ingestPage(
        store.owner,
        await aPage(store.owner, connection, {
          activities: [anActivity(0, { createdAt }), anActivity(1, { createdAt })],
        }),
      );
    expect(await ingest('2026-01-31T23:59:59.999999Z')).toMatchObject({ stored: 2 });
    expect(await ingest('2026-02-01T00:00:00Z')).toMatchObject({ stored: 0 });
    expect(await ingest('2026-02-01T00:00:01Z')).toMatchObject({ stored: 2 });
  });

  test('leaves the discard ledger by its id, however its time is written', async () => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1' });
    const ingest = async (createdAt: string, fromLedger: boolean) => {
      const rows = [anActivity(0, { siteId: '1', createdAt }), anActivity(1, { siteId: '1', createdAt })];
      return ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows, fromLedger }));
    };
    expect(await ingest('2026-01-15T09:00:00Z', false)).toMatchObject({ discarded: 2 });
    await remap(store.owner, connection, [{ siteId: '1', organizationId: connection.organizationId }]);
    expect(await ingest('2026-01-15T09:00:00.123456Z', true)).toMatchObject({ stored: 2 });
    expect(await discardsOf(store.owner, connection)).toEqual([]);
    await expectConsistent(store.owner, connection);
  });

  test('a discard stays one for every reader but the collector of discards', async () => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1' });
    const rows = activities(0, 3, { siteId: '1' });
    const ingest = async (options: { readonly fromLedger?: boolean; readonly backfillId?: string } = {}) =>
      ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows, ...options }));
    await ingest();
    expect(await ingest({ fromLedger: true })).toMatchObject({ stored: 0, discarded: 0 });
    await remap(store.owner, connection, [{ siteId: '1', organizationId: connection.organizationId }]);
    expect(await ingest()).toMatchObject({ stored: 0, discarded: 0 });
    expect(await discardsOf(store.owner, connection)).toHaveLength(3);

    const backfillId = await aBackfill(connection);
    expect(await ingest({ fromLedger: true, backfillId })).toMatchObject({ stored: 3, discarded: 0 });
    expect(await discardsOf(store.owner, connection)).toEqual([]);
    expect(await totalsOf(store.owner, connection)).toEqual({ stored: 3, discarded: 0, rejected: 0 });
    expect(await countsOfBackfill(backfillId)).toEqual({ stored: 3, discarded: 0, rejected: 0 });
    expect(await ingest({ fromLedger: true, backfillId })).toMatchObject({ stored: 0, discarded: 0 });
    await expectConsistent(store.owner, connection);
  });

  test('by an earlier connection to the same console is known, and its discards can be collected', async () => {
    const before = await aConnection(store.owner);
    await aSite(store.owner, before, { siteId: '1' });
    const rows = [anActivity(0), anActivity(1, { siteId: '1' }), anActivity(2, { siteId: '1' })];
    await ingestPage(store.owner, await aPage(store.owner, before, { activities: rows }));
    await asTenant(store.owner, before.accountId, (tenant) =>
      projectState(tenant, before.connectionId, {
        stateSeq: 9,
        state: 'disconnected',
        pauseReasons: [],
        cause: 'test',
      }),
    );
    const after = await aConnection(store.owner, { account: before, s1AccountId: before.s1AccountId });
    await aSite(store.owner, after, { siteId: '1', organizationId: after.organizationId });

    const again = await aPage(store.owner, after, { activities: rows });
    expect(await ingestPage(store.owner, again)).toMatchObject({ stored: 0, discarded: 0 });
    const ledger = await aPage(store.owner, after, { activities: rows, fromLedger: true });
    expect(await ingestPage(store.owner, ledger)).toMatchObject({ stored: 2, discarded: 0 });
    expect(await totalsOf(store.owner, before)).toEqual({ stored: 1, discarded: 0, rejected: 0 });
    expect(await totalsOf(store.owner, after)).toEqual({ stored: 2, discarded: 0, rejected: 0 });
    await expectConsistent(store.owner, after);
  });
});

describe('the checkpoint', () => {
  test('moves with the page to its newest row, never back, and ends a slice with its last page', async () => {
    const connection = await aConnection(store.owner);
    const { accountId } = connection;
    const [first, last] = [anActivity(5), anActivity(2)];
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: [first] }));
    expect(await liveOf(connection)).toMatchObject({ version: 1, watermark: first.createdAt });
    const { checkpoint } = await ingestPage(
      store.owner,
      await aPage(store.owner, connection, { activities: [last], done: true }),
    );
    expect(checkpoint).toEqual(await liveOf(connection));
    expect(checkpoint).toMatchObject({ version: 2, watermark: first.createdAt });
    const { rows } = await store.owner.pool.query('select done_at from checkpoints where account_id = $1', [accountId]);
    expect(rows).toEqual([{ done_at: expect.stringMatching(/Z$/) }]);
  });

  test('moves with a page that has nothing but rejects, leaving the watermark', async () => {
    const connection = await aConnection(store.owner);
    const reject = { text: '{}', reason: 'no_id' as const, occurredAt: null };
    const page = await aPage(store.owner, connection, { activities: [], rejects: [reject] });
    expect((await ingestPage(store.owner, page)).checkpoint).toMatchObject({ version: 1, watermark: null });
  });
});

describe('rejects', () => {
  test('are kept once, raw, with reason and time, and counted once', async () => {
    const connection = await aConnection(store.owner);
    const rejects = [
      { text: '{"id":null}', reason: 'no_id' as const, occurredAt: null },
      {
        text: '{"id":"1","createdAt":"1999-01-01T00:00:00Z"}',
        reason: 'time_out_of_range' as const,
        occurredAt: '1999-01-01T00:00:00.000000Z',
      },
      { text: '"a\\u0000b"', reason: 'not_an_object' as const, occurredAt: null },
    ];
    const backfillId = await aBackfill(connection);
    const ingest = async (count: number) =>
      ingestPage(
        store.owner,
        await aPage(store.owner, connection, {
          activities: [anActivity(0)],
          rejects: rejects.slice(0, count),
          backfillId,
        }),
      );
    expect(await ingest(2)).toMatchObject({ stored: 1, rejected: 2 });
    expect(await ingest(3)).toMatchObject({ stored: 0, rejected: 1 });
    expect(await ingest(3)).toMatchObject({ stored: 0, rejected: 0 });
    const { rows } = await store.owner.pool.query(
      'select raw, reason, occurred_at from rejects where account_id = $1 order by reason',
      [connection.accountId],
    );
    expect(rows).toEqual([
      { raw: '{"id":null}', reason: 'no_id', occurred_at: null },
      { raw: '"a\\ufffdb"', reason: 'not_an_object', occurred_at: null },
      { raw: rejects[1]?.text, reason: 'time_out_of_range', occurred_at: '1999-01-01T00:00:00.000000Z' },
    ]);
    expect(await totalsOf(store.owner, connection)).toEqual({ stored: 1, discarded: 0, rejected: 3 });
    expect(await countsOfBackfill(backfillId)).toEqual({ stored: 1, discarded: 0, rejected: 3 });
  });
});

describe('an activity’s text', () => {
  test('comes back as it came, digit for digit, with microseconds and whatever COPY has a meaning for', async () => {
    const text =
      '{ "id": "7", "createdAt":"2026-02-28T23:59:59.000001Z", "data": {"big": 1400000000000000000001, "f": 1.10, "tab": "\\t",' +
      ' "path": "C:\\\\new\\\\table", "newline": "\\n", "end": "\\\\.", "null": "\\\\N", "emoji": "🦊", "u": "\\u00e9"}, "primaryDescription": "a\\tb\\\\N\\nc\\rd" }';
    const connection = await aConnection(store.owner);
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: [activityOf(text)] }));
    const [event] = await eventsOf(store.owner, connection);
    expect(event?.activity).toBe(text);
    expect(event?.message).toBe('a\tb\\N\nc\rd');
    expect(event?.occurred_at).toBe('2026-02-28T23:59:59.000001Z');
    expect(event?.sanitized).toBe(false);
  });

  test.each([
    ['an escaped U+0000', '"a\\u0000b"', 'a\ufffdb'],
    ['a lone surrogate as an escape', '"a\\ud83dz"', 'a\ufffdz'],
    ['a lone surrogate as it is', '"a\ud83dz"', 'a\ufffdz'],
  ])('with %s is stored with U+FFFD in its place, and says so', async (_, description, stored) => {
    const connection = await aConnection(store.owner);
    const text = `{"id":"7","createdAt":"2026-01-15T09:00:00Z","siteName":${description},"primaryDescription":${description},"data":{"fileDisplayName":${description}}}`;
    await ingestPage(
      store.owner,
      await aPage(store.owner, connection, { activities: [activityOf(text), anActivity(1)] }),
    );
    const [event, other] = await eventsOf(store.owner, connection);
    expect(event).toMatchObject({ message: stored, site_name: stored, file_name: stored, sanitized: true });
    expect((JSON.parse(event?.activity ?? '') as { siteName: string }).siteName).toBe(stored);
    expect(other?.sanitized).toBe(false);
  });

  test('that differs only inside the text still marks the event as sanitized', async () => {
    const connection = await aConnection(store.owner);
    const text = '{"id":"7","createdAt":"2026-01-15T09:00:00Z","data":{"unread":"\\u0000"}}';
    await ingestPage(store.owner, await aPage(store.owner, connection, { activities: [activityOf(text)] }));
    expect(await eventsOf(store.owner, connection)).toMatchObject([{ sanitized: true }]);
  });
});

test('a page of thousands of rows with one time, in no order, is no special case', async () => {
  const connection = await aConnection(store.owner);
  const createdAt = '2026-01-15T09:00:00.000000Z';
  const rows = activities(0, 3000, { createdAt }).reverse();
  expect(await ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows }))).toMatchObject({
    stored: 3000,
  });
  const again = await aPage(store.owner, connection, { activities: rows.slice(1000, 2500) });
  expect(await ingestPage(store.owner, again)).toMatchObject({ stored: 0 });
});

type Connection = Awaited<ReturnType<typeof aConnection>>;

const liveOf = ({ accountId, connectionId }: Connection) =>
  asTenant(store.owner, accountId, (tenant) => liveCheckpoint(tenant, connectionId));

const aBackfill = ({ accountId, connectionId }: Connection) =>
  asTenant(store.owner, accountId, (tenant) => {
    const fromMicros = Date.UTC(2026, 0, 1) * 1000;
    const window = { fromMicros, toMicros: fromMicros + MICROS_PER_HOUR };
    expect(toInstant(fromMicros)).toBe('2026-01-01T00:00:00.000000Z');
    return queueBackfill(tenant, { connectionId, kind: 'requested', window });
  });

async function countsOfBackfill(id: string) {
  const { rows } = await store.owner.pool.query<object>(
    'select stored_count as stored, discarded_count as discarded, rejected_count as rejected from backfills where id = $1',
    [id],
  );
  return rows[0];
}
