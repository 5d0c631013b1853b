// The comparison with the console's count as a chore: when it runs, what its failures do, and that a run which an
// earlier build began goes on without it.
import { describe, expect, test } from 'vitest';
import { DEFAULT_INTERVALS } from '../../src/domain/connection/chores.js';
import { type ConnectionInput, pause, resume, rotateToken, syncSites } from '../../workflows/connection/messages.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, Harness } from './harness.js';

/** Often enough to be waited for. */
const OFTEN = { completenessIntervalMs: 100 };

describe('the comparison with the console', () => {
  const temporal = useTemporal();

  test('begins with collecting and comes again by its interval', async () => {
    await using harness = new Harness(temporal, { settings: OFTEN, world: { windowsCompared: 2 } });
    await harness.startWorkers();
    await harness.start();
    await eventually('a site sync', () => harness.calls('syncSites') > 0);
    expect(harness.calls('checkCompleteness')).toBe(0);

    await harness.map();

    await harness.untilCalled('checkCompleteness', 3);
    const { lastOutcome } = await harness.status();
    expect(lastOutcome).toMatchObject({ of: 'completeness', note: '2 compared, 0 rows repaired, 0 short' });
  });

  test('rests while a person has paused collecting', async () => {
    await using harness = await new Harness(temporal, { settings: { ...OFTEN, sitesIntervalMs: 100 } }).startActive();
    await harness.untilCalled('checkCompleteness');
    await harness.update(pause, {});
    const before = harness.calls('checkCompleteness');
    await harness.untilCalled('syncSites', 4);
    expect(harness.calls('checkCompleteness')).toBeLessThanOrEqual(before + 1);

    await harness.update(resume, {});
    await harness.untilCalled('checkCompleteness', 2);
  });

  test('goes on in the next run', async () => {
    await using harness = await new Harness(temporal, { settings: OFTEN }).startActive();
    const first = await harness.runId();
    while ((await harness.runId()) === first) await harness.update(syncSites, {});

    await harness.untilCalled('checkCompleteness', 2);
  });

  test('meets a dead token like everything else, and goes on with a new one', async () => {
    await using harness = new Harness(temporal, { settings: { ...OFTEN, pollIntervalMs: 600_000 } });
    await harness.startActive();
    await harness.untilPolling(); // parked, so that the comparison is the first to meet the dead token
    harness.world.token = 'rejected';
    expect(await harness.until('paused')).toMatchObject({ pauseReasons: ['token'], cause: 's1.token_rejected' });

    await harness.update(rotateToken, { credentialId: 'credential-2' });
    await harness.untilCalled('checkCompleteness', 2);
    expect(await harness.status()).toMatchObject({ state: 'active' });
  });

  test('holds up neither the token check nor the site sync while it is parked in an outage', async () => {
    await using harness = new Harness(temporal, {
      settings: { ...OFTEN, sitesIntervalMs: 100, tokenCheckIntervalMs: 100 },
      world: { comparisonAway: true },
    });
    await harness.startActive();
    await harness.untilCalled('checkCompleteness', 2);

    await harness.untilCalled('checkToken', 3);
    await harness.untilCalled('syncSites', 3);
  });

  test('waits for the next run where an earlier build began this one, without its setting', async () => {
    const { completenessIntervalMs: _unknown, ...settings } = { ...DEFAULT_INTERVALS, sitesIntervalMs: 100 };
    const earlier = { schemaVersion: 1, settings } as Partial<ConnectionInput>;
    await using older = new Harness(temporal, {}, earlier);
    await older.startActive();
    await older.untilCalled('syncSites', 3);
    expect(older.calls('checkCompleteness')).toBe(0);
    expect((await older.status()).intervals).toMatchObject({ completenessIntervalMs: 600_000 });

    const first = await older.runId();
    while ((await older.runId()) === first) await older.update(syncSites, {});
    await eventually('the comparison', () => older.calls('checkCompleteness') > 0);
  });
});
