// While a part of the product is away, commands fail soon, say who is missing, and change nothing; afterwards all is
// well.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Proxy, startProxy } from '../support/proxy.js';
import { type ConnectedStage, eventually, openConnectedStage, type Partner } from './support/connected-stage.js';
import type { Reply } from './support/http-reply.js';

/** An admin who waits gets an answer within this time. */
const PATIENCE_MS = 6_000;

let toTemporal: Proxy;
let toDatabase: Proxy;
let stage: ConnectedStage;
let partner: Partner;
let databaseAddress: string;
beforeAll(async () => {
  [toTemporal, toDatabase] = await Promise.all([startProxy(), startProxy()]);
  databaseAddress = new URL(inject('databaseUrl')).host;
  toTemporal.point(inject('temporalAddress'));
  toDatabase.point(databaseAddress);
  stage = await openConnectedStage({ temporalThrough: toTemporal.address, databaseThrough: toDatabase.address });
  await stage.startWorker();
  partner = await (await stage.partner()).connect();
  await partner.map({ 0: partner.account.organizationId });
});
afterAll(async () => {
  toTemporal.point(inject('temporalAddress'));
  toDatabase.point(databaseAddress);
  await stage[Symbol.asyncDispose]();
  await Promise.all([toTemporal.close(), toDatabase.close()]);
});

async function timed(work: Promise<Reply>): Promise<Reply> {
  const startedAtMs = performance.now();
  const reply = await work;
  expect(performance.now() - startedAtMs).toBeLessThan(PATIENCE_MS);
  return reply;
}

const everyCommand = async (newcomer: Partner): Promise<Reply[]> => {
  const mapping = {
    version: 1,
    changes: [{ siteId: partner.siteId(1), organizationId: partner.account.organizationId }],
  };
  return Promise.all(
    [
      partner.on('POST /pause'),
      partner.on('POST /recheck'),
      partner.on('PATCH ', { body: { name: 'Never', pollIntervalSeconds: 60 } }),
      partner.on('PUT /mapping', { body: mapping }),
      partner.on('POST /token', { body: { apiToken: 'x'.repeat(80) } }),
      partner.on('DELETE '),
      newcomer.create(),
    ].map(timed),
  );
};

/** Everything of the connection that a command could have changed. */
async function stored() {
  const ids = [partner.account.accountId, partner.connectionId];
  const { rows } = await stage.api.owner.pool.query(
    `select state, pause_reasons, state_seq, name, credential_id, mapping_version,
            (select count(*) from site_mappings where account_id = $1) as mapped,
            (select count(*) from backfills where account_id = $1) as backfills,
            (select count(*) from audit_log where account_id = $1) as entries
       from connections where account_id = $1 and id = $2`,
    ids,
  );
  return rows[0] as object;
}

let before: object;
beforeEach(async () => {
  before = await stored();
});

describe('without a worker', () => {
  test('commands are 503 in time, and never happen', async () => {
    await stage.stopWorker();
    const newcomer = await stage.partner();
    const headers = { 'idempotency-key': 'late-1' };
    const creation = timed(newcomer.create({}, headers));
    for (const { status, body } of await everyCommand(await stage.partner())) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'worker_unavailable' });
      expect(body.detail).toBe('no worker took the command in time; nothing was changed, try again');
    }
    expect((await creation).status).toBe(503);
    await stage.startWorker();
    // Answered after everything that came before it.
    expect((await partner.on('POST /sync-sites')).status).toBe(200);
    expect(await stored()).toMatchObject({ ...before, entries: expect.anything() as unknown });

    // The same request under the same key is tried again.
    const again = await eventually(
      () => newcomer.create({}, headers),
      ({ status }) => status === 201,
    );
    expect(again.body.state).toBe('awaiting_mapping');
    expect((await newcomer.call('GET /v1/connections')).body.items).toHaveLength(1);
    const audit = await newcomer.call('GET /v1/audit-log?action=connection.created');
    expect(audit.body.items).toHaveLength(1);
  });
});

describe('without Temporal', () => {
  const backfill = () =>
    partner.on('POST /backfills', {
      body: { from: new Date(Date.now() - 3600_000).toISOString(), to: new Date().toISOString() },
    });

  test('commands and backfills are 503 in time, reading goes on, and all is well when it is back', async () => {
    toTemporal.point(null);
    const replies = await everyCommand(await stage.partner());
    for (const { status, body } of [...replies, await timed(backfill())]) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'temporal_unavailable' });
    }
    expect((await partner.on('GET ')).status).toBe(200);
    expect(await stored()).toEqual(before);
    // A name is nothing that the workflow has to know.
    expect((await partner.on('PATCH ', { body: { name: 'Renamed' } })).body.name).toBe('Renamed');
    toTemporal.point(inject('temporalAddress'));
    await eventually(
      () => partner.on('POST /sync-sites'),
      ({ status }) => status === 200,
    );
  });

  test('nor does one that takes the call and never answers keep anybody waiting', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    toTemporal.point(null);
    toTemporal.point(`127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const pause = await timed(partner.on('POST /pause'));
    expect(pause).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } });
    toTemporal.point(null);
    toTemporal.point(inject('temporalAddress'));
    for (const socket of sockets) socket.destroy();
    silent.close();
    await eventually(
      () => partner.on('POST /sync-sites'),
      ({ status }) => status === 200,
    );
  });
});

describe('without PostgreSQL', () => {
  test('everything is 503 in time, and all is well when it is back', async () => {
    const newcomer = await stage.partner();
    toDatabase.point(null);
    const replies = [await timed(partner.on('GET ')), ...(await everyCommand(newcomer))];
    for (const { status, body } of replies) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'store.unavailable' });
    }
    toDatabase.point(databaseAddress);
    expect(await stored()).toEqual(before);
    expect((await partner.on('GET ')).status).toBe(200);
    expect((await partner.on('POST /pause')).body.state).toBe('paused');
    expect((await partner.on('POST /resume')).body.state).toBe('active');
  });
});
