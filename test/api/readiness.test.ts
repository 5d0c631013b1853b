// What `/readyz` says while something is missing: a sentence for each thing, with its remedy, and nothing that only an
// operator should know.
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createReadiness } from '../../src/api/health/readiness.service.js';
import { openApiDatabase } from '../../src/store/api-database.js';
import { openDatabase } from '../../src/store/database.js';
import { ensureSearchAttributes } from '../../src/worker/search-attributes.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { startProxy } from '../support/proxy.js';
import { useTemporal } from '../support/temporal.js';
import { aNamespaceName, makeNamespace } from '../support/temporal-namespace.js';
import { openApiStage } from './support/api-stage.js';

const temporal = useTemporal();

let migrated: TestDatabase;
beforeAll(async () => {
  migrated = await createTestDatabase();
});
afterAll(() => migrated.drop());

interface Parts {
  readonly databaseUrl?: string;
  readonly temporal?: Client;
}

/** The api's answer over HTTP, its parts being these. */
async function readyz({ databaseUrl = migrated.apiUrl, temporal: client = temporal.client }: Parts) {
  const database = openApiDatabase({ url: databaseUrl, maxConnections: 2 });
  const stage = await openApiStage({ parts: { readiness: createReadiness({ database, temporal: client }) } });
  try {
    return await stage.call('GET /readyz');
  } finally {
    await stage.close();
    await database.close();
  }
}

const unavailable = (detail: unknown) => ({ status: 503, body: { status: 'unavailable', detail } });

test('nothing is missing', async () => {
  expect(await readyz({})).toMatchObject({ status: 200, body: { status: 'ready' } });
});

test('a schema that is not there yet', async () => {
  const empty = await createEmptyDatabase();
  onTestFinished(() => empty.drop());
  const databaseUrl = Object.assign(new URL(migrated.apiUrl), { pathname: new URL(empty.url).pathname }).href;
  const detail = 'a migration of this build is missing: run migrate';
  expect(await readyz({ databaseUrl })).toMatchObject(unavailable(detail));
});

test('a login role that nobody has made', async () => {
  const nobody = await createEmptyDatabase();
  onTestFinished(() => nobody.drop());
  const detail = 'PostgreSQL does not let the api in: run migrate with the same API_DATABASE_URL';
  expect(await readyz({ databaseUrl: nobody.apiUrl })).toMatchObject(unavailable(detail));
});

test('whoever row-level security does not bind, be it only by a role that it could take on', async () => {
  const detail =
    'row-level security does not bind the api: API_DATABASE_URL, or a pooler, signs it in as another role than migrate makes';
  expect(await readyz({ databaseUrl: migrated.url })).toMatchObject(unavailable(detail));
  const strange = await createTestDatabase();
  onTestFinished(() => strange.drop());
  const role = new URL(strange.apiUrl).username;
  const superuser = openDatabase({ url: strange.url, maxConnections: 1 });
  onTestFinished(() => superuser.close());
  for (const more of ['bypassrls', 'superuser']) {
    await superuser.pool.query(`alter role ${role} ${more}`);
    expect(await readyz({ databaseUrl: strange.apiUrl }), more).toMatchObject(unavailable(detail));
    await superuser.pool.query(`alter role ${role} no${more}`);
  }
  await superuser.pool.query(`grant postgres to ${role} with inherit false, set true`);
  expect(await readyz({ databaseUrl: strange.apiUrl })).toMatchObject(unavailable(detail));
  await superuser.pool.query(`revoke postgres from ${role}`);
  expect(await readyz({ databaseUrl: strange.apiUrl })).toMatchObject({ status: 200 });
});

test('PostgreSQL and Temporal away, without telling where they should be', async () => {
  const proxy = await startProxy();
  const connection = Connection.lazy({ address: proxy.address });
  onTestFinished(async () => {
    await connection.close();
    await proxy.close();
  });
  const databaseUrl = `postgres://somebody:secret@${proxy.address}/there`;
  const reply = await readyz({ databaseUrl, temporal: new Client({ connection }) });
  const sentences = [
    'PostgreSQL does not answer',
    'Temporal does not answer: start it, or see what TEMPORAL_ADDRESS names',
  ];
  expect(reply).toMatchObject(unavailable(sentences.join('; ')));
  expect(reply.text).not.toContain(proxy.address);
});

test('a namespace that nobody has made, then one without search attributes, then one that is complete', async () => {
  const namespace = aNamespaceName();
  const { connection } = temporal.client;
  const own = { temporal: new Client({ connection, namespace }) };
  expect(await readyz(own)).toMatchObject(
    unavailable(
      `Temporal has no namespace $TEMPORAL_NAMESPACE: create it by ` +
        `\`temporal operator namespace create --namespace $TEMPORAL_NAMESPACE --retention 168h\``,
    ),
  );
  await makeNamespace(temporal, namespace);
  expect(await readyz(own)).toMatchObject(
    unavailable(
      `Temporal's namespace $TEMPORAL_NAMESPACE lacks the search attributes AccountId, ConnectionState, Console: ` +
        'a running worker adds them within a minute',
    ),
  );
  await ensureSearchAttributes(own.temporal);
  expect(await readyz(own)).toMatchObject({ status: 200 });
});
