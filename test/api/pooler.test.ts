// The api behind a pooler that works by transaction (the walk of access.test.ts goes through it as well): it signs in
// as whoever it should be, and that it hears no live changes there is said, with the remedy.
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { openApiDatabase } from '../../src/store/api-database.js';
import { announceChanges, DeafToChanges, type Ears, listenForChanges } from '../../src/store/change-channel.js';
import { API_ROLE, type Database, openDatabase } from '../../src/store/database.js';
import { isBound } from '../../src/store/roles/is-bound.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { isPgBouncerInstalled, startPgBouncer } from '../support/pgbouncer.js';
import { type Pooler, startPooler } from '../support/pooler.js';

/** PgBouncer itself besides, where it is installed. */
const POOLERS: readonly (readonly [name: string, start: (store: TestDatabase) => Promise<Pooler>])[] = [
  ['a stand-in', () => startPooler(server())],
  ...(isPgBouncerInstalled()
    ? [['PgBouncer', (store: TestDatabase) => startPgBouncer(server(), [store.url, store.apiUrl])] as const]
    : []),
];

const server = () => new URL(inject('databaseUrl')).host;

let pooler: Pooler;
let store: TestDatabase;
beforeAll(async () => void (store = await createTestDatabase()));
afterAll(() => store.drop());

const pooled = (url: string) => Object.assign(new URL(url), { host: pooler.address }).href;

function opened(database: Database): Database {
  onTestFinished(() => database.close());
  return database;
}

const anApi = (url: string) => opened(openApiDatabase({ url, maxConnections: 3 }));

/** What a listener is told, until the test ends. */
function listen(ears: Ears) {
  const heard: string[] = [];
  const lost: unknown[] = [];
  const first = Promise.withResolvers<void>();
  const listener = listenForChanges(ears, {
    onChanges: ({ accountId }) => {
      heard.push(accountId);
      first.resolve();
    },
    onListening: () => {
      heard.push('listening');
      first.resolve();
    },
    onLost: (error) => {
      lost.push(error);
      first.resolve();
    },
  });
  onTestFinished(() => listener.stop());
  return { heard, lost, first: first.promise };
}

describe.each(POOLERS)('behind %s', (_, start) => {
  beforeAll(async () => void (pooler = await start(store)));
  afterAll(() => pooler.close());

  test('the login role is bound and has its time zone, where an owner who steps down by an option would stay the owner', async () => {
    const api = anApi(pooled(store.apiUrl));
    expect(await isBound(api)).toBe(true);
    const { rows } = await api.pool.query<{ zone: string }>(`select current_setting('timezone') as zone`);
    expect(rows).toEqual([{ zone: 'UTC' }]);
    const stepsDown = opened(openDatabase({ url: pooled(store.url), role: API_ROLE, maxConnections: 1 }));
    expect(await isBound(stepsDown)).toBe(false);
  });

  test('a listener behind it never says that it listens, and knows that it is deaf', async () => {
    const { heard, lost, first } = listen({ listenOn: anApi(pooled(store.apiUrl)), deafAfterMs: 300 });
    await first;
    expect(heard).toEqual([]);
    expect(lost).toEqual([expect.any(DeafToChanges)]);
  });

  test('a listener that goes past it hears what is said through it', async () => {
    const speakOn = anApi(pooled(store.apiUrl));
    const { heard, lost, first } = listen({ listenOn: anApi(store.apiUrl), speakOn });
    await first;
    await announceChanges(speakOn, { accountId: 'ours' });
    await expect.poll(() => heard).toEqual(['listening', 'ours']);
    expect(lost).toEqual([]);
  });
});
