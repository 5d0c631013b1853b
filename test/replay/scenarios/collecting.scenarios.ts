// Polls, idle and full, and the comparison with the console.
import { changeSettings, disconnect, pause, resume, syncSites } from '../../../workflows/connection/messages.js';
import { eventually } from '../../workflows/harness.js';
import { type Scenario, untilNextRun } from './scenario.js';

export const COLLECTING: readonly Scenario[] = [
  {
    name: 'collecting',
    async play(harness) {
      await harness.startActive();
      harness.world.pages = 3;
      await eventually('stored pages', () => harness.world.pages === 0);
      await harness.update(pause, {});
      await harness.update(syncSites, {});
      await harness.update(resume, {});
      await harness.update(changeSettings, { pollIntervalMs: 60 });
      await harness.untilCalled('pollActivities', 2);
      await harness.update(disconnect, {});
      await harness.handle.result();
    },
  },
  {
    // A message that comes while pages are being stored waits for the poll to see its cancellation.
    name: 'interrupted-poll',
    options: { world: { pollHeld: true } },
    async play(harness) {
      await harness.startActive();
      await harness.untilPolling();
      await harness.map();
      await harness.untilCalled('pollActivities');
      await harness.update(pause, {});
      await harness.update(disconnect, {});
      await harness.handle.result();
    },
  },
  {
    name: 'outage',
    options: { settings: { sitesIntervalMs: 200 } },
    async play(harness) {
      await harness.startActive();
      harness.world.failing = 's1.unavailable';
      await harness.untilCalled('syncSites', 2);
      await harness.update(syncSites, {}).catch(() => undefined);
      harness.world.failing = null;
      await harness.untilCalled('pollActivities', 2);
      await harness.untilCalled('syncSites', 2);
    },
  },
  {
    name: 'compared',
    options: { settings: { completenessIntervalMs: 100 }, world: { windowsCompared: 1 } },
    async play(harness) {
      await harness.startActive();
      await harness.untilCalled('checkCompleteness', 2);
      harness.world.failing = 's1.unavailable';
      await harness.untilCalled('checkCompleteness', 2);
      harness.world.failing = null;
      await untilNextRun(harness);
      await harness.untilCalled('checkCompleteness', 2);
      await harness.update(disconnect, {});
      await harness.handle.result();
    },
  },
];
