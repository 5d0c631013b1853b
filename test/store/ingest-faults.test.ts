import { describe, expect, test } from 'vitest';
import { liveCheckpoint } from '../../src/store/collecting/checkpoint.repository.js';
import { openDatabase } from '../../src/store/database.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { storeFailure } from '../../src/store/pg-errors.js';
import { ensurePartitions } from '../../src/store/upkeep/partitions.js';
import { aConnection, activities, anAccount, anActivity, aPage, aSite, asTenant } from '../support/builders.js';
import { eventsOf, expectConsistent, totalsOf } from './support/ledgers.js';
import { hold, holdPagesAtTheirEnd, untilWaiting } from './support/sessions.js';
import { useStore } from './support/use-store.js';

// An 'error' event that nobody hears ends the process; vitest reports it as an unhandled error and fails the run.
const store = useStore();

const kill = (pids: readonly number[]) =>
  store.owner.pool.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]);

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'succeeded',
    (error: unknown) => storeFailure(error),
  );

describe('a page whose backend is killed', () => {
  test.each([
    ['before anything is written', 'lock table events in access exclusive mode'],
    ['while its rows are copied', 'lock table events in share mode'],
    ['with all its rows written', 'lock table sites in share mode'],
  ])('%s has stored nothing; the next attempt stores it all', async (_, lock) => {
    const connection = await aConnection(store.owner);
    await aSite(store.owner, connection, { siteId: '1', organizationId: connection.organizationId });
    const worker = store.open();
    const page = await aPage(store.owner, connection, { activities: activities(0, 500, { siteId: '1' }) });
    await ensurePartitions(worker, new Set(['2026-01']));
    const held = await hold(store.url, lock);
    const attempt = failureOf(ingestPage(worker, page));
    await kill(await untilWaiting(store.owner, 1));
    expect(await attempt).toBe('store.unavailable');
    await held.release();

    expect(await eventsOf(store.owner, connection)).toEqual([]);
    expect(await totalsOf(store.owner, connection)).toEqual({ stored: 0, discarded: 0, rejected: 0 });
    expect(await ingestPage(worker, page)).toMatchObject({ stored: 500, checkpoint: { version: 1 } });
    await expectConsistent(store.owner, connection);
  });

  test('at its very end is found stored or not, and never both', async () => {
    const connection = await aConnection(store.owner);
    const page = await aPage(store.owner, connection, { activities: activities(0, 5) });
    const held = await holdPagesAtTheirEnd(store.url, connection);
    const attempt = failureOf(ingestPage(store.owner, page));
    const pids = await untilWaiting(store.owner, 1);
    await Promise.all([held.release(), kill(pids)]);
    const outcome = await attempt;
    const isStored = (await eventsOf(store.owner, connection)).length === 5;
    expect(outcome).toBe(isStored ? outcome : 'store.unavailable');
    const checkpoint = await asTenant(store.owner, connection.accountId, (tenant) =>
      liveCheckpoint(tenant, connection.connectionId),
    );
    expect(checkpoint.version).toBe(isStored ? 1 : 0);
    await expectConsistent(store.owner, connection);
  });
});

test('an error inside a page, after its rows were copied, leaves nothing', async () => {
  const connection = await aConnection(store.owner);
  const page = await aPage(store.owner, connection, {
    activities: [anActivity(0, { siteId: '1' }), anActivity(1)],
    rejects: [{ text: '{}', reason: 'no_id', occurredAt: 'no instant' }],
  });
  await expect(ingestPage(store.owner, page)).rejects.toMatchObject({ code: '22007' });
  expect(await eventsOf(store.owner, connection)).toEqual([]);
  expect(await ingestPage(store.owner, { ...page, rejects: [] })).toMatchObject({ stored: 1, discarded: 1 });
  await expectConsistent(store.owner, connection);
});

describe('the pool', () => {
  test('survives the end of every idle session and tells of it', async () => {
    const told: Error[] = [];
    const database = openDatabase({
      url: store.url,
      applicationName: 'idle',
      onIdleError: (error) => told.push(error),
    });
    await Promise.all([1, 2, 3].map(() => database.pool.query('select pg_sleep(0)')));
    await store.owner.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idle'`,
    );
    await expect.poll(() => database.pool.totalCount).toBe(0);
    expect(told.length).toBeGreaterThan(0);
    await anAccount(database);
    await database.close();
  });

  test('survives the end of a session that is making partitions', async () => {
    const worker = store.open();
    const held = await hold(store.url, 'select pg_advisory_xact_lock(7311001)');
    const attempt = failureOf(ensurePartitions(worker, new Set(['2031-01'])));
    await kill(await untilWaiting(store.owner, 1));
    expect(await attempt).toBe('store.unavailable');
    await held.release();
    await ensurePartitions(worker, new Set(['2031-01']));
  });

  test('ends sessions whose process has vanished in the middle of a transaction', async () => {
    const { rows } = await store.owner.pool.query<{ name: string; setting: string }>(`
      select name, setting from pg_settings
       where name in ('idle_in_transaction_session_timeout', 'tcp_keepalives_idle') order by 1`);
    expect(rows).toEqual([
      { name: 'idle_in_transaction_session_timeout', setting: '60000' },
      { name: 'tcp_keepalives_idle', setting: '30' },
    ]);
  });

  test('says that the store is away when nobody listens, which a user it does not know is not', async () => {
    const failureAt = async (change: Partial<Pick<URL, 'port' | 'username'>>) => {
      const database = openDatabase({ url: Object.assign(new URL(store.url), change).href });
      const failure = await failureOf(anAccount(database));
      await database.close();
      return failure;
    };
    expect(await failureAt({ port: '1' })).toBe('store.unavailable');
    expect(await failureAt({ username: 'nobody' })).toBeNull();
  });
});
