// Commands while workers are away. Another one takes over; while none runs, commands fail soon and honestly: nothing
// that was given up may happen when a worker comes back.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type E2eStack, startE2eStack, STILL, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, openAccount, type Partner, problemOf, sentUntilTaken } from './support/partner.js';

/** An admin who waits gets an answer within this time. */
const PATIENCE_MS = 6_000;

let stack: E2eStack;
let partner: Partner;
beforeAll(async () => {
  stack = await startE2eStack({ intervals: STILL, durable: false, simulator: { historyRows: 200 } });
  await stack.startWorker();
  partner = await collectingPartner(stack);
  await partner.caughtUp();
});
afterAll(() => stack[Symbol.asyncDispose]());

test('a worker takes over the connections of one that is killed', async () => {
  const survivor = await stack.startWorker();
  await stack.killWorkers({ but: survivor });
  const asked = requestsFor('/system/info');
  const answer = await sentUntilTaken(() => partner.connections.recheck(...partner.target));
  expect(answer).toMatchObject({ done: true, body: { state: 'active', pauseReasons: [] } });
  expect(requestsFor('/system/info')).toBeGreaterThan(asked);
});

test('without any, commands and creations are refused in time, and never happen', async () => {
  await stack.stopWorkers();
  const newcomer = await openAccount(stack);
  const before = await stateOf(partner);
  const [pause, mapping, creation] = await Promise.all([
    timed(partner.connections.pause(...partner.target)),
    timed(partner.map({ 0: null, 2: 3 })),
    timed(newcomer.connect()),
  ]);
  for (const { problem, tookMs } of [pause, mapping, creation]) {
    expect(problem.code).toBe('worker_unavailable');
    expect(problem.message).toBe('no worker took the command in time; nothing was changed, try again');
    expect(tookMs).toBeLessThan(PATIENCE_MS);
  }

  await stack.startWorker();
  const refused = () => stack.query('select * from connections where account_id = $1', [newcomer.accountId]);
  await waitUntil('the creation to be refused', async () => (await refused())[0]?.['state'] === 'refused');
  expect(await refused()).toMatchObject([
    {
      state: 'refused',
      refusal_code: 'command_expired',
      s1_account_id: null,
      collect_from: expect.any(String) as string,
    },
  ]);
  const { items } = await newcomer.services.connectionQueries.list(newcomer.doer.principal, { limit: 10 });
  expect(items).toEqual([]);
  const ofNewcomer = [newcomer.accountId];
  expect(await stack.query('select token_jwe from credentials where account_id = $1', ofNewcomer)).toEqual([
    { token_jwe: null },
  ]);
  expect(await stack.query('select outcome, code from connection_timeline where account_id = $1', ofNewcomer)).toEqual([
    { outcome: 'refused', code: 'command_expired' },
  ]);

  // Answered after everything that came before it.
  const asked = requestsFor('/sites');
  expect(await sentUntilTaken(() => partner.connections.syncSites(...partner.target))).toMatchObject({
    done: true,
    body: { counts: { mappedSites: 2 } },
  });
  expect(requestsFor('/sites')).toBeGreaterThan(asked);
  expect(await stateOf(partner)).toEqual(before);
});

test('a command that is sent again works', async () => {
  expect(await partner.connections.pause(...partner.target)).toMatchObject({ done: true, body: { state: 'paused' } });
  await partner.map({ 2: 1 });
  expect(await stateOf(partner)).toMatchObject({
    connection: { state: 'paused', pause_reasons: ['person'], mapping_version: 2 },
  });
  await newcomerConnects();
});

/** How often the console was asked. */
const requestsFor = (endpoint: string) =>
  stack.simulator.requests().filter(({ path }) => path.endsWith(endpoint)).length;

/** A refused creation blocks no later one. */
async function newcomerConnects(): Promise<void> {
  const newcomer = await openAccount(stack);
  await newcomer.connect();
  expect(await newcomer.connection()).toMatchObject({ state: 'awaiting_mapping' });
}

/** Everything of the connection that a command could have changed. */
async function stateOf(of: Partner) {
  const { state, pause_reasons, state_seq, mapping_version } = await of.connection();
  const [mappings, history, commands, timeline] = await Promise.all(
    ['site_mappings', 'mapping_history', 'commands', 'connection_timeline'].map((table) => of.rows(table)),
  );
  return { connection: { state, pause_reasons, state_seq, mapping_version }, mappings, history, commands, timeline };
}

async function timed(work: Promise<unknown>) {
  const startedAtMs = performance.now();
  const problem = await problemOf(work);
  return { problem, tookMs: performance.now() - startedAtMs };
}
