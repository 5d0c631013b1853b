// Commands, by update and by signal: done, refused, repeated, and such as cannot be read.
import {
  backfillQueued,
  backfillStopped,
  changeSettings,
  pause,
  recheck,
  type RemapSites,
  remapSites,
  remapSitesSignal,
  rotateTokenSignal,
} from '../../../workflows/connection/messages.js';
import { eventually, refusalOf } from '../../workflows/harness.js';
import type { Scenario } from './scenario.js';

const UNMAPPED: RemapSites = {
  version: 1,
  changes: [{ siteId: 'site-1', organizationId: null }],
  collectDiscarded: false,
};

export const COMMANDS: readonly Scenario[] = [
  {
    name: 'stale-and-refused',
    async play(harness) {
      await harness.startActive();
      harness.world.blames = 'credential-0';
      harness.world.failing = 's1.token_rejected';
      await harness.untilCalled('pollActivities', 2);
      harness.world.failing = null;
      harness.world.commandFails = 'mapping_conflict';
      await refusalOf(harness.map());
      await harness.handle.signal(remapSitesSignal, { version: 1, changes: [], collectDiscarded: false });
      await eventually('the timeline', () => harness.journal.timeline.length > 0);
      await harness.handle.cancel();
      await harness.handle.result();
    },
  },
  {
    name: 'remapped',
    async play(harness) {
      await harness.startActive();
      await harness.update(remapSites, UNMAPPED);
      harness.world.queuedBackfills = 1;
      await harness.update(remapSites, {
        version: 2,
        changes: [{ siteId: 'site-2', organizationId: 'organization-2' }],
        collectDiscarded: true,
      });
      await harness.backfillHandle.result();
      await harness.update(changeSettings, { defaultOrganizationId: 'organization-3' });
      await harness.untilCalled('pollActivities', 2);
    },
  },
  {
    // Each signal twice, and one that a later one has overtaken once more.
    name: 'signalled-twice',
    async play(harness) {
      await harness.startActive();
      for (const credentialId of ['credential-2', 'credential-2', 'credential-3', 'credential-2']) {
        await harness.handle.signal(rotateTokenSignal, { credentialId });
      }
      for (let n = 0; n < 2; n += 1) {
        await harness.handle.signal(remapSitesSignal, UNMAPPED);
        await harness.handle.signal(backfillQueued);
        await harness.handle.signal(backfillStopped, { code: 's1.token_rejected', credentialId: 'credential-1' });
      }
      await eventually('every signal done', () => harness.calls('applyMapping') === 3);
      await harness.update(recheck, {});
    },
  },
  {
    name: 'unreadable',
    async play(harness) {
      await harness.startActive();
      await refusalOf(harness.update(changeSettings, { pollIntervalMs: -1 }));
      await harness.handle.signal('rotateToken');
      await harness.handle.signal('backfillStopped');
      await harness.handle.signal('nobody knows it');
      await eventually('all in the timeline', () => harness.journal.timeline.length === 3);
    },
  },
  {
    // A repeat in the same run is Temporal's to answer; it leaves no second event.
    name: 'update-repeated',
    async play(harness) {
      await harness.startActive();
      for (let n = 0; n < 2; n += 1) await harness.map('repeated');
      for (let n = 0; n < 2; n += 1) await harness.update(pause, {}, 'paused');
    },
  },
  {
    name: 'connection-gone',
    async play(harness) {
      await harness.startActive();
      harness.world.failing = 'connection_gone';
      await harness.handle.result();
    },
  },
];
