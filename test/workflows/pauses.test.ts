// A connection is paused for as long as it has a reason to be: what sets each reason, and that only its own remedy
// removes it.
import { describe, expect, test } from 'vitest';
import { pause, recheck, resume, rotateToken, syncSites } from '../../workflows/connection/messages.js';
import { useTemporal } from '../support/temporal.js';
import { eventually, Harness, refusalOf } from './harness.js';

describe('a paused connection', () => {
  const temporal = useTemporal();

  test('pauses when the current token is rejected, and a new token sets it going', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.token = 'rejected';

    expect(await harness.until('paused')).toMatchObject({ pauseReasons: ['token'], cause: 's1.token_rejected' });
    expect(await harness.update(resume, {})).toMatchObject({ state: 'paused', pauseReasons: ['token'] });

    expect(await harness.update(rotateToken, { credentialId: 'credential-2' })).toMatchObject({
      state: 'active',
      credentialId: 'credential-2',
      tokenExpiresAt: '2099-01-01T00:00:00.000000Z',
    });
    await harness.untilCalled('pollActivities', 2);
  });

  test('ignores the rejection of a token that is no longer the current one, and polls again', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();
    harness.world.blames = 'credential-0';
    harness.world.failing = 's1.token_rejected';

    await harness.untilCalled('pollActivities', 2);
    harness.world.failing = null;

    await harness.untilCalled('pollActivities', 3);
    expect(await harness.status()).toMatchObject({ state: 'active', stateSeq: 2 });
  });

  test('heals without a person when the hourly probe finds the token alive', async () => {
    await using harness = new Harness(temporal, { settings: { tokenProbeIntervalMs: 100 } });
    await harness.startActive();
    harness.world.token = 'rejected';
    await harness.until('paused');
    await harness.untilCalled('checkToken', 2);
    expect((await harness.status()).state).toBe('paused');

    harness.world.token = 'alive';

    expect(await harness.until('active')).toMatchObject({ cause: 'token_alive' });
    await harness.untilCalled('pollActivities', 2);
  });

  test('waits for a missing permission by re-checking it', async () => {
    await using harness = new Harness(temporal, { settings: { permissionRecheckIntervalMs: 100 } });
    await harness.startActive();
    harness.world.permissionsGranted = false;
    expect(await harness.until('paused')).toMatchObject({
      pauseReasons: ['permission'],
      cause: 's1.permission_missing',
    });
    await harness.untilCalled('checkPermissions', 2);

    harness.world.permissionsGranted = true;

    await harness.until('active');
  });

  test('waits for the whole scope by looking again, and a re-check on request says how it stands', async () => {
    await using harness = new Harness(temporal, {
      settings: { permissionRecheckIntervalMs: 200, sitesIntervalMs: 100 },
    });
    await harness.startActive();
    harness.world.scope = 'other';
    expect(await harness.until('paused')).toMatchObject({ pauseReasons: ['scope'], cause: 's1.scope_changed' });

    expect(await harness.update(recheck, {})).toMatchObject({
      state: 'paused',
      pauseReasons: ['scope'],
      token: 'alive',
      permissionsGranted: null,
    });
    expect(harness.calls('checkPermissions')).toBe(0);

    harness.world.scope = 'whole';

    expect(await harness.until('active')).toMatchObject({ pauseReasons: [], cause: 'token_alive' });
  });

  test('keeps the reasons apart', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.update(pause, {});
    harness.world.permissionsGranted = false;
    await harness.update(recheck, {});
    harness.world.token = 'expired';

    expect(await harness.update(recheck, {})).toMatchObject({
      pauseReasons: ['permission', 'person', 'token'],
      token: 'expired',
      permissionsGranted: null,
    });

    harness.world.permissionsGranted = true;
    await harness.update(rotateToken, { credentialId: 'credential-2' });
    await eventually('the permission re-check', async () => (await harness.status()).pauseReasons.length === 1);
    expect(await harness.update(resume, {})).toMatchObject({ state: 'active', pauseReasons: [] });
  });

  test('keeps the old token when the new one is refused', async () => {
    await using harness = await new Harness(temporal).startActive();
    harness.world.commandFails = 's1.other_account';

    expect(await refusalOf(harness.update(rotateToken, { credentialId: 'credential-2' }))).toBe('s1.other_account');

    expect(await harness.status()).toMatchObject({ state: 'active', credentialId: 'credential-1' });
  });

  test('is not paused by an outage: whoever asks is told, the poll goes on trying', async () => {
    await using harness = await new Harness(temporal).startActive();
    await harness.untilPolling();
    harness.world.failing = 's1.unavailable';

    expect(await refusalOf(harness.update(recheck, {}))).toBe('s1.unavailable');
    expect(await refusalOf(harness.update(syncSites, {}))).toBe('s1.unavailable');
    await harness.untilCalled('pollActivities', 3);

    expect((await harness.status()).state).toBe('active');
  });
});
