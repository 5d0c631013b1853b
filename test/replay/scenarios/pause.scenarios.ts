// Dead tokens and missing permissions, and what puts them right.
import { recheck, rotateToken, rotateTokenSignal } from '../../../workflows/connection/messages.js';
import type { Scenario } from './scenario.js';

export const PAUSES: readonly Scenario[] = [
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
    name: 'rotated-by-signal',
    async play(harness) {
      await harness.startActive();
      harness.world.token = 'rejected';
      await harness.until('paused');
      await harness.handle.signal(rotateTokenSignal, { credentialId: 'credential-2' });
      await harness.until('active');
      await harness.untilCalled('pollActivities', 2);
    },
  },
  {
    name: 'healed-by-probe',
    options: { settings: { tokenProbeIntervalMs: 200 } },
    async play(harness) {
      await harness.startActive();
      harness.world.token = 'rejected';
      await harness.until('paused');
      await harness.untilCalled('checkToken', 2);
      harness.world.token = 'alive';
      await harness.until('active');
      await harness.untilCalled('pollActivities', 2);
    },
  },
];
