// A connection and its backfill, each in a workflow of its own.
import { backfillQueued, rotateToken } from '../../../workflows/connection/messages.js';
import type { Scenario } from './scenario.js';

/** More rows than one run of the backfill workflow has room for. */
const MANY = 60;

export const BACKFILLS: readonly Scenario[] = [
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
  {
    name: 'backfill-ended-early',
    options: { settings: { pollIntervalMs: 600_000 } },
    async play(harness) {
      await harness.startActive();
      await harness.untilPolling();
      harness.world.failing = 's1.address_refused';
      harness.world.queuedBackfills = 1;
      await harness.handle.signal(backfillQueued);
      await harness.untilCalled('runBackfill');
      await harness.backfillHandle.result();
    },
  },
  {
    name: 'backfill-continued',
    options: { world: { queuedBackfills: MANY } },
    async play(harness) {
      await harness.startActive();
      await harness.backfillHandle.result();
    },
  },
];
