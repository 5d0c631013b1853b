// Backfills that people ask for, over HTTP, run by a real worker.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConnectedStage, eventually, openConnectedStage, type Partner } from './support/connected-stage.js';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

let stage: ConnectedStage;
let partner: Partner;
beforeAll(async () => {
  stage = await openConnectedStage();
  await stage.startWorker();
  partner = await (await stage.partner({ historyRows: 400, historyWindowMs: 2 * DAY_MS })).connect();
  await partner.map({ 0: partner.account.organizationId });
});
afterAll(() => stage[Symbol.asyncDispose]());

const ask = (body: object, headers: Record<string, string> = {}) => partner.on('POST /backfills', { body, headers });
const done = (id: string) =>
  eventually(
    async () => (await partner.on(`GET /backfills/${id}`)).body,
    ({ state }) => state === 'done',
  );

test('history from before the connection is collected, and its progress is told', async () => {
  const window = { from: ago(2 * DAY_MS), to: ago(60_000) };
  const reply = await ask(window, { 'idempotency-key': 'b-1' });
  expect(reply).toMatchObject({
    status: 201,
    body: { kind: 'requested', siteIds: null, progress: { slices: 8, secondsLeft: null }, finishedAt: null },
  });
  expect(await ask(window, { 'idempotency-key': 'b-1' })).toMatchObject({ status: 201, body: { id: reply.body.id } });
  const after = await done(reply.body.id);
  const { simulator } = partner;
  const rows = [...simulator.truth({ accountIds: [simulator.state.world.accounts[0]?.id ?? ''] })].length;
  expect(after).toMatchObject({ progress: { percent: 100, slicesDone: 8, slices: 8 }, failureCode: null });
  expect(after.counts.stored + after.counts.discarded).toBeGreaterThan(rows * 0.9);
  const list = await partner.on('GET /backfills');
  expect(list.body.items.filter(({ kind }: { kind: string }) => kind === 'requested')).toEqual([after]);
  expect(await partner.on(`POST /backfills/${reply.body.id}/cancel`)).toMatchObject({
    status: 409,
    body: { code: 'backfill_finished' },
  });
});

test.each<[string, () => object, string]>([
  ['older than the retention', () => ({ from: ago(400 * DAY_MS), to: ago(0) }), 'backfill_too_old'],
  ['that ends before it begins', () => ({ from: ago(0), to: ago(HOUR_MS) }), 'invalid_input'],
  ['of the future', () => ({ from: ago(0), to: ago(-HOUR_MS) }), 'invalid_input'],
  ['of a site that is none', () => ({ from: ago(HOUR_MS), to: ago(0), siteIds: ['42'] }), 'mapping_unknown_site'],
  ['without a zone', () => ({ from: '2026-01-01T00:00:00', to: ago(0) }), 'invalid_input'],
])('a window %s is refused', async (_, body, code) => {
  expect(await ask(body())).toMatchObject({ status: 422, body: { code } });
});

test('a window from before a change of mapping names the change, unless the mapping of now is accepted', async () => {
  const window = { from: ago(HOUR_MS), to: ago(0) };
  const { organizationId, otherOrganizationId } = partner.account;
  expect((await ask({ ...window, siteIds: [partner.siteId(0)] })).status).toBe(201);
  await partner.map({ 0: otherOrganizationId, 1: organizationId });
  const refused = await ask({ ...window, siteIds: [partner.siteId(0)] });
  expect(refused).toMatchObject({ status: 409, body: { code: 'mapping_changed' } });
  expect(refused.body.changes).toMatchObject([
    {
      siteId: partner.siteId(0),
      siteName: 'Alder Dental Group',
      version: 2,
      fromOrganizationId: organizationId,
      toOrganizationId: otherOrganizationId,
    },
  ]);
  expect((await ask(window)).status).toBe(409);
  // A first mapping took nothing from anybody.
  expect((await ask({ ...window, siteIds: [partner.siteId(1)] })).status).toBe(201);
  const accepted = await ask({ ...window, acceptCurrentMapping: true });
  expect(accepted.status).toBe(201);
  await done(accepted.body.id);
});

test('one is paused, resumed and cancelled', async () => {
  await partner.on('POST /pause'); // so that nothing begins it
  const window = { from: ago(DAY_MS), to: ago(0), acceptCurrentMapping: true };
  const [{ body: first }, { body: second }] = [await ask(window), await ask(window)];
  expect((await partner.on(`POST /backfills/${first.id}/pause`)).body).toMatchObject({ state: 'paused' });
  expect((await partner.on(`POST /backfills/${first.id}/pause`)).body).toMatchObject({ state: 'paused' });
  const cancelled = await partner.on(`POST /backfills/${second.id}/cancel`);
  expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled' } });
  await partner.on('POST /resume');
  expect((await partner.on(`POST /backfills/${first.id}/resume`)).body.state).toMatch(/queued|running/);
  await done(first.id);
});

test('twenty of a connection may wait, also when more are asked for at once; one that is cancelled makes room', async () => {
  const other = await (await stage.partner()).connect();
  await other.on('POST /pause'); // so that nothing begins them
  const body = { from: ago(HOUR_MS), to: ago(0), acceptCurrentMapping: true };
  const more = () => other.on('POST /backfills', { body });
  const replies = await Promise.all(Array.from({ length: 25 }, more));
  const refused = replies.filter(({ status }) => status !== 201);
  expect(refused).toHaveLength(5);
  for (const { status, body } of refused)
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'too_many_backfills', limit: 20 } });
  const [made] = replies.filter(({ status }) => status === 201);
  await other.on(`POST /backfills/${made?.body.id}/pause`);
  expect((await more()).status).toBe(409);
  await other.on(`POST /backfills/${made?.body.id}/cancel`);
  expect((await more()).status).toBe(201);
});

test('an ended connection takes none, and a stranger sees none', async () => {
  const other = await (await stage.partner()).connect();
  expect((await partner.on('GET /backfills', { as: other.admin })).status).toBe(404);
  const [{ id } = { id: '' }] = (await partner.on('GET /backfills')).body.items as { id: string }[];
  expect((await other.on(`GET /backfills/${id}`)).status).toBe(404);
  await other.on('DELETE ');
  await eventually(other.view, ({ state }) => state === 'disconnected');
  const reply = await other.on('POST /backfills', { body: { from: ago(HOUR_MS), to: ago(0) } });
  expect(reply).toMatchObject({ status: 409, body: { code: 'illegal_state' } });
});
