// A worker that freezes (SIGSTOP; a machine that swaps or is suspended does the same) with commands in its hands. Their
// sender is told that nothing was changed, and nothing is: not then, and not when the worker goes on where it stood.
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowId } from '../../src/domain/temporal-names.js';
import type { Part } from '../../src/embedded/processes/part.js';
import { type E2eStack, startE2eStack, STILL, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, openAccount, type Partner, problemOf } from './support/partner.js';

/** A frozen worker's requests for work are still open, and nearly always a task is handed to one of them. */
const ROUNDS = 8;

let stack: E2eStack;
let worker: Part;
let pausing: Partner;
let leaving: Partner;
beforeAll(async () => {
  stack = await startE2eStack({ intervals: STILL, durable: false, simulator: { historyRows: 20 } });
  worker = await stack.startWorker();
  pausing = await collectingPartner(stack);
  leaving = await collectingPartner(stack);
  await pausing.caughtUp();
  await leaving.caughtUp();
});
afterAll(() => stack[Symbol.asyncDispose]());

test('what was refused while it was frozen does not happen when it goes on', { timeout: 600_000 }, async () => {
  const handedOver = { pause: false, disconnect: false, create: false };
  for (let round = 1; round <= ROUNDS && Object.values(handedOver).includes(false); round += 1) {
    const before = await Promise.all([stateOf(pausing), stateOf(leaving)]);
    const newcomer = await openAccount(stack);

    process.kill(worker.pid, 'SIGSTOP');
    const problems = await Promise.all([
      problemOf(pausing.connections.pause(...pausing.target, 'the same key')),
      problemOf(leaving.connections.disconnect(...leaving.target)),
      problemOf(newcomer.connect()),
    ]).finally(() => process.kill(worker.pid, 'SIGCONT'));
    for (const { code, message } of problems) {
      expect(code).toBe('worker_unavailable');
      expect(message).toBe('no worker took the command in time; nothing was changed, try again');
    }

    const created = await refusedCreation(newcomer);
    // Answered after everything that came before it.
    for (const { connections, target } of [pausing, leaving]) {
      await waitUntil('an answer', async () => (await connections.syncSites(...target)).done);
    }
    expect(await Promise.all([stateOf(pausing), stateOf(leaving)])).toEqual(before);

    handedOver.pause ||= await hasAccepted(pausing.workflow, 'pause');
    handedOver.disconnect ||= await hasAccepted(leaving.workflow, 'disconnect');
    handedOver.create ||= (await activitiesOf(created)).includes('readCommitTime');
    expect(await activitiesOf(created)).not.toContain('validateConnection');
  }
  expect(handedOver).toEqual({ pause: true, disconnect: true, create: true });
});

test('what was refused then works when it is sent again, also under the same key', async () => {
  const again = await pausing.connections.pause(...pausing.target, 'the same key');
  expect(again).toMatchObject({ done: true, body: { state: 'paused' } });
  await leaving.disconnect();
});

test('a worker gives signs of life, and takes them with it when it stops in order', async () => {
  const seen = () => stack.query(`select identity from workers where seen_at > now() - interval '1 minute'`);
  await waitUntil('a sign of life', async () => (await seen()).length === 1);
  await stack.stopWorkers();
  expect(await stack.query('select identity from workers')).toEqual([]);
});

/** Waits for the end of what a newcomer began, with nothing learned and no token left. */
async function refusedCreation({ accountId }: Partner): Promise<WorkflowHandle> {
  const rows = () => stack.query('select * from connections where account_id = $1', [accountId]);
  const handle = async () =>
    stack.services.temporal.workflow.getHandle(workflowId(accountId, String((await rows())[0]?.['id'])));
  await waitUntil('the end of the creation', async () => (await (await handle()).describe()).status.name !== 'RUNNING');
  expect(await rows()).toMatchObject([{ state: 'refused', refusal_code: 'command_expired', s1_account_id: null }]);
  expect(await stack.query('select token_jwe from credentials where account_id = $1', [accountId])).toEqual([
    { token_jwe: null },
  ]);
  return handle();
}

async function hasAccepted(workflow: WorkflowHandle, update: string): Promise<boolean> {
  const { events } = await workflow.fetchHistory();
  return (events ?? []).some(
    ({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => accepted?.acceptedRequest?.input?.name === update,
  );
}

async function activitiesOf(workflow: WorkflowHandle): Promise<string[]> {
  const { events } = await workflow.fetchHistory();
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
}

/** Everything of the connection that a command could have changed. */
async function stateOf(of: Partner) {
  const { state, pause_reasons, state_seq, state_cause } = await of.connection();
  const [commands, timeline] = await Promise.all(['commands', 'connection_timeline'].map((table) => of.rows(table)));
  return { state, pause_reasons, state_seq, state_cause, commands, timeline };
}
