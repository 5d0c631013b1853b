import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';

let stage: ApiStage;
const admin = () => aPrincipal(stage.ours);

beforeAll(async () => {
  stage = await openApiStage();
});
afterAll(() => stage.close());

const change = (body: object) => stage.call('PATCH /v1/account', { as: admin(), body });

test('an account is read and changed field by field', async () => {
  const read = await stage.call('GET /v1/account', { as: admin() });
  const { accountId: id } = stage.ours;
  expect(read).toMatchObject({ status: 200, body: { id, name: 'Acme', timeZone: 'UTC', billingBasis: 'closing' } });
  const changed = await change({ timeZone: 'Europe/Berlin', billingBasis: 'peak' });
  expect(changed.body).toEqual({ ...read.body, timeZone: 'Europe/Berlin', billingBasis: 'peak' });
  expect((await change({ name: 'Acme MSP' })).body).toEqual({ ...changed.body, name: 'Acme MSP' });
  expect((await change({})).body.name).toBe('Acme MSP');
  expect((await stage.call('GET /v1/account', { as: aPrincipal(stage.theirs) })).body.name).toBe('Acme');
});

test.each([
  { timeZone: 'Mars/Olympus' },
  { timeZone: '+02:00' },
  { timeZone: '' },
  { billingBasis: 'median' },
  { name: '' },
  { id: 'x' },
])('an account is not changed to %j', async (body) => {
  expect(await change(body)).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
});

test('a change is in the audit log with old and new values, and none is when nothing changed', async () => {
  await change({ billingBasis: 'average' });
  await change({ billingBasis: 'average' });
  const log = await stage.call('GET /v1/audit-log?action=account.changed&limit=1', { as: admin() });
  expect(log.body.items[0]).toMatchObject({ before: { billingBasis: 'peak' }, after: { billingBasis: 'average' } });
  const all = await stage.call('GET /v1/audit-log?action=account.changed', { as: admin() });
  expect(all.body.items).toHaveLength(3);
});
