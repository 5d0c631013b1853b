// What is said to a connection: refused too late or in the wrong state, done once, and never lost silently.
import { describe, expect, test } from 'vitest';
import {
  disconnect,
  pause,
  remapSitesSignal,
  rotateToken,
  rotateTokenSignal,
  syncSites,
} from '../../workflows/connection/messages.js';
import { useTemporal } from '../support/temporal.js';
import { aWorld } from './fake-activities.js';
import { eventually, Harness, refusalOf, soon } from './harness.js';

describe('messages to a connection', () => {
  const temporal = useTemporal();

  test('are refused after their time', async () => {
    await using harness = await new Harness(temporal).startActive();
    const notAfter = new Date(Date.now() - 1).toISOString();

    const update = harness.handle.executeUpdate(pause, { args: [{ notAfter }] });

    expect(await refusalOf(update)).toBe('command_expired');
    expect(await harness.status()).toMatchObject({ state: 'active', stateSeq: 2 });
  });

  test('are refused in a state that does not know them', async () => {
    await using harness = new Harness(temporal, { world: { verdict: 'never' } });
    await harness.startWorkers();
    const verdict = harness.start().catch(() => undefined);
    await harness.untilCalled('validateConnection');

    expect(await refusalOf(harness.update(pause, {}))).toBe('illegal_state');
    expect(await refusalOf(harness.update(disconnect, {}))).toBe('illegal_state');
    await harness.handle.terminate();
    await verdict;
  });

  test('are never applied once their client has given up', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.stopWorkers();
    const notAfter = new Date(Date.now() + 1000).toISOString();

    const asked = temporal.client.withDeadline(Date.now() + 1500, () =>
      harness.handle.startUpdate(pause, { args: [{ notAfter }], waitForStage: 'ACCEPTED' }),
    );
    await expect(asked).rejects.toThrow();
    await harness.startWorkers();

    await harness.untilCalled('pollActivities', 2);
    expect(await harness.status()).toMatchObject({ state: 'active', stateSeq: 2 });
  });

  test('are never applied when a worker froze with them in its hands until their client had given up', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.frozenMs = 5_000;

    for (const command of [pause, disconnect, syncSites]) {
      expect(await refusalOf(harness.update(command, {}))).toBe('command_expired');
    }

    expect(await harness.status()).toMatchObject({ state: 'active', stateSeq: 2 });
  });

  test('refuse what the activity refuses, by its code', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.commandFails = 'mapping_conflict';

    expect(await refusalOf(harness.map())).toBe('mapping_conflict');
  });

  test('are answered when the store is back, after an outage in the middle', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.storeAway = true;
    const paused = harness.update(pause, {});
    await harness.untilCalled('projectStatus');

    harness.world.storeAway = false;

    expect(await paused).toMatchObject({ state: 'paused' });
    expect(harness.journal.projections.map(({ stateSeq }) => stateSeq)).toEqual([1, 2, 3]);
  });

  test('do one command after the other', async () => {
    await using harness = await new Harness(temporal).startActive();

    const results = await Promise.all([harness.map(), harness.map(), harness.map()]);

    expect(results.map(({ version }) => version).sort()).toEqual([2, 3, 4]);
  });

  test('wait for no slot of a poll whose console hangs', async () => {
    await using harness = new Harness(temporal, { world: { pollHeld: true } });
    await harness.startWorkers({ pollSlots: 1 });
    await harness.start();
    await harness.map();
    await harness.untilPolling();

    expect(await harness.update(pause, {})).toMatchObject({ state: 'paused' });
    expect(await harness.update(syncSites, {})).toMatchObject({ state: 'paused', total: 3 });

    expect(harness.journal.polls.running).toBeLessThanOrEqual(1);
    harness.world.pollHeld = false;
  });

  test('have no deadline when they name none', async () => {
    await using harness = new Harness(temporal, { world: { verdict: 'never' } });
    await harness.startWorkers();
    const verdict = harness.start();
    await harness.untilCalled('validateConnection');
    const byHand = harness.handle.executeUpdate('awaitVerdict');
    harness.world.verdict = aWorld().verdict;

    expect(await Promise.all([verdict, byHand])).toMatchObject([{ stateSeq: 1 }, { stateSeq: 1 }]);

    expect(await harness.handle.executeUpdate('pause')).toMatchObject({ state: 'paused' });
    expect(await harness.handle.executeUpdate('resume', { args: [{}] })).toMatchObject({ state: 'awaiting_mapping' });
  });

  test('are refused with the name of the field when they cannot be read', async () => {
    await using harness = await new Harness(temporal).startActive();

    for (const [name, args, field] of [
      ['pause', { notAfter: 'never' }, 'notAfter'],
      ['changeSettings', { pollIntervalMs: -1 }, 'pollIntervalMs'],
      ['remapSites', { version: 1, changes: 'boom' }, 'changes'],
      ['rotateToken', 'boom', 'JSON object'],
    ] as const) {
      const refused = harness.handle.executeUpdate(name, { args: [args] });
      await expect(refused).rejects.toMatchObject({
        cause: { type: 'invalid_arguments', message: expect.stringContaining(field) as string },
      });
    }

    expect(harness.calls('applyMapping')).toBe(1);
  });

  test('by signal that cannot be read are recorded and forgotten, and those behind them are done', async () => {
    await using harness = await new Harness(temporal).startActive();

    await harness.handle.signal('remapSites', { version: 1, changes: 'boom' });
    await harness.handle.signal('rotateToken');
    await harness.handle.signal('backfillStopped', { code: 5 });
    await signalInAWeirdEncoding(harness, 'rotateToken');
    await harness.handle.signal('no such thing', { secret: 'x' });
    await harness.handle.signal('__temporal_boom');
    await harness.handle.signal(rotateTokenSignal, { credentialId: 'credential-2' });

    await eventually('the new token', async () => (await harness.status()).credentialId === 'credential-2');
    expect(harness.journal.timeline.map(({ kind, outcome, code }) => `${kind} ${outcome} ${code}`)).toEqual([
      'remapSites refused invalid_arguments',
      'rotateToken refused invalid_arguments',
      'backfillStopped refused invalid_arguments',
      'rotateToken refused invalid_arguments',
      'no?such?thing refused unknown_message',
      'reserved?__temporal_boom refused unknown_message',
    ]);
    expect(harness.calls('applyMapping')).toBe(1);
    expect(await harness.update(syncSites, {})).toMatchObject({ state: 'active', total: 3, mapped: 1 });
    await harness.untilCalled('pollActivities');
  });

  test('by signal that would not fit into the next run are refused, however many they are', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.storeAway = true;
    const changes = Array.from({ length: 9_000 }, (_, n) => ({ siteId: `${n}`, organizationId: harness.accountId }));
    for (let n = 0; n < 4; n += 1) {
      await harness.handle.signal(remapSitesSignal, { version: 1, changes, collectDiscarded: false });
    }

    harness.world.storeAway = false;

    const refused = () => harness.journal.timeline.filter(({ code }) => code === 'inbox_full').length;
    await eventually('the refusals', () => refused() > 0);
    await eventually('the others', () => harness.calls('applyMapping') + refused() >= 5);
    await harness.untilCalled('pollActivities');
  });

  test('by signal work without an answer, even sent while no worker is up', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.stopWorkers();

    await harness.handle.signal(rotateTokenSignal, { credentialId: 'credential-2' });
    await harness.startWorkers();

    await eventually('the new token', async () => (await harness.status()).credentialId === 'credential-2');
    const swap = harness.journal.calls.find(({ name }) => name === 'swapCredential')?.input;
    expect(swap).toMatchObject({ commandId: `${await harness.runId()}:2` });
  });

  test('by signal are recorded in the timeline when they fail', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.commandFails = 'mapping_conflict';
    const changes = [{ siteId: 'site-1', organizationId: null }];

    await harness.handle.signal(remapSitesSignal, { version: 1, changes, collectDiscarded: false });

    const entry = await eventually('an entry', () => harness.journal.timeline[0]);
    expect(entry).toMatchObject({ kind: 'remapSites', outcome: 'refused', code: 'mapping_conflict' });
    expect((await harness.status()).state).toBe('active');
  });

  test('disconnect for good, answering before the rest is torn down', async () => {
    await using harness = await new Harness(temporal).startActive();

    expect(await harness.update(disconnect, {})).toMatchObject({ state: 'disconnecting', pauseReasons: [] });

    expect(await harness.handle.result()).toEqual({ state: 'disconnected', cause: 'disconnect' });
    expect(harness.calls('tearDown')).toBe(1);
    expect(harness.journal.projections.map(({ state }) => state).slice(-2)).toEqual(['disconnecting', 'disconnected']);
    expect(harness.journal.polls.running).toBe(0);
  });

  test('treat a cancelled workflow as disconnected', async () => {
    await using harness = await new Harness(temporal).startActive();

    await harness.handle.cancel();

    expect(await harness.handle.result()).toEqual({ state: 'disconnected', cause: 'cancelled' });
    expect(harness.calls('tearDown')).toBe(1);
  });

  test('end with the connection when its row is gone', async () => {
    await using harness = await new Harness(temporal).startActive();

    harness.world.failing = 'connection_gone';

    expect(await harness.handle.result()).toEqual({ state: 'disconnected', cause: 'connection_gone' });
  });

  test('refuse a command that waited behind a disconnect', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.storeAway = true;
    const mapping = refusalOf(harness.map());
    await harness.untilCalled('applyMapping');
    const rotation = refusalOf(harness.update(rotateToken, { credentialId: 'credential-2' }));
    const disconnection = harness.handle.startUpdate(disconnect, {
      args: [{ notAfter: soon() }],
      waitForStage: 'ACCEPTED',
    });
    await disconnection;
    harness.world.commandFails = 'mapping_conflict';
    harness.world.storeAway = false;

    expect(await mapping).toBe('mapping_conflict');
    expect(await rotation).toBe('illegal_state');
    expect(await harness.handle.result()).toEqual({ state: 'disconnected', cause: 'disconnect' });
  });
});

/** As `temporal workflow signal --input-meta encoding=binary/weird` sends it. */
async function signalInAWeirdEncoding({ handle, temporal: { client } }: Harness, signalName: string): Promise<void> {
  await client.workflowService.signalWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId },
    signalName,
    input: { payloads: [{ metadata: { encoding: Buffer.from('binary/weird') }, data: Buffer.from('boom') }] },
  });
}
