// What is recorded: each main course of a connection's life, so that a change of workflow code that no longer fits histories
// of running connections is found before it is deployed.
import {
  backfillQueued,
  changeSettings,
  disconnect,
  pause,
  recheck,
  remapSitesSignal,
  resume,
  rotateToken,
  syncSites,
} from '../../workflows/connection.messages.js';
import { eventually, refusalOf, type Harness, type Options } from '../workflows/harness.js';

export interface Scenario {
  readonly name: string;
  readonly options?: Options;
  /** Plays it; every run of the connection and of its backfill is recorded afterwards. */
  play(harness: Harness): Promise<unknown>;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'refused',
    options: { world: { verdict: { verdict: 'refused', code: 's1.permission_missing' } } },
    play: (harness) => refusalOf(start(harness)),
  },
  { name: 'expired', options: { patienceMs: -1 }, play: (harness) => refusalOf(start(harness)) },
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
    name: 'paused',
    options: { settings: { tokenProbeIntervalMs: 200, permissionRecheckIntervalMs: 200 } },
    async play(harness) {
      await harness.startActive();
      harness.world.permissionsGranted = false;
      await harness.until('paused');
      await harness.untilCalled('checkPermissions');
      harness.world.token = 'rejected';
      await harness.update(recheck, {});
      await harness.untilCalled('checkToken', 2);
      await harness.update(rotateToken, { credentialId: 'credential-2' });
      harness.world.permissionsGranted = true;
      await harness.until('active');
      harness.world.token = 'expired';
      await harness.until('paused');
    },
  },
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
    name: 'continued-as-new',
    async play(harness) {
      await harness.startActive();
      const first = await harness.runId();
      while ((await harness.runId()) === first) {
        await harness.update(pause, {});
        await harness.update(resume, {});
      }
      await harness.update(syncSites, {});
      await harness.untilCalled('pollActivities', 2);
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
      const first = await harness.runId();
      while ((await harness.runId()) === first) {
        await harness.update(pause, {});
        await harness.update(resume, {});
      }
      await harness.untilCalled('checkCompleteness', 2);
      await harness.update(disconnect, {});
      await harness.handle.result();
    },
  },
  {
    name: 'backfilled',
    options: { world: { queuedBackfills: 3 } },
    async play(harness) {
      await harness.startActive();
      await harness.backfillHandle.result();
    },
  },
  {
    name: 'backfill-rejected',
    options: { settings: { pollIntervalMs: 600_000 } },
    async play(harness) {
      await harness.startActive();
      await harness.untilPolling(); // parked, so that the backfill is the first to meet the dead token
      harness.world.token = 'rejected';
      harness.world.queuedBackfills = 1;
      await harness.handle.signal(backfillQueued);
      await harness.until('paused');
      await harness.update(rotateToken, { credentialId: 'credential-2' });
      await harness.backfillHandle.result();
    },
  },
];

async function start(harness: Harness): Promise<unknown> {
  await harness.startWorkers();
  return harness.start();
}
