// What becomes of a new connection: accepted, refused, or given up by whoever started it.
import { describe, expect, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/temporal-names.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, Harness, refusalOf } from './harness.js';

describe('a new connection', () => {
  const temporal = useTemporal();

  test('is accepted in one call and then waits for its mapping, syncing sites and counting licenses', async () => {
    await using harness = new Harness(temporal);
    await harness.startWorkers();

    expect(await harness.start()).toEqual({ state: 'awaiting_mapping', pauseReasons: [], stateSeq: 1 });

    await eventually(
      'sites and license counts',
      () => harness.calls('syncSites') && harness.calls('recordLicenseCounts'),
    );
    expect(harness.calls('pollActivities')).toBe(0);
    expect(harness.journal.projections).toEqual([
      expect.objectContaining({ state: 'awaiting_mapping', stateSeq: 1, cause: 'accepted' }),
    ]);
    const { typedSearchAttributes } = await harness.handle.describe();
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.connectionState)).toBe('awaiting_mapping');
  });

  test('is refused with its code; the workflow closes', async () => {
    await using harness = new Harness(temporal, {
      world: { verdict: { verdict: 'refused', code: 's1.syslog_in_use' } },
    });
    await harness.startWorkers();

    expect(await refusalOf(harness.start())).toBe('s1.syslog_in_use');

    expect(await harness.handle.result()).toEqual({ state: 'refused', code: 's1.syslog_in_use' });
    expect(harness.journal.calls.find((call) => call.name === 'refuseConnection')?.input).toMatchObject({
      code: 's1.syslog_in_use',
      connectionId: harness.connectionId,
    });
  });

  test('is refused as not taken in time after eight seconds without a verdict: that says nothing of the console', async () => {
    await using harness = new Harness(temporal, { world: { verdict: 'never' } });
    await harness.startWorkers();
    const startedAt = Date.now();

    expect(await refusalOf(harness.start())).toBe('command_expired');

    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  test('closes itself unchecked when a worker froze with it in its hands until nobody waited any more', async () => {
    await using harness = new Harness(temporal, { world: { frozenMs: 11_000 } });
    await harness.startWorkers();

    expect(await refusalOf(harness.start())).toBe('command_expired');

    expect(await harness.handle.result()).toEqual({ state: 'refused', code: 'command_expired' });
    expect(harness.calls('validateConnection')).toBe(0);
  });

  test('closes itself unchecked when nobody waits any more', async () => {
    await using harness = new Harness(temporal, { patienceMs: -1 });
    await harness.startWorkers();

    expect(await refusalOf(harness.start())).toBe('command_expired');

    expect(await harness.handle.result()).toEqual({ state: 'refused', code: 'command_expired' });
    expect(harness.calls('validateConnection')).toBe(0);
    expect(harness.calls('refuseConnection')).toBe(1);
  });
});
