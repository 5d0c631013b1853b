// From the start to the verdict.
import {
  disconnect,
  recheck,
  type RemapSites,
  remapSites,
  rotateToken,
  syncSites,
} from '../../../workflows/connection/messages.js';
import { refusalOf } from '../../workflows/harness.js';
import { type Scenario, start } from './scenario.js';

const NO_MAPPING: RemapSites = { version: 0, changes: [], collectDiscarded: false };

export const VALIDATION: readonly Scenario[] = [
  {
    name: 'refused',
    options: { world: { verdict: { verdict: 'refused', code: 's1.permission_missing' } } },
    play: (harness) => refusalOf(start(harness)),
  },
  { name: 'expired', options: { patienceMs: -1 }, play: (harness) => refusalOf(start(harness)) },
  {
    name: 'refused-unreachable',
    options: { world: { failing: 's1.unavailable' } },
    play: (harness) => refusalOf(start(harness)),
  },
  {
    name: 'refused-silent',
    options: { world: { verdict: 'never' } },
    play: (harness) => refusalOf(start(harness)),
  },
  {
    // Nobody maps a site: everything but collecting goes on.
    name: 'awaiting-mapping',
    options: { settings: { sitesIntervalMs: 200, licenseCountsIntervalMs: 200, tokenCheckIntervalMs: 200 } },
    async play(harness) {
      await start(harness);
      await harness.untilCalled('syncSites', 2);
      await harness.untilCalled('recordLicenseCounts', 1);
      await harness.untilCalled('checkToken', 1);
      await harness.update(recheck, {});
      await harness.update(syncSites, {});
      await harness.update(remapSites, NO_MAPPING);
      await harness.update(rotateToken, { credentialId: 'credential-2' });
      await harness.update(disconnect, {});
      await harness.handle.result();
    },
  },
];
