// Whether a connection is behind, as PostgreSQL decides it for the api while no worker may be there to say so.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reviewCollectionBehind } from '../../src/store/connections/behind.repository.js';
import { reconcileNotices } from '../../src/store/connections/notice.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { recordSignOfLife, removeSignOfLife } from '../../src/store/upkeep/worker.repository.js';
import { aConnection, anAccount, aSite, type ConnectionRef, remap } from '../support/builders.js';
import { type Held, hold } from './support/sessions.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { query } = store;

const review = () => reviewCollectionBehind(store.api);

interface Health {
  /** By the console's clock, which is `aheadMinutes` ahead of ours; null: never. */
  readonly collectedMinutesAgo?: number | null;
  readonly aheadMinutes?: number;
  readonly intervalSeconds?: number;
  readonly failures?: readonly [count: number, code: string];
  readonly activeMinutesAgo?: number;
}

/** A mapped connection that was made a day ago. */
async function aCollecting(health: Health = {}, account?: ConnectionRef): Promise<ConnectionRef> {
  const connection = await aConnection(store.owner, account === undefined ? {} : { account });
  await aSite(store.owner, connection, { siteId: '1', organizationId: connection.organizationId });
  await becomes(connection, health);
  return connection;
}

async function becomes({ accountId, connectionId }: ConnectionRef, health: Health): Promise<void> {
  const { collectedMinutesAgo = 0, aheadMinutes = 0, intervalSeconds = 30, failures = [0, null] } = health;
  await query(
    `update connections
        set created_at = now() - interval '1 day', console_ahead_ms = $2 * 60000, poll_interval_seconds = $3,
            collected_through = now() + ($2 - $4::float8) * interval '1 minute',
            consecutive_failures = $5, failure_code = $6
      where id = $1`,
    [connectionId, aheadMinutes, intervalSeconds, collectedMinutesAgo, ...failures],
  );
  if (health.activeMinutesAgo === undefined) return;
  await query(
    `insert into connection_timeline (account_id, connection_id, kind, outcome, at)
     values ($1, $2, 'state', 'active', now() - $3 * interval '1 minute')`,
    [accountId, connectionId, health.activeMinutesAgo],
  );
}

