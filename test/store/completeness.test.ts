// What is held of a window of time, however it got here; and the record of comparisons, from which alone is read what
// is due.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Window } from '../../src/domain/collecting/windows.js';
import { MICROS_PER_HOUR as HOUR, MICROS_PER_MINUTE, toInstant, toMicros } from '../../src/domain/instant.js';
import { type NewBackfill, queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { claimCompletenessCheckpoint } from '../../src/store/collecting/checkpoint.repository.js';
import {
  COUNT_OURS,
  countOurs,
  cutWindow,
  type DueWindow,
  dueWindows,
  type Finding,
  recordCheck,
  shortfall,
} from '../../src/store/collecting/completeness.repository.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import type { Tenant } from '../../src/store/tenant.js';
import {
  aConnection,
  anActivity,
  anOrganization,
  aPage,
  aSite,
  asTenant,
  type ConnectionRef,
} from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();

/** Full hours of one day. */
const at = (hour: number) => toMicros('2026-01-15T00:00:00Z') + hour * HOUR;
const hours = (from: number, to: number): Window => ({ fromMicros: at(from), toMicros: at(to) });
const shown = ({ window }: DueWindow) => [window.fromMicros, window.toMicros].map((each) => (each - at(0)) / HOUR);
const inTenant = <T>({ accountId }: ConnectionRef, fn: (tenant: Tenant) => Promise<T>) =>
  asTenant(store.owner, accountId, fn);

describe('what is held of a window', () => {
  let connection: ConnectionRef;
  const held = (of: ConnectionRef, window: Window) =>
    inTenant(of, (tenant) => countOurs(tenant, of.s1AccountId, window));

  beforeAll(async () => {
    connection = await aConnection(store.owner);
    const { accountId } = connection;
    const second = await anOrganization(store.owner, { accountId });
    await aSite(store.owner, connection, { siteId: 'mapped', organizationId: second });
    await aSite(store.owner, connection, { siteId: 'unmapped' });
    const rows = Array.from({ length: 60 }, (_, minute) =>
      anActivity(minute, {
        createdAt: toInstant(at(9) + minute * MICROS_PER_MINUTE),
        ...(minute % 3 === 0 ? {} : { siteId: minute % 3 === 1 ? 'mapped' : 'unmapped' }),
      }),
    );
    const reject = { text: '{"no":"id"}', reason: 'no_id', occurredAt: toInstant(at(9.5)) } as const;
    const undated = { text: '{"no":"time"}', reason: 'no_time', occurredAt: null } as const;
    await ingestPage(
      store.owner,
      await aPage(store.owner, connection, { activities: rows, rejects: [reject, undated] }),
    );
  });

  test.each([
    ['events of every organization, discards, and rejects with a time', hours(9, 10), 61],
    ['half open', { fromMicros: at(9), toMicros: at(9) + 10 * MICROS_PER_MINUTE }, 10],
    ['nothing before', hours(8, 9), 0],
    ['over several months', { fromMicros: at(-24 * 40), toMicros: at(24 * 40) }, 61],
  ])('%s', async (_, window, count) => {
    expect(await held(connection, window)).toBe(count);
  });

  test('of the SentinelOne account, whichever connection stored it, and of no other account of ours', async () => {
    const { accountId, organizationId, s1AccountId } = connection;
    const later = {
      ...connection,
      connectionId: (await aConnection(store.owner, { account: { accountId, organizationId } })).connectionId,
    };
    expect(await held(later, hours(9, 10))).toBe(61);
    const stranger = await aConnection(store.owner, { s1AccountId });
    expect(await held(stranger, hours(9, 10))).toBe(0);
  });

  test('is counted by indexes alone', async () => {
    await store.owner.pool.query('analyze events, discards, rejects, organizations');
    const client = await store.owner.pool.connect();
    try {
      // On a table of sixty rows nothing but a ban makes an index look better than reading it.
      await client.query('set enable_seqscan = off');
      const values = [connection.accountId, connection.s1AccountId, toInstant(at(9)), toInstant(at(10))];
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${COUNT_OURS}`, values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      const conditions = plan.split('\n').filter((line) => line.includes('Index Cond') && line.includes('occurred_at'));
      expect(conditions).toHaveLength(3);
      expect(plan).not.toContain('Seq Scan');
    } finally {
      client.release(true);
    }
  });
});

describe('the record of comparisons', () => {
  const finding = (window: Window, changes: Partial<Finding> = {}): Finding => ({
    window,
    stage: 1,
    throughMicros: window.toMicros + 2 * MICROS_PER_MINUTE,
    theirs: 5,
    ours: 5,
    repairedNow: 0,
    state: 'equal',
    cause: null,
    ...changes,
  });
  const record = (of: ConnectionRef, ...findings: Finding[]) =>
    inTenant(of, async (tenant) => {
      for (const each of findings) await recordCheck(tenant, of.connectionId, each);
    });
  const due = (of: ConnectionRef, throughHour: number, collectFromHour = 0) =>
    inTenant(of, (tenant) =>
      dueWindows(tenant, of.connectionId, {
        collectFromMicros: at(collectFromHour),
        throughMicros: at(throughHour) + 2 * MICROS_PER_MINUTE,
      }),
    );
  const rows = async ({ connectionId }: ConnectionRef) =>
    (
      await store.owner.kysely
        .selectFrom('completenessChecks')
        .selectAll()
        .where('connectionId', '=', connectionId)
        .orderBy('fromAt')
        .execute()
    ).map(({ fromAt, state, repaired, cause, stage, checks }) => ({ fromAt, state, repaired, cause, stage, checks }));

  test('begins empty: every hour that is over is due, the newest first', async () => {
    const connection = await aConnection(store.owner);
    expect((await due(connection, 3)).map(shown)).toEqual([[2, 3], [1, 2], [0, 1]]); // prettier-ignore
  });

  test('says what is due next: new hours, and those that reach their next stage', async () => {
    const connection = await aConnection(store.owner);
    await record(connection, finding(hours(0, 1)), finding(hours(1, 2)));
    expect((await due(connection, 3)).map(shown)).toEqual([[2, 3]]);
    expect((await due(connection, 6)).map(shown)).toEqual([[5, 6], [4, 5], [3, 4], [2, 3], [0, 1]]); // prettier-ignore
    await record(connection, finding(hours(0, 1), { stage: 6 }));
    expect((await due(connection, 6)).map(shown)).not.toContainEqual([0, 1]);
    expect((await due(connection, 24)).map(shown)).toContainEqual([0, 1]);
  });

  test('adds up what was repaired, and stays `repaired` when a later comparison finds nothing more', async () => {
    const connection = await aConnection(store.owner);
    await record(
      connection,
      finding(hours(0, 1)),
      finding(hours(0, 1), { stage: 6, repairedNow: 2, state: 'repaired', cause: 'late_rows' }),
      finding(hours(0, 1), { stage: 24 }),
    );
    expect(await rows(connection)).toEqual([
      { fromAt: toInstant(at(0)), state: 'repaired', repaired: 2, cause: 'late_rows', stage: 24, checks: 3 },
    ]);
  });

  test('is cut in one step: both halves wait, and what was repaired stays on record', async () => {
    const connection = await aConnection(store.owner);
    await record(connection, finding(hours(0, 1), { repairedNow: 2, state: 'repaired' }));
    const [hour] = (await due(connection, 6)).filter(({ before }) => before !== null);
    if (hour === undefined) throw new Error('the hour is not due');
    const parts = [hours(0, 0.5), hours(0.5, 1)] as const;
    const waiting = await inTenant(connection, (tenant) =>
      cutWindow(tenant, connection.connectionId, { ...hour, parts }),
    );
    expect(waiting.map(shown)).toEqual([[0, 0.5], [0.5, 1]]); // prettier-ignore
    expect((await rows(connection)).map(({ state, repaired }) => [state, repaired])).toEqual([
      ['waiting', 2],
      ['waiting', 0],
    ]);
    const again = (await due(connection, 6)).filter(({ before }) => before?.state === 'waiting');
    expect(again.map(({ before }) => before)).toEqual(waiting.map(({ before }) => before).reverse());
    // Somebody who still knew the whole hour comes too late.
    await record(connection, finding(hours(0, 1), { stage: 6 }));
    expect((await rows(connection)).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  });

  describe('waits for backfills', () => {
    const queue = (of: ConnectionRef, backfill: Omit<NewBackfill, 'connectionId'>) =>
      inTenant(of, (tenant) => queueBackfill(tenant, { connectionId: of.connectionId, ...backfill }));
    const finishSlices = (id: string, count: number) =>
      store.owner.pool.query(
        `update checkpoints set done_at = now() where backfill_id = $1
          and slice in (select slice from checkpoints where backfill_id = $1 order by from_at limit $2)`,
        [id, count],
      );
    const end = (id: string, state: string) =>
      store.owner.pool.query('update backfills set state = $2 where id = $1', [id, state]);

    test('slice by slice', async () => {
      const connection = await aConnection(store.owner);
      const id = await queue(connection, { kind: 'history', window: hours(0, 12) });
      expect((await due(connection, 13)).map(shown)).toEqual([[12, 13]]);
      await finishSlices(id, 1);
      expect((await due(connection, 13)).map(shown)).toHaveLength(7);
      await finishSlices(id, 2);
      await end(id, 'done');
      expect((await due(connection, 13)).map(shown)).toHaveLength(13);
    });

    test('not for one that collects discards: what it moves is counted before and after', async () => {
      const connection = await aConnection(store.owner);
      await queue(connection, { kind: 'discarded', window: hours(0, 3), siteIds: ['one'] });
      expect(await due(connection, 3)).toHaveLength(3);
    });

    test('for a cancelled history until another backfill has read all of it', async () => {
      const connection = await aConnection(store.owner);
      const history = await queue(connection, { kind: 'history', window: hours(0, 3) });
      await end(history, 'cancelled');
      expect(await due(connection, 4)).toHaveLength(1);
      const ofOneSite = await queue(connection, { kind: 'requested', window: hours(0, 3), siteIds: ['one'] });
      await finishSlices(ofOneSite, 1);
      await end(ofOneSite, 'done');
      expect(await due(connection, 4)).toHaveLength(1);
      const ofAll = await queue(connection, { kind: 'requested', window: hours(0, 2) });
      await finishSlices(ofAll, 1);
      await end(ofAll, 'done');
      expect((await due(connection, 4)).map(shown)).toEqual([[3, 4], [1, 2], [0, 1]]); // prettier-ignore
    });
  });

  test('tells what is still missing a day later, as long as it is news', async () => {
    const connection = await aConnection(store.owner);
    const missing = () => inTenant(connection, (tenant) => shortfall(tenant, connection.connectionId));
    const through = (hour: number) =>
      store.owner.pool.query('update connections set collected_through = $2 where id = $1', [
        connection.connectionId,
        toInstant(at(hour)),
      ]);
    const short = { state: 'short', cause: 'not_listed', ours: 3, throughMicros: at(25) } as const;
    await through(25);
    await record(connection, finding(hours(0, 1), short), finding(hours(1, 2)));
    expect(await missing()).toBeNull();
    await record(connection, finding(hours(0, 1), { ...short, stage: 24 }));
    expect(await missing()).toEqual({ since: toInstant(at(0)), missing: 2 });
    await through(25 + 31 * 24);
    expect(await missing()).toBeNull();
  });
});

test('of two who read a window again, the first loses its checkpoint', async () => {
  const connection = await aConnection(store.owner);
  const claim = () => inTenant(connection, (tenant) => claimCompletenessCheckpoint(tenant, connection.connectionId));
  const [first, second] = [await claim(), await claim()];
  const page = (checkpoint: typeof first, n: number) =>
    aPage(store.owner, connection, { checkpoint, activities: [anActivity(n)] });
  await expect(ingestPage(store.owner, await page(first, 1))).rejects.toMatchObject({ name: 'CheckpointConflict' });
  await expect(ingestPage(store.owner, await page(second, 2))).resolves.toMatchObject({ stored: 1 });
  expect(await claim()).toMatchObject({ watermark: null });
});
