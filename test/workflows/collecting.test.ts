// The poll: when it runs, what it costs, that it never runs twice, and what stops it.
import { describe, expect, test } from 'vitest';
import { changeSettings, pause, resume } from '../../workflows/connection/messages.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, Harness } from './harness.js';

describe('collecting', () => {
  const temporal = useTemporal();

  test('begins with the first mapping', async () => {
    await using harness = new Harness(temporal);
    await harness.startWorkers();
    await harness.start();

    expect(await harness.map()).toEqual({
      state: 'active',
      pauseReasons: [],
      stateSeq: 2,
      version: 1,
      total: 3,
      mapped: 1,
    });

    await harness.untilCalled('pollActivities');
    expect(harness.journal.projections.at(-1)).toMatchObject({ state: 'active', stateSeq: 2, cause: 'remapSites' });
  });

  test('leaves no event in the history while there is nothing new', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilCalled('pollActivities', 2);
    const before = await harness.events();

    await harness.untilCalled('pollActivities', 5);

    expect(await harness.events()).toBe(before);
  });

  test('polls again by the interval after something was stored', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();
    harness.world.pages = 3;

    await eventually('three pages stored', () => harness.world.pages === 0);
    await harness.untilCalled('pollActivities', 2);

    const { lastOutcome } = await harness.status();
    expect(lastOutcome).toMatchObject({ of: 'poll', note: '2 stored, 1 discarded, 0 rejected' });
  });

  test('never runs two polls at once, whatever cancels them', async () => {
    await using harness = new Harness(temporal, { world: { pollHeld: true } });
    await harness.startActive();
    await eventually('a running poll', () => harness.journal.polls.running === 1);

    for (let round = 0; round < 4; round += 1) {
      await Promise.all([harness.map(), harness.update(pause, {})]);
      await Promise.all([harness.update(resume, {}), harness.update(changeSettings, { pollIntervalMs: 40 + round })]);
    }

    await eventually('the last poll', () => harness.journal.polls.running === 1);
    expect(harness.calls('pollActivities')).toBeGreaterThan(1);
    expect(harness.journal.polls.most).toBe(1);
  });

  test('answers a remapping while a poll is running', async () => {
    await using harness = new Harness(temporal, { world: { pollHeld: true } });
    await harness.startActive();
    await eventually('a running poll', () => harness.journal.polls.running === 1);

    await expect(harness.map()).resolves.toMatchObject({ version: 2 });
  });

  test('misses a lost attempt within half a minute, whatever it was doing', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilCalled('pollActivities', 2);
    for (const name of ['syncSites', 'recordLicenseCounts', 'checkCompleteness'] as const) {
      await eventually(name, () => harness.calls(name) > 0);
    }

    const { events } = await harness.handle.fetchHistory();
    const missedAfter = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
      if (scheduled == null) return [];
      const limits = [scheduled.heartbeatTimeout, scheduled.startToCloseTimeout];
      const seconds = limits.map((limit) => Number(limit?.seconds ?? 0)).filter((limit) => limit > 0);
      return [{ activity: scheduled.activityType?.name, seconds: Math.min(...seconds) }];
    });

    expect(missedAfter.length).toBeGreaterThan(5);
    expect(missedAfter.filter(({ seconds }) => seconds > 30)).toEqual([]);
  });

  test('starts a parked poll again with the new interval at once', async () => {
    await using harness = new Harness(temporal, { settings: { pollIntervalMs: 600_000 } });
    await harness.startActive();
    await harness.untilPolling();

    await harness.update(changeSettings, { pollIntervalMs: 60 });

    await harness.untilCalled('pollActivities', 3);
    expect(harness.journal.calls.findLast(({ name }) => name === 'pollActivities')?.input).toMatchObject({
      pollIntervalMs: 60,
    });
  });

  test('rests while a person has paused it, and counts licenses all the same', async () => {
    await using harness = new Harness(temporal, { settings: { licenseCountsIntervalMs: 100 } });
    await harness.startActive();
    await harness.untilPolling();

    expect(await harness.update(pause, {})).toEqual({ state: 'paused', pauseReasons: ['person'], stateSeq: 3 });
    const polls = harness.calls('pollActivities');
    await harness.untilCalled('recordLicenseCounts', 3);
    expect(harness.calls('pollActivities')).toBe(polls);

    expect(await harness.update(resume, {})).toEqual({ state: 'active', pauseReasons: [], stateSeq: 4 });
    await harness.untilCalled('pollActivities', 2);
  });
});
