// Creations of connections that meet something passing: many at once under SentinelOne's own rate limit, a console that
// is down for a while, a Temporal that is away.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DEFAULT_ACTIVITY_REQUESTS_PER_SECOND } from '../../src/sentinelone/endpoints.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { type ConnectedStage, eventually, openConnectedStage, type Partner } from './support/connected-stage.js';

/** As long as one may take: five seconds to be accepted and ten for the verdict. */
const VERDICT_MS = 15_000;

let toTemporal: Proxy;
let stage: ConnectedStage;
beforeAll(async () => {
  toTemporal = await startProxy();
  toTemporal.point(inject('temporalAddress'));
  stage = await openConnectedStage({
    temporalThrough: toTemporal.address,
    requestsPerSecond: DEFAULT_ACTIVITY_REQUESTS_PER_SECOND,
  });
  await stage.startWorker();
});
afterAll(async () => {
  toTemporal.point(inject('temporalAddress'));
  await stage[Symbol.asyncDispose]();
  await toTemporal.close();
});

async function rowsOf({ account }: Partner) {
  const { rows } = await stage.api.owner.pool.query<object>(
    `select state, refusal_code, (select count(*)::int from credentials k
        where k.account_id = c.account_id and k.connection_id = c.id and token_jwe is not null) as tokens
       from connections c where account_id = $1 order by created_at`,
    [account.accountId],
  );
  return rows;
}

test('twenty at once under twenty keys make one connection, and the rest are told that there is one', async () => {
  const partner = await stage.partner();
  const startedAtMs = performance.now();
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, n) => partner.create({ name: `Number ${n}` }, { 'idempotency-key': `key-${n}` })),
  );
  expect(performance.now() - startedAtMs).toBeLessThan(VERDICT_MS);
  const outcomes = replies.map(({ status, body }) => (status === 201 ? 'made' : `${status} ${body.code}`)).sort();
  expect(outcomes).toEqual([...Array<string>(19).fill('422 s1.already_connected'), 'made']);
  expect((await partner.call('GET /v1/connections')).body.items).toHaveLength(1);
});

test('twenty at once whose token lacks a permission are all told so', async () => {
  const partner = await stage.partner();
  const { simulator } = partner;
  simulator.control.setPermissions({ token: simulator.token, permissions: { 'Endpoints.view': false } });
  const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => partner.create({ name: `Number ${n}` })));
  for (const { status, body } of replies) {
    expect({ status, code: body.code }).toEqual({ status: 422, code: 's1.permission_missing' });
  }
});

test('one that failed for a passing reason is tried again under its key', async () => {
  const partner = await stage.partner();
  const headers = { 'idempotency-key': 'down-and-up' };
  partner.simulator.control.addFault({ requests: 2, pathPrefix: '/system/info', status: 503 });
  const refused = await partner.create({}, headers);
  expect(refused).toMatchObject({ status: 422, body: { code: 's1.unavailable' } });
  const made = await partner.create({}, headers);
  expect(made).toMatchObject({ status: 201, body: { state: 'awaiting_mapping' } });
  expect((await partner.create({}, headers)).body.id).toBe(made.body.id);
});

test('one that Temporal never got leaves no token and nothing in the way, and may be tried again', async () => {
  const partner = await stage.partner();
  const headers = { 'idempotency-key': 'away' };
  const defaultOrganizationId = partner.account.otherOrganizationId;
  toTemporal.point(null);
  const refused = await partner.create({ defaultOrganizationId }, headers);
  expect(refused).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } });
  expect(await rowsOf(partner)).toEqual([{ state: 'refused', refusal_code: 'command_expired', tokens: 0 }]);
  toTemporal.point(inject('temporalAddress'));
  await eventually(
    () => partner.create({ defaultOrganizationId }, headers),
    ({ status }) => status === 201,
  );
  expect((await partner.call(`DELETE /v1/organizations/${defaultOrganizationId}`)).status).toBe(409);

  const other = await stage.partner();
  toTemporal.point(null);
  expect((await other.create({ defaultOrganizationId: other.account.otherOrganizationId })).status).toBe(503);
  toTemporal.point(inject('temporalAddress'));
  expect((await other.call(`DELETE /v1/organizations/${other.account.otherOrganizationId}`)).status).toBe(204);
});
