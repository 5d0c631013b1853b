// Backfills run beside their connection, in a workflow of their own that outlives the connection's runs.
import { describe, expect, test } from 'vitest';
import { backfillQueued, pause, resume, rotateToken, syncSites } from '../../workflows/connection/messages.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, Harness } from './harness.js';

describe('a queued backfill', () => {
  const temporal = useTemporal();

  test('is worked off row by row when a mapping asked for it', async () => {
    await using harness = new Harness(temporal, { world: { queuedBackfills: 3 } });
    await harness.startActive();

    await harness.backfillHandle.result();

    expect(harness.calls('runBackfill')).toBe(3);
  });

  test('starts when its writer says so, or a site sync finds it', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.queuedBackfills = 1;
    await harness.handle.signal(backfillQueued);
    await eventually('the first', () => harness.world.queuedBackfills === 0);
    await harness.backfillHandle.result();

    harness.world.queuedBackfills = 1;
    await harness.update(syncSites, {});

    await eventually('the second', () => harness.world.queuedBackfills === 0);
  });

  test('goes on while its connection continues as new, and is not doubled', async () => {
    await using harness = new Harness(temporal, { world: { queuedBackfills: 1, backfillHeld: true } });
    await harness.startActive();
    await harness.untilCalled('runBackfill');
    const first = await harness.runId();
    const { runId } = await harness.backfillHandle.describe();

    while ((await harness.runId()) === first) await harness.update(syncSites, {});
    await harness.untilCalled('pollActivities', 2);
    expect(await harness.backfillHandle.describe()).toMatchObject({ runId, status: { name: 'RUNNING' } });

    harness.world.backfillHeld = false;
    await harness.backfillHandle.result();
    expect(harness.calls('runBackfill')).toBe(1);
  });

  test('pauses its connection when the token is rejected, and goes on with a new one', async () => {
    await using harness = new Harness(temporal, { settings: { pollIntervalMs: 600_000 } });
    await harness.startActive();
    await harness.untilPolling();
    harness.world.token = 'rejected';
    harness.world.queuedBackfills = 1;

    await harness.handle.signal(backfillQueued);
    expect(await harness.until('paused')).toMatchObject({ pauseReasons: ['token'], cause: 's1.token_rejected' });
    await harness.update(rotateToken, { credentialId: 'credential-2' });

    await eventually('the backfill done', () => harness.world.queuedBackfills === 0);
    await harness.backfillHandle.result();
    expect((await harness.status()).state).toBe('active');
  });

  test('starts again when a pause ends', async () => {
    await using harness = new Harness(temporal);
    await harness.startActive();
    await harness.update(pause, {});
    harness.world.queuedBackfills = 1;
    await harness.handle.signal(backfillQueued);
    expect(harness.calls('runBackfill')).toBe(0);

    await harness.update(resume, {});

    await eventually('the backfill done', () => harness.world.queuedBackfills === 0);
  });
});
