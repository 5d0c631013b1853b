// A workflow that was reset, and one whose store was restored: both come to hold the same, and go on.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { changeSettings, disconnect, pause, resume, rotateToken } from '../../workflows/connection/messages.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, Harness } from './harness.js';

describe('a workflow that was reset', () => {
  const temporal = useTemporal();

  test('to its first task goes on with what the store holds, and refuses and destroys nothing', async () => {
    await using harness = new Harness(temporal);
    await harness.startWorkers();
    await harness.start();
    const first = await now(harness);
    await harness.map();
    await harness.update(pause, {});
    harness.world.frozenMs = 60_000; // nobody has waited that long for the verdict

    await reset(harness, { ...first, task: first.firstTask });
    await harness.untilCalled('refuseConnection');
    harness.world.frozenMs = 0;

    await harness.until('paused');
    expect(await harness.status()).toMatchObject({ pauseReasons: ['person'], stateSeq: 3, mappingVersion: 1 });
    expect(harness.world.stored).toMatchObject({ state: 'paused', stateSeq: 3 });
    expect(harness.journal.timeline).toMatchObject([{ kind: 'adopted', outcome: 'applied' }]);
    await harness.update(resume, {});
    await harness.untilCalled('pollActivities');
  });

  test('to before a pause comes to the pause at the next poll, and collects nothing over it', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();
    const then = await now(harness);
    await harness.update(pause, {});
    harness.world.pages = 5;

    await reset(harness, then);

    await harness.until('paused');
    expect(harness.world.pages).toBe(5);
    expect(harness.world.stored).toMatchObject({ state: 'paused', stateSeq: 3 });
  });

  test('shows the next pause, though its sequence has fallen behind', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();
    const then = await now(harness);
    for (let n = 0; n < 3; n += 1) {
      await harness.update(pause, {});
      await harness.update(resume, {});
    }
    harness.world.failing = 's1.unavailable'; // no poll finds out first
    await reset(harness, then);

    expect(await harness.update(pause, {})).toMatchObject({ state: 'paused', stateSeq: 9 });

    expect(harness.world.stored).toMatchObject({ state: 'paused', pauseReasons: ['person'], stateSeq: 9 });
  });

  test('believes that nothing has to change only when the store agrees', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.update(pause, {});
    const then = await now(harness);
    await harness.update(resume, {});
    await reset(harness, then);

    expect(await harness.update(pause, {})).toMatchObject({ state: 'paused', stateSeq: 5 });

    expect(harness.world.stored).toMatchObject({ state: 'paused', stateSeq: 5, cause: 'pause' });
  });

  test('of a connection that has ended, ends again', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();
    const then = await now(harness);
    await harness.update(disconnect, {});
    await harness.handle.result();

    await reset(harness, then);

    expect(await harness.handle.result()).toEqual({ state: 'disconnected', cause: 'tornDown' }); // the store's
    expect(harness.world.stored).toMatchObject({ state: 'disconnected', stateSeq: 4 });
  });
});

describe('a workflow whose store was restored', () => {
  const temporal = useTemporal();

  test('writes its state again', async () => {
    await using harness = await new Harness(temporal, { settings: { sitesIntervalMs: 300 } }).startActive();
    const before = harness.world.stored;
    await harness.update(pause, {});

    harness.world.stored = before;

    await eventually('the pause', () => harness.world.stored.state === 'paused');
    expect(await harness.status()).toMatchObject({ state: 'paused', stateSeq: 3 });
  });

  test('writes it again when it polls, before it collects', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.update(pause, {});
    await harness.update(resume, {});
    await harness.untilPolling();

    let held = harness.world.pages;
    harness.world.stored = { ...harness.world.stored, stateSeq: 2, cause: 'remapSites' };
    harness.world.pages = 1;

    await eventually('the same again', () => {
      if (harness.world.stored.stateSeq < 4) held = harness.world.pages;
      return harness.world.stored.stateSeq === 4;
    });
    expect(held).toBe(1);
    await eventually('the page', () => harness.world.pages === 0);
  });

  test('uses the token that the store has, however often another is rejected', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.update(rotateToken, { credentialId: 'credential-2' });

    harness.world.credentialId = 'credential-1'; // of before the rotation, which SentinelOne has revoked
    harness.world.token = 'rejected';

    await harness.until('paused');
    expect(await harness.status()).toMatchObject({ pauseReasons: ['token'], credentialId: 'credential-1' });
  });

  test('goes by the interval that the store has', async () => {
    await using harness = await new Harness(temporal).startActive();
    const before = harness.world.stored;
    await harness.update(changeSettings, { pollIntervalMs: 90_000 });

    harness.world.stored = { ...before, stateSeq: 1, pollIntervalMs: 2_000 };
    await harness.handle.signal('compareWithStore');

    await eventually('it', async () => (await harness.status()).intervals.pollIntervalMs === 2_000);
  });

  test('finds out by itself that mapping and interval are older, where the state is the same', async () => {
    await using harness = await new Harness(temporal, { settings: { sitesIntervalMs: 300 } }).startActive();
    await harness.map();
    await harness.update(changeSettings, { pollIntervalMs: 90_000 });

    harness.world.mappingVersion = 1;
    harness.world.stored = { ...harness.world.stored, pollIntervalMs: 2_000 };

    const told = async () => {
      const { mappingVersion, intervals } = await harness.status();
      return [mappingVersion, intervals.pollIntervalMs];
    };
    await eventually('both', async () => (await told()).join() === '1,2000');
  });

  test('ends when its row is gone, also where nothing but a change of state finds out', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();

    harness.world.rowGone = true;
    await harness.update(pause, {});

    expect(await harness.handle.result()).toEqual({ state: 'disconnected', cause: 'connection_gone' });
  });

  test('collects when a site is mapped already and nobody was left to say so', async () => {
    await using harness = new Harness(temporal, { settings: { sitesIntervalMs: 300 } });
    await harness.startWorkers();
    await harness.start();

    harness.world.mappedSites = 1;

    await harness.until('active');
    await harness.untilPolling();
  });
});

/** Where a run stands: ids of its first workflow task, and of the last that is over. */
async function now({ handle, temporal }: Harness) {
  const { runId } = await handle.describe();
  const { events } = await temporal.client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  return { runId, firstTask: tasks.at(0)?.eventId, task: tasks.at(-1)?.eventId };
}

type Point = Omit<Awaited<ReturnType<typeof now>>, 'firstTask'>;

/** As the Temporal UI does it; messages after the point are forgotten with the rest. */
async function reset({ handle, temporal: { client } }: Harness, { runId, task = null }: Point): Promise<void> {
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId, runId },
    reason: 'a test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: task,
    resetReapplyType: RESET_REAPPLY_NONE,
  });
}

const RESET_REAPPLY_NONE = 2;
