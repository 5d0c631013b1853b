// What maintenance deletes, kind by kind: what is too old by a minute goes, what is too young by a minute stays.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  deleteExpired,
  deleteOldBackfills,
  EXPIRED_ROWS,
  type ExpiredKind,
} from '../../src/store/upkeep/expired-rows.js';
import { aConnection, type ConnectionRef } from '../support/builders.js';
import { hold } from './support/sessions.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const EVENT_DAYS = 10;
const run = (kind: ExpiredKind, eventDays: number | null = EVENT_DAYS) =>
  deleteExpired(store.owner, kind, { eventDays });

type Insert = (of: ConnectionRef & { readonly id: string; readonly at: string }) => readonly [string, unknown[]];

/** How a row is inserted whose age is counted from `at`, and how many days old it becomes. */
const KINDS: readonly (readonly [ExpiredKind, number, Insert])[] = [
  [
    'rejects',
    EVENT_DAYS,
    ({ accountId, connectionId, id, at }) => [
      `insert into rejects (account_id, connection_id, s1_account_id, sha256, reason, received_at, raw)
         values ($1, $2, '1', sha256($3::text::bytea), 'no_id', $4, '{}')`,
      [accountId, connectionId, id, at],
    ],
  ],
  [
    'completenessChecks',
    EVENT_DAYS,
    ({ accountId, connectionId, at }) => [
      `insert into completeness_checks (account_id, connection_id, from_at, to_at, state)
         values ($1, $2, $3::timestamptz - interval '1 hour', $3, 'equal')`,
      [accountId, connectionId, at],
    ],
  ],
  [
    'notices',
    EVENT_DAYS,
    ({ accountId, connectionId, id, at }) => [
      `insert into notices (account_id, id, connection_id, kind, subject_type, subject_id, severity, state, resolved_at)
         values ($1, $2, $3, 'degraded', 'connection', 'x', 'high', 'resolved', $4)`,
      [accountId, id, connectionId, at],
    ],
  ],
  [
    'commands',
    30,
    ({ accountId, connectionId, id, at }) => [
      `insert into commands values ($1, $2, $3, 'remapSites', '{}', $4)`,
      [accountId, connectionId, id, at],
    ],
  ],
  [
    'idempotencyKeys',
    1,
    ({ accountId, id, at }) => [
      `insert into idempotency_keys values ($1, 'POST /v1/organizations', $2, '', 'x', 201, $3)`,
      [accountId, id, at],
    ],
  ],
  [
    'invitations',
    30,
    ({ accountId, id, at }) => [
      `insert into invitations (account_id, id, email, role, token_sha256, created_by, expires_at)
         values ($1, $2::text::uuid, $2::text || '@example.com', 'admin', sha256($2::text::bytea), 'x', $3)`,
      [accountId, id, at],
    ],
  ],
  [
    'sessions',
    0,
    ({ id, at }) => [
      `with person as (insert into auth_users (id, name, email) values ($1::uuid, 'x', $1 || '@example.com') returning id)
       insert into auth_sessions (id, user_id, token, expires_at) select id, id, $1, $2 from person`,
      [id, at],
    ],
  ],
  [
    'verifications',
    0,
    ({ id, at }) => [
      `insert into auth_verifications (id, identifier, value, expires_at) values ($1, 'x', 'x', $2)`,
      [id, at],
    ],
  ],
  ['workers', 1, ({ id, at }) => ['insert into workers (identity, seen_at) values ($1, $2)', [id, at]]],
];

const count = async (kind: ExpiredKind) => (await store.query(`select from ${EXPIRED_ROWS[kind].table}`)).length;

test('every kind is tested', () => {
  expect(KINDS.map(([kind]) => kind).sort()).toEqual(Object.keys(EXPIRED_ROWS).sort());
});

