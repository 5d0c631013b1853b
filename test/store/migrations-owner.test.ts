import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { startPostgres } from '../../src/embedded/postgres/postgres.js';
import { withLogin } from '../../src/embedded/postgres/with-login.js';
import { chooseFreePorts } from '../../src/embedded/processes/free-port.js';
import { openApiDatabase } from '../../src/store/api-database.js';
import { API_ROLE, openDatabase } from '../../src/store/database.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { migrateToLatest } from '../../src/store/migrate.js';
import { listOrganizations } from '../../src/store/people/organization.repository.js';
import { makeApiLogin } from '../../src/store/roles/api-login.js';
import { aConnection, activities, anAccount, aPage, asTenant } from '../support/builders.js';
import { superuser } from './support/sessions.js';

describe('an owner who is no superuser', () => {
  // A server of its own: roles belong to the whole server, and here the api's must not be there yet.
  let dataDir: string;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;

  beforeAll(async () => {
    dataDir = await temporaryDataDir();
    postgres = await startPostgres({ dataDir, durable: false, preferredPort: (await chooseFreePorts(1))[0] ?? 0 });
    await superuser(postgres.url, async (client) => {
      await client.query(`create role maker login createrole password 'secret'`);
      await client.query(`create role plain login password 'secret'`);
      for (const owner of ['maker', 'plain']) await client.query(`create database ${owner} owner ${owner}`);
    });
  });
  afterAll(async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const urlOf = (owner: string) => {
    const url = new URL(postgres.url);
    url.username = owner;
    url.password = 'secret';
    url.pathname = `/${owner}`;
    return url.href;
  };

  async function expectUsable(url: string): Promise<void> {
    await migrateToLatest(url);
    expect(await migrateToLatest(url)).toEqual([]);
    const apiUrl = withLogin(url, `${new URL(url).username}_api:secret`);
    await makeApiLogin(url, apiUrl);
    const worker = openDatabase({ url });
    const api = openApiDatabase({ url: apiUrl });
    try {
      const connection = await aConnection(worker);
      const page = await aPage(worker, connection, { activities: activities(0, 3) });
      expect(await ingestPage(worker, page)).toMatchObject({ stored: 3 });
      const stranger = await anAccount(worker);
      const seenBy = (accountId: string) =>
        asTenant(
          api,
          accountId,
          async ({ db }) => (await db.selectFrom('events').select('activityId').execute()).length,
        );
      expect([await seenBy(connection.accountId), await seenBy(stranger.accountId)]).toEqual([3, 0]);
      expect(await asTenant(api, connection.accountId, listOrganizations)).toHaveLength(1);
    } finally {
      await worker.close();
      await api.close();
    }
  }

  test("and may make roles makes the api's roles and collects", () => expectUsable(urlOf('maker')));

  test('and may not make roles needs the api role made and granted', async () => {
    await expect(migrateToLatest(urlOf('plain'))).rejects.toMatchObject({ code: '42501' });
    await superuser(postgres.url, (client) => client.query(`grant ${API_ROLE} to plain with inherit false, set true`));
    await migrateToLatest(urlOf('plain'));
    const apiUrl = withLogin(urlOf('plain'), 'plain_api:secret');
    await expect(makeApiLogin(urlOf('plain'), apiUrl)).rejects.toThrow(/may not make or alter role plain_api/);
    await superuser(postgres.url, async (client) => {
      await client.query('alter role plain createrole');
      await client.query(`grant ${API_ROLE} to plain with admin true`);
    });
    await expectUsable(urlOf('plain'));
  });
});
