// A run that has become long is followed by a new one, and nobody notices. The test server suggests it after 100
// events.
import { describe, expect, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/temporal-names.js';
import { changeSettings, pause, resume, rotateTokenSignal } from '../../workflows/connection/messages.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, Harness } from './harness.js';

describe('continue-as-new', () => {
  const temporal = useTemporal();

  test('comes to a connection that stores page after page', async () => {
    await using harness = new Harness(temporal, { settings: { pollIntervalMs: 10 }, world: { pages: 100_000 } });
    await harness.startActive();
    const first = await harness.runId();

    await newRun(harness, first);

    await harness.untilCalled('pollActivities', 2);
    expect(harness.journal.polls.most).toBe(1);
    expect(await harness.status()).toMatchObject({ state: 'active', stateSeq: 2 });
  });

  test('comes to a connection whose poll is parked, whichever loop or message makes the history grow', async () => {
    await using harness = new Harness(temporal, {
      settings: { pollIntervalMs: 600_000, licenseCountsIntervalMs: 50 },
    });
    await harness.startActive();
    await harness.untilPolling();
    const first = await harness.runId();

    await newRun(harness, first);

    await eventually('the poll of the new run', () => harness.calls('pollActivities') > 1);
  });

  test('comes to a connection whose poll and site sync are parked in an outage', async () => {
    await using harness = new Harness(temporal, { settings: { sitesIntervalMs: 500 } });
    await harness.startActive();
    const first = await harness.runId();
    harness.world.failing = 's1.unavailable';
    await harness.untilCalled('syncSites', 2);

    await growUntilNewRun(harness, first);

    harness.world.failing = null;
    await harness.untilCalled('pollActivities', 2);
  });

  test('keeps the whole state, and chores go on', async () => {
    await using harness = new Harness(temporal, { settings: { sitesIntervalMs: 1500, licenseCountsIntervalMs: 1500 } });
    await harness.startActive();
    await harness.update(changeSettings, { pollIntervalMs: 70 });
    harness.world.permissionsGranted = false;
    await harness.until('paused');
    const first = await harness.runId();

    await growUntilNewRun(harness, first);

    const after = await harness.status();
    expect(after).toMatchObject({
      state: 'paused',
      pauseReasons: ['permission'],
      phase: 'active',
      credentialId: 'credential-1',
      mappingVersion: 1,
      sites: { total: 3, mapped: 1 },
      tokenExpiresAt: '2099-01-01T00:00:00.000000Z',
      intervals: { ...harness.input.settings, pollIntervalMs: 70 },
    });
    expect(after.stateSeq).toBe(harness.journal.projections.at(-1)?.stateSeq);
    const { typedSearchAttributes, memo } = await harness.handle.describe();
    expect(memo).toEqual({ console: 'example.sentinelone.net' });
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.connectionState)).toBe('paused');
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.accountId)).toBe(harness.accountId);
    await harness.untilCalled('syncSites', 2);
    await harness.untilCalled('recordLicenseCounts', 2);
  });

  test('does not bring chores forward', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();
    const before = { sites: harness.calls('syncSites'), licenses: harness.calls('recordLicenseCounts') };

    await growUntilNewRun(harness, await harness.runId());
    await harness.untilCalled('pollActivities');

    expect({ sites: harness.calls('syncSites'), licenses: harness.calls('recordLicenseCounts') }).toEqual(before);
  });

  test('still knows the updates that it has answered', async () => {
    await using harness = await new Harness(temporal).startActive();
    const answer = await harness.map('repeated');
    harness.world.commandFails = 'mapping_conflict';
    await expect(harness.map('refused')).rejects.toThrow();
    harness.world.commandFails = null;
    await growUntilNewRun(harness, await harness.runId());
    const applied = harness.calls('applyMapping');

    expect(await harness.map('repeated')).toEqual(answer);
    await expect(harness.map('refused')).rejects.toMatchObject({ cause: { type: 'mapping_conflict' } });

    expect(harness.calls('applyMapping')).toBe(applied);
  });

  test('loses no signal that arrives meanwhile', async () => {
    await using harness = await new Harness(temporal).startActive();
    const first = await harness.runId();
    let sent = 0;
    while ((await harness.runId()) === first) {
      sent += 1;
      await harness.handle.signal(rotateTokenSignal, { credentialId: `credential-${sent}` });
    }

    await eventually('every signal done', () => swapped(harness).size === sent);
    expect(await harness.status()).toMatchObject({ credentialId: `credential-${sent}` });
  });
});

const swapped = (harness: Harness) =>
  new Set(
    harness.journal.calls
      .filter(({ name }) => name === 'swapCredential')
      .map(({ input }) => (input as { credentialId: string }).credentialId),
  );

const newRun = (harness: Harness, first: string) =>
  eventually('a new run', async () => (await harness.runId()) !== first);

/** Messages make the history grow while nothing else does. */
async function growUntilNewRun(harness: Harness, first: string): Promise<void> {
  while ((await harness.runId()) === first) {
    await harness.update(pause, {});
    await harness.update(resume, {});
  }
}
