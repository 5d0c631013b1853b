// A connection that has fallen behind is told by the api alone, with no worker anywhere, and to everybody who watches.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BehindWatch } from '../../src/api/notices/behind-watch.js';
import { openApiDatabase } from '../../src/store/api-database.js';
import { listenForChanges } from '../../src/store/change-channel.js';
import type { Database } from '../../src/store/database.js';
import { startSignOfLife } from '../../src/worker/sign-of-life.js';
import { aConnection, aSite } from '../support/builders.js';
import { startProxy } from '../support/proxy.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';
import { eventually } from './support/connected-stage.js';

let api: ApiStage;
beforeAll(async () => void (api = await openApiStage({ parts: { behindEveryMs: 100 } })));
afterAll(() => api.close());

interface Notice {
  readonly id: string;
  readonly title: string;
  readonly whatToDo: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const noticesOf = async (account: ApiStage['ours'], state: 'open' | 'resolved' = 'open'): Promise<Notice[]> =>
  (await api.call(`GET /v1/notices?state=${state}`, { as: aPrincipal(account) })).body.items;

async function aMapped(account: ApiStage['ours']): Promise<string> {
  const connection = await aConnection(api.owner, { account });
  await aSite(api.owner, connection, { siteId: '1', organizationId: account.organizationId });
  return connection.connectionId;
}
const collected = (connectionId: string, minutesAgo: number) =>
  api.owner.pool.query(
    `update connections set created_at = now() - interval '1 day', collected_through = now() - $2 * interval '1 minute'
      where id = $1`,
    [connectionId, minutesAgo],
  );

test('the notice opens, says what is wrong, changes with its cause and is resolved, and consoles hear of each', async () => {
  const told: string[] = [];
  const listening = Promise.withResolvers<void>();
  const listener = listenForChanges(
    { listenOn: api.owner },
    {
      onChanges: ({ accountId, notices = [] }) => void told.push(...notices.map((id) => `${accountId} ${id}`)),
      onListening: () => listening.resolve(),
      onLost: () => undefined,
    },
  );
  await listening.promise;
  const connectionId = await aMapped(api.ours);
  await collected(connectionId, 60);
  const [notice] = await eventually(
    () => noticesOf(api.ours),
    (open) => open.length > 0,
  );
  expect(notice).toMatchObject({
    kind: 'collection_behind',
    severity: 'critical',
    connectionId,
    title: 'Nothing is being collected, because no worker is running; nothing is lost',
    helpUrl: '/help/setup-sentinelone#collection-behind',
    details: { cause: 'worker_away', code: null },
  });
  expect(await noticesOf(api.theirs)).toEqual([]);

  const worker = startSignOfLife({ database: api.owner, log: { warn: () => undefined }, everyMs: 50 });
  const causes = async () => (await noticesOf(api.ours)).map(({ details }) => details['cause']);
  await eventually(causes, ([cause]) => cause === 'unknown');
  await worker.stop();
  await eventually(causes, ([cause]) => cause === 'worker_away');

  await collected(connectionId, 0);
  await eventually(
    () => noticesOf(api.ours, 'resolved'),
    (resolved) => resolved.length > 0,
  );
  expect(await noticesOf(api.ours)).toEqual([]);
  const line = `${api.ours.accountId} ${notice?.id}`;
  await eventually(
    () => told,
    (lines) => lines.length >= 4,
  );
  expect(told).toEqual([line, line, line, line]);
  await listener.stop();
});

test('looks that fail are told once in a row, and one at a database that hangs ends in time', async () => {
  const toDatabase = await startProxy();
  toDatabase.point(new URL(api.databaseUrl).host);
  const url = Object.assign(new URL(api.apiDatabaseUrl), { host: toDatabase.address }).href;
  const database = openApiDatabase({ url, maxConnections: 2 });
  const warnings: string[] = [];
  let looks = 0;
  const counted: Database = {
    ...database,
    get kysely() {
      looks += 1;
      return database.kysely;
    },
  };
  const log = { warn: (...[, sentence]: unknown[]) => void warnings.push(String(sentence)) };
  const watch = new BehindWatch({ database: counted, log, everyMs: 20 });
  const looksLater = (more: number) => {
    const then = looks + more;
    return eventually(
      () => looks,
      (now) => now >= then,
    );
  };
  watch.onApplicationBootstrap();
  await looksLater(2);
  expect(warnings).toEqual([]);
  toDatabase.point(null);
  await looksLater(5);
  expect(warnings).toEqual(['could not look which connections are behind; it is tried again every minute']);
  toDatabase.point(new URL(api.databaseUrl).host);
  await looksLater(3);
  toDatabase.point(null);
  await looksLater(3);
  expect(warnings).toHaveLength(2);

  toDatabase.point(new URL(api.databaseUrl).host);
  await looksLater(3);
  toDatabase.freeze(true);
  const standing = await looksLater(1);
  const stoppingAtMs = performance.now();
  await watch.onApplicationShutdown();
  expect(performance.now() - stoppingAtMs).toBeLessThan(6_500);
  expect(looks).toBe(standing); // one at a time, and none after the end
  toDatabase.freeze(false);
  await database.close();
  await toDatabase.close();
}, 30_000);
