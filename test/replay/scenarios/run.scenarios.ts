// Runs that end and are followed by another: what is carried along.
import { rotateTokenSignal, syncSites } from '../../../workflows/connection/messages.js';
import { eventually } from '../../workflows/harness.js';
import { type Scenario, untilNextRun } from './scenario.js';

export const RUNS: readonly Scenario[] = [
  {
    name: 'continued-as-new',
    async play(harness) {
      await harness.startActive();
      await untilNextRun(harness);
      await harness.update(syncSites, {});
      await harness.untilCalled('pollActivities', 2);
    },
  },
  {
    name: 'signals-carried',
    async play(harness) {
      await harness.startActive();
      const first = await harness.runId();
      let sent = 0;
      while ((await harness.runId()) === first) {
        sent += 1;
        await harness.handle.signal(rotateTokenSignal, { credentialId: `credential-${sent}` });
      }
      await eventually('the last', async () => (await harness.status()).credentialId === `credential-${sent}`);
    },
  },
  {
    name: 'update-repeated-in-the-next-run',
    async play(harness) {
      await harness.startActive();
      await harness.map('repeated');
      await untilNextRun(harness);
      await harness.map('repeated');
      await harness.untilCalled('pollActivities', 2);
    },
  },
];
