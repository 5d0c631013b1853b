// Temporal's whole database is lost under a living worker: everything collects again without a person, as it was, and
// nothing is there twice.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCli } from '../support/cli.js';
import { type E2eStack, startE2eStack, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, connectPartner } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

let stack: E2eStack;
beforeAll(async () => {
  stack = await startE2eStack({ durable: false, simulator: { historyRows: 500 } });
  await stack.startWorker();
});
afterAll(() => stack[Symbol.asyncDispose]());

/** A worker looks once a minute, and the schedule that it makes again starts at once. */
const BY_ITSELF_MS = 150_000;

test('connections go on as they were, and their backfills with them', async () => {
  const collecting = await collectingPartner(stack);
  const paused = await collectingPartner(stack);
  await paused.caughtUp();
  await paused.connections.pause(...paused.target);
  const waiting = await connectPartner(stack);
  await collecting.caughtUp();
  const cli = createCli(() => stack.environment);

  await stack.killTemporal();
  await rm(join(stack.dataDir, 'temporal'), { recursive: true });
  stack.simulator.control.appendActivities({ count: 100 });
  expect(await cli.run(['repair', '--all'])).toMatchObject({ code: 5, out: '' });
  await stack.startTemporal();

  const repairs = async () => (await stack.query(`select from connection_timeline where kind = 'repair'`)).length;
  await waitUntil('all three to be started again', async () => (await repairs()) === 3, BY_ITSELF_MS);
  const states = async () => {
    const rows = await Promise.all([collecting, paused, waiting].map((partner) => partner.connection()));
    return rows.map(({ state }) => state);
  };
  expect(await states()).toEqual(['active', 'paused', 'awaiting_mapping']);
  await collecting.caughtUp();
  expect(await compareWithTruth(collecting)).toEqual([]);
  await paused.connections.resume(...paused.target);
  await paused.caughtUp();
  expect(await compareWithTruth(paused)).toEqual([]);
  await waiting.map({ 0: 1 });
  await waiting.caughtUp();
  expect(await compareWithTruth(waiting)).toEqual([]);

  const again = await cli.run(['repair', collecting.connectionId]);
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing to do: its workflow runs') });
  await collecting.workflow.terminate('a test');
  const [id] = collecting.connectionId.split('-');
  expect((await cli.run(['show', collecting.connectionId])).out).toContain(`connection repair ${id}`);
  const one = await cli.run(['repair', collecting.connectionId, '--json', '--as', 'ann']);
  expect(one.json()).toMatchObject({ workflow: 'terminated', outcome: 'restarted' });
  const all = await cli.run(['repair', '--all', '--json']);
  expect(all).toMatchObject({ code: 0 });
  expect(all.json()).toMatchObject({ checked: 3, restarted: 0, failed: 0, items: [] });
  expect((await cli.run(['show', collecting.connectionId])).out).toContain('repair restarted: its workflow had been');
  expect(await stack.query(`select actor_label from audit_log where action = 'connection.repaired'`)).toEqual([
    { actor_label: 'ann' },
  ]);
  expect(await compareWithTruth(collecting)).toEqual([]);
});