interface Notice {
  readonly id: string;
  readonly state: string;
  readonly severity: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const noticesOf = ({ connectionId }: ConnectionRef) =>
  query<Notice>(
    `select id, state, severity, details from notices
      where connection_id = $1 and kind = 'collection_behind' and subject_id = $1::text order by opened_at`,
    [connectionId],
  );
const statesOf = async (connection: ConnectionRef) => (await noticesOf(connection)).map(({ state }) => state);

beforeEach(() => recordSignOfLife(store.owner, 'worker'));
const held: Held[] = [];
const holding = async (statement: string, values: unknown[] = []): Promise<Held> => {
  const holder = await hold(store.url, statement, values);
  held.push(holder);
  return holder;
};
afterEach(async () => {
  for (const holder of held.splice(0)) await holder.release();
  await query(`update connections set state = 'disconnected'`);
  await review();
});

test.each<[string, Health, string[]]>([
  ['just collected', {}, []],
  ['14 minutes ago', { collectedMinutesAgo: 14 }, []],
  ['16 minutes ago', { collectedMinutesAgo: 16 }, ['open']],
  ['five intervals of ten minutes less one', { collectedMinutesAgo: 49, intervalSeconds: 600 }, []],
  ['five intervals of ten minutes and one', { collectedMinutesAgo: 51, intervalSeconds: 600 }, ['open']],
  ['14 minutes ago of a console an hour ahead', { collectedMinutesAgo: 14, aheadMinutes: 60 }, []],
  ['16 minutes ago of a console an hour ahead', { collectedMinutesAgo: 16, aheadMinutes: 60 }, ['open']],
  ['16 minutes ago of a console an hour behind', { collectedMinutesAgo: 16, aheadMinutes: -60 }, ['open']],
  ['never, active for a day', { collectedMinutesAgo: null }, ['open']],
  ['never, active for a minute', { collectedMinutesAgo: null, activeMinutesAgo: 1 }, []],
  ['a day ago, active again for a minute', { collectedMinutesAgo: 1440, activeMinutesAgo: 1 }, []],
  ['a day ago, active again for 16 minutes', { collectedMinutesAgo: 1440, activeMinutesAgo: 16 }, ['open']],
])('collected %s', async (_, health, expected) => {
  const connection = await aCollecting(health);
  await review();
  expect(await statesOf(connection)).toEqual(expected);
});

test('it is told once, as critical, in one notice, of its own account alone', async () => {
  const connection = await aCollecting({ collectedMinutesAgo: 60 });
  const healthy = await aCollecting();
  const changed = await review();
  const [notice, ...others] = await noticesOf(connection);
  expect(others).toEqual([]);
  expect(notice).toMatchObject({
    state: 'open',
    severity: 'critical',
    details: {
      cause: 'unknown',
      code: null,
      collectedThrough: expect.stringMatching(/^\d{4}-.*T.*\.\d{6}Z$/) as string,
    },
  });
  expect(changed).toEqual([{ accountId: connection.accountId, noticeIds: [notice?.id] }]);
  expect(await statesOf(healthy)).toEqual([]);
  expect(await review()).toEqual([]);
});

test.each<[string, string, (connection: ConnectionRef) => Promise<unknown>]>([
  ['collecting goes on', '', (connection) => becomes(connection, {})],
  ['it is paused', `update connections set state = 'paused' where id = $1`, () => Promise.resolve()],
  ['it is disconnected', `update connections set state = 'disconnected' where id = $1`, () => Promise.resolve()],
  ['it is unmapped', '', (connection) => remap(store.owner, connection, [{ siteId: '1', organizationId: null }])],
])('it is resolved when %s, and another is opened when it comes again', async (_, statement, change) => {
  const connection = await aCollecting({ collectedMinutesAgo: 60 });
  await review();
  if (statement !== '') await query(statement, [connection.connectionId]);
  await change(connection);
  const [notice] = await noticesOf(connection);
  expect(await review()).toEqual([{ accountId: connection.accountId, noticeIds: [notice?.id] }]);
  expect(await statesOf(connection)).toEqual(['resolved']);
  await query(`update connections set state = 'active' where id = $1`, [connection.connectionId]);
  await remap(store.owner, connection, [{ siteId: '1', organizationId: connection.organizationId }]);
  await becomes(connection, { collectedMinutesAgo: 60 });
  await review();
  expect(await statesOf(connection)).toEqual(['resolved', 'open']);
});

test('of each cause the first that holds is named, and a change of cause changes the notice', async () => {
  const connection = await aCollecting({ collectedMinutesAgo: 60 });
  const cause = async () => {
    const changed = await review();
    const [notice] = await noticesOf(connection);
    expect(changed).toEqual([{ accountId: connection.accountId, noticeIds: [notice?.id] }]);
    return [notice?.details['cause'], notice?.details['code']];
  };
  const missing = (since: string | null) =>
    query('update connections set workflow_missing_since = $2 where id = $1', [connection.connectionId, since]);
  expect(await cause()).toEqual(['unknown', null]);
  await becomes(connection, { collectedMinutesAgo: 61, failures: [3, 's1.bad_response'] });
  expect(await cause()).toEqual(['poll_failing', 's1.bad_response']);
  await becomes(connection, { collectedMinutesAgo: 62, failures: [4, 's1.unavailable'] });
  expect(await cause()).toEqual(['console_silent', 's1.unavailable']);
  await missing('2026-01-01');
  expect(await cause()).toEqual(['workflow_gone', null]);
  await query(`update workers set seen_at = now() - interval '61 seconds'`);
  expect(await cause()).toEqual(['worker_away', null]);
  await removeSignOfLife(store.owner, 'worker');
  expect(await review()).toEqual([]);
  await recordSignOfLife(store.owner, 'another');
  expect(await cause()).toEqual(['workflow_gone', null]);
  await missing(null);
  expect(await cause()).toEqual(['console_silent', 's1.unavailable']);
  await removeSignOfLife(store.owner, 'another');
});

test('a code of a failure that is over is no cause', async () => {
  const connection = await aCollecting({ collectedMinutesAgo: 60, failures: [0, 's1.unavailable'] });
  await review();
  expect(await noticesOf(connection)).toMatchObject([{ details: { cause: 'unknown', code: null } }]);
});

describe('several processes', () => {
  test('that ask at once have one of them do it', async () => {
    const connection = await aCollecting({ collectedMinutesAgo: 60 });
    const apis = Array.from({ length: 10 }, () => store.open({ role: 'sentinelone_api', maxConnections: 1 }));
    const changed = await Promise.all(apis.map((api) => reviewCollectionBehind(api)));
    expect(changed.flat()).toHaveLength(1);
    expect(await statesOf(connection)).toEqual(['open']);
  });

  test('leave it to the one that has begun, and wait for nothing', async () => {
    const connection = await aCollecting({ collectedMinutesAgo: 60 });
    const first = await holding('select review_collection_behind()');
    expect(await review()).toEqual([]);
    await first.release(); // rolled back, as when its process was killed
    expect(await statesOf(connection)).toEqual([]);
    expect(await review()).toMatchObject([{ accountId: connection.accountId }]);
  });
});

describe('a worker', () => {
  test('that stands still with every lock of a connection’s notices and of its pages keeps nobody from telling', async () => {
    const connection = await aCollecting({ collectedMinutesAgo: 60 });
    const { accountId, connectionId } = connection;
    const key = `notices/${accountId}/${connectionId}`;
    const worker = await holding('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
    await worker.query('select from connections where id = $1 for no key update', [connectionId]);
    await worker.query(
      `insert into notices (account_id, id, connection_id, kind, subject_type, subject_id, severity)
       values ($1, gen_random_uuid(), $2, 'degraded', 'connection', 'x', 'high')`,
      [accountId, connectionId],
    );
    expect(await review()).toMatchObject([{ accountId }]);
  });

  test('that locks out even references to a connection delays this connection and no other', async () => {
    const [locked, free] = [
      await aCollecting({ collectedMinutesAgo: 60 }),
      await aCollecting({ collectedMinutesAgo: 60 }),
    ];
    const holder = await holding('select from connections where id = $1 for update', [locked.connectionId]);
    expect(await review()).toMatchObject([{ accountId: free.accountId }]);
    await holder.release();
    expect(await review()).toMatchObject([{ accountId: locked.accountId }]);
  });

  test('that reconciles a connection’s notices leaves this one as it is', async () => {
    const connection = await aCollecting({ collectedMinutesAgo: 60 });
    await review();
    const { connectionId } = connection;
    const reconcile = () => store.as(connection, (tenant) => reconcileNotices(tenant, connectionId));
    expect(await reconcile()).toEqual([]);
    await query('update connections set syslog_taken = true where id = $1', [connectionId]);
    await Promise.all([reconcile(), review(), reconcile(), review(), reconcile()]);
    const open = await query(`select kind from notices where connection_id = $1 and state = 'open' order by kind`, [
      connectionId,
    ]);
    expect(open).toEqual([{ kind: 'collection_behind' }, { kind: 'syslog_taken' }]);
  });
});

describe('the api’s role', () => {
  test('learns nothing of other accounts while it acts for one', async () => {
    const connection = await aCollecting({ collectedMinutesAgo: 60 });
    const stranger = await anAccount(store.owner);
    const inside = await withTenant(store.api, stranger.accountId, 'all', ({ client }) =>
      client.query('select * from review_collection_behind()'),
    );
    expect(inside.rows).toEqual([]);
    expect(await statesOf(connection)).toEqual([]);
  });

  test('sees no worker, and may neither make one up nor take one away', async () => {
    for (const statement of [
      'select from workers',
      `insert into workers (identity) values ('made up')`,
      'update workers set seen_at = now()',
      'delete from workers',
    ]) {
      await expect(store.api.pool.query(statement), statement).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('and nobody else may ask', async () => {
    const grants = await query<{ grantee: string }>(
      `select grantee from information_schema.routine_privileges
        where routine_name = 'review_collection_behind' and grantee in ('PUBLIC', 'sentinelone_api')`,
    );
    expect(grants).toEqual([{ grantee: 'sentinelone_api' }]);
  });
});