describe.each(KINDS)('%s', (kind, days, insert) => {
  test(`are deleted after ${days} days, of every account, and only then`, async () => {
    for (const minutes of [-1, 1]) {
      for (let accounts = 0; accounts < 2; accounts++) {
        const at = new Date(Date.now() - days * 86_400_000 - minutes * 60_000).toISOString();
        await store.query(...unpack(insert({ ...(await aConnection(store.owner)), id: randomUUID(), at })));
      }
    }
    expect(await run(kind)).toBe(2);
    expect(await run(kind)).toBe(0);
    expect(await count(kind)).toBe(2);
  });

  test('stay when the api’s role asks', async () => {
    const before = await count(kind);
    const old = new Date(Date.now() - 400 * 86_400_000).toISOString();
    await store.query(...unpack(insert({ ...(await aConnection(store.owner)), id: randomUUID(), at: old })));
    await deleteExpired(store.api, kind, { eventDays: EVENT_DAYS }).catch(() => 0);
    // Sessions and verifications belong to sign-in, which is the api's; row-level security hides the rest from it.
    expect(await count(kind)).toBe(['sessions', 'verifications'].includes(kind) ? before : before + 1);
    await run(kind);
    expect(await count(kind)).toBe(before);
  });
});

const unpack = ([statement, values]: readonly [string, unknown[]]): [string, unknown[]] => [statement, values];

test('an open notice stays, however old', async () => {
  const { accountId, connectionId } = await aConnection(store.owner);
  await store.query(
    `insert into notices (account_id, id, connection_id, kind, subject_type, subject_id, severity, opened_at)
       values ($1, $2, $3, 'degraded', 'connection', 'x', 'high', '2020-01-01')`,
    [accountId, randomUUID(), connectionId],
  );
  expect(await run('notices')).toBe(0);
});

test('without a retention, what is kept as long as events is kept', async () => {
  const { accountId, connectionId } = await aConnection(store.owner);
  await store.query(
    `insert into rejects (account_id, connection_id, s1_account_id, sha256, reason, received_at, raw)
       values ($1, $2, '1', '', 'no_id', '2020-01-01', '{}')`,
    [accountId, connectionId],
  );
  expect(await run('rejects', null)).toBe(0);
  expect(await run('rejects')).toBe(1);
});

test('many rows go in batches, one that somebody holds is left, and a run can be stopped between two', async () => {
  const { accountId } = await aConnection(store.owner);
  await store.query(
    `insert into idempotency_keys select $1, 'many', n::text, '', 'x', 201, now() - interval '2 days' from generate_series(1, 2500) n`,
    [accountId],
  );
  const held = await hold(store.url, `select from idempotency_keys where route = 'many' and key = '7' for update`);
  let batches = 0;
  const stopping = deleteExpired(store.owner, 'idempotencyKeys', {
    eventDays: null,
    onBatch: () => {
      batches += 1;
      if (batches === 2) throw new Error('stopped');
    },
  });
  await expect(stopping).rejects.toThrow('stopped');
  const left = () => store.query(`select key from idempotency_keys where route = 'many'`);
  expect(await left()).toHaveLength(1500);
  expect(await run('idempotencyKeys')).toBe(1499);
  expect(await left()).toEqual([{ key: '7' }]);
  await held.release();
  expect(await run('idempotencyKeys')).toBe(1);
});

test('finished backfills go with their slices, unfinished and young ones stay', async () => {
  const { accountId, connectionId } = await aConnection(store.owner);
  const cases = [
    ['done', '11 days'],
    ['cancelled', '11 days'],
    ['done', '9 days'],
    ['queued', null],
    ['running', null],
  ] as const;
  for (const [state, finished] of cases) {
    const id = randomUUID();
    await store.query(
      `insert into backfills (account_id, connection_id, id, kind, from_at, to_at, state, created_at, finished_at)
         values ($1, $2, $3, 'requested', '2020-01-01', '2020-01-02', $4, '2020-01-03', now() - $5::interval)`,
      [accountId, connectionId, id, state, finished],
    );
    await store.query(
      `insert into checkpoints (account_id, connection_id, kind, slice, backfill_id)
         select $1, $2, 'backfill', $3::text || n, $3::text::uuid from generate_series(1, 3) n`,
      [accountId, connectionId, id],
    );
  }
  expect(await deleteOldBackfills(store.owner, { eventDays: null })).toBe(0);
  expect(await deleteOldBackfills(store.owner, { eventDays: EVENT_DAYS })).toBe(2);
  const left = await store.query('select state from backfills where account_id = $1 order by state', [accountId]);
  expect(left.map((row) => (row as { state: string }).state)).toEqual(['done', 'queued', 'running']);
  expect(await store.query('select from checkpoints where account_id = $1', [accountId])).toHaveLength(9);
});
