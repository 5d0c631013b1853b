// Which rows of a page need not be parsed, and that storing them all the same changes nothing.
import { expect, test } from 'vitest';
import type { ActivityKey } from '../../src/domain/collecting/activity.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { keyRange } from '../../src/store/ingest/key-range.js';
import { KnownKeys, readKnownKeys } from '../../src/store/ingest/known-keys.js';
import { activityKey } from '../../src/store/ingest/sort-activities.js';
import { aConnection, activities, anActivity, aPage, aSite, type ConnectionRef } from '../support/builders.js';
import { expectConsistent } from './support/ledgers.js';
import { useStore } from './support/use-store.js';

const store = useStore();

async function known(connection: ConnectionRef, keys: readonly ActivityKey[], { fromLedger = false } = {}) {
  const range = keyRange(keys);
  if (range === null) return new Set<string>();
  const { accountId, s1AccountId } = connection;
  const question = { accountId, s1AccountId, range, keyCount: keys.length, fromLedger };
  const found = new KnownKeys(await readKnownKeys(store.owner, question));
  return new Set(keys.filter((key) => found.has(key)).map(({ id, createdAt }) => activityKey(id, createdAt)));
}

const keysOf = (rows: readonly ActivityKey[]) => new Set(rows.map(({ id, createdAt }) => activityKey(id, createdAt)));

/** Every third is discarded, because its site is not mapped. */
async function stored(count: number): Promise<ConnectionRef> {
  const connection = await aConnection(store.owner);
  await aSite(store.owner, connection, { siteId: 'unmapped' });
  await ingestPage(store.owner, await aPage(store.owner, connection, { activities: mixed(0, count) }));
  return connection;
}

const mixed = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => anActivity(first + n, (first + n) % 3 === 0 ? { siteId: 'unmapped' } : {}));

test('events and discards are known, rows around and between them are not', async () => {
  const connection = await stored(30);
  const between = anActivity(7, { id: '1400000000000900007' });
  const found = await known(connection, [...mixed(0, 40), between]);
  expect(found).toEqual(keysOf(mixed(0, 30)));
});

test('an id with another time is another row', async () => {
  const connection = await stored(3);
  const [first] = mixed(0, 1);
  const moved = { id: first?.id ?? '', createdAt: anActivity(1).createdAt };
  expect((await known(connection, [moved, ...mixed(1, 2)])).has(activityKey(moved.id, moved.createdAt))).toBe(false);
});

test('an id that is known at several times is known at each', async () => {
  const connection = await aConnection(store.owner);
  const rows = [0, 1, 2].map((n) => anActivity(0, { createdAt: anActivity(n).createdAt }));
  await ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows }));
  const never = { id: anActivity(0).id, createdAt: anActivity(3).createdAt };
  expect(await known(connection, [...rows, never])).toEqual(keysOf(rows));
});

test('whoever collects from the ledger has to read what is in it', async () => {
  const connection = await stored(9);
  const events = mixed(0, 9).filter((_, n) => n % 3 !== 0);
  expect(await known(connection, mixed(0, 9), { fromLedger: true })).toEqual(keysOf(events));
});

test('what another account holds of the same console is not known here', async () => {
  const theirs = await stored(3);
  const mine = await aConnection(store.owner, { s1AccountId: theirs.s1AccountId });
  expect(await known(mine, mixed(0, 3))).toEqual(new Set());
});

test.each<[string, Partial<ActivityKey>]>([
  ['an id that is no number', { id: 'abc-1' }],
  ['an id of another age than its row', { id: '9400000000000000000' }],
  ['an id that PostgreSQL cannot hold', { id: '14000000000000\u0000001' }],
  ['a time that never was', { createdAt: '2026-02-31T09:00:00.123456Z' }],
  ['a time in another form', { createdAt: '2026-01-15T09:00:00Z' }],
  ['no time at all', { createdAt: 'yesterday' }],
])('a page with %s is parsed whole', async (_, odd) => {
  const connection = await stored(3);
  const [first, ...rest] = mixed(0, 3);
  expect(
    await known(connection, [{ id: first?.id ?? '', createdAt: first?.createdAt ?? '', ...odd }, ...rest]),
  ).toEqual(new Set());
});

test.each<[string, (n: number) => string]>([
  ['rise with time', (n) => String(1_400_000_000_000_000_000n + BigInt(n))],
  [
    'say nothing of time',
    (n) => String(1_000_000_000_000_000_000n + ((BigInt(n) * 7_919_000_000_000_000_003n) % 8_999_999_999_999_999_999n)),
  ],
  ['are words', (n) => `row-${n}`],
])('rows that are known are stored once where ids %s', async (_, idOf) => {
  const connection = await aConnection(store.owner);
  const rows = activities(0, 60).map((row, n) => anActivity(n, { id: idOf(n), createdAt: row.createdAt }));
  const store60 = async (some: typeof rows) =>
    ingestPage(store.owner, await aPage(store.owner, connection, { activities: some }));
  expect(await store60(rows.slice(0, 20))).toMatchObject({ stored: 20 });
  expect(await store60(rows.slice(10, 40))).toMatchObject({ stored: 20 });
  expect(await store60(rows.slice(40))).toMatchObject({ stored: 20 });
  expect(await store60(rows)).toMatchObject({ stored: 0 });
  await expectConsistent(store.owner, connection);
});
