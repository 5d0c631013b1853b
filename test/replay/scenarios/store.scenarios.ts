// The store holds another state than the workflow believes: one of the two was reset or restored.
import { pause, resume } from '../../../workflows/connection/messages.js';
import { eventually } from '../../workflows/harness.js';
import { type Scenario, start } from './scenario.js';

export const STORES: readonly Scenario[] = [
  {
    name: 'adopted',
    async play(harness) {
      await harness.startActive();
      await harness.untilPolling();
      harness.world.stored = { ...harness.world.stored, state: 'paused', pauseReasons: ['person'], stateSeq: 9 };
      await harness.handle.signal('compareWithStore');
      await harness.until('paused');
      harness.world.stored = { ...harness.world.stored, stateSeq: 20 };
      await harness.update(resume, {});
      await harness.until('active');
      await harness.untilCalled('pollActivities');
    },
  },
  {
    name: 'adopted-instead-of-refused',
    options: {
      world: {
        verdict: { verdict: 'refused', code: 'command_expired' },
        stored: { state: 'active', pauseReasons: [], stateSeq: 4, cause: 'remapSites', wasMapped: true },
      },
    },
    async play(harness) {
      await start(harness);
      await harness.untilPolling();
    },
  },
  {
    name: 'written-again',
    async play(harness) {
      await harness.startActive();
      const before = harness.world.stored;
      await harness.update(pause, {});
      harness.world.stored = before;
      await harness.update(pause, {});
      await eventually('the pause', () => harness.world.stored.state === 'paused');
      harness.world.rowGone = true;
      await harness.update(resume, {});
      await harness.handle.result();
    },
  },
];
