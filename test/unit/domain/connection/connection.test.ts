// The life of a connection as tables: which event leads where, which command is legal when, and who removes which
// pause.
import { describe, expect, test } from 'vitest';
import {
  type CommandName,
  type Connection,
  isCollecting,
  isLegal,
  LEGAL_PHASES,
  newConnection,
  type Phase,
  visibleState,
} from '../../../../src/domain/connection/connection.js';
import { apply, type ConnectionEvent } from '../../../../src/domain/connection/connection-events.js';

const AT = Date.parse('2026-01-15T09:00:00Z');
const CREDENTIAL = 'credential-1';

const sites = (mapped: number) => ({ total: 3, mapped, backfillQueued: false });
const accepted: ConnectionEvent = { kind: 'accepted', credentialId: CREDENTIAL, tokenExpiresAt: null };
const mapped: ConnectionEvent = { kind: 'mapped', outcome: { ...sites(1), version: 1 } };
const disconnected: ConnectionEvent = { kind: 'disconnectRequested', cause: 'disconnect' };
const paused: ConnectionEvent = { kind: 'pausedByPerson' };
const resumed: ConnectionEvent = { kind: 'resumedByPerson' };
const swapped: ConnectionEvent = {
  kind: 'credentialSwapped',
  outcome: { credentialId: 'credential-2', tokenExpiresAt: '2027-01-01T00:00:00Z' },
};
const failed = (code: string, credentialId: string | null = CREDENTIAL, of = 'poll'): ConnectionEvent => ({
  kind: 'failed',
  of,
  code,
  credentialId,
});
const token = (status: 'alive' | 'rejected' | 'expired', credentialId = CREDENTIAL): ConnectionEvent => ({
  kind: 'tokenChecked',
  outcome: { credentialId, status, expiresAt: '2027-01-01T00:00:00Z' },
});
const compared = (checked: number): ConnectionEvent => ({
  kind: 'completenessChecked',
  outcome: { checked, repaired: 1, short: 0 },
});
const permissions = (granted: boolean, credentialId = CREDENTIAL): ConnectionEvent => ({
  kind: 'permissionsChecked',
  outcome: { credentialId, granted },
});

const after = (...events: readonly ConnectionEvent[]): Connection =>
  events.reduce((connection, event) => apply(connection, event, AT), newConnection());

describe('phases', () => {
  test.each<[string, readonly ConnectionEvent[], Phase]>([
    ['begins validating', [], 'validating'],
    ['accepted', [accepted], 'awaiting_mapping'],
    ['refused', [{ kind: 'refused', code: 's1.syslog_in_use' }], 'refused'],
    ['first mapping', [accepted, mapped], 'active'],
    [
      'a mapping that maps nothing',
      [accepted, { kind: 'mapped', outcome: { ...sites(0), version: 1 } }],
      'awaiting_mapping',
    ],
    [
      'everything unmapped later',
      [accepted, mapped, { kind: 'mapped', outcome: { ...sites(0), version: 2 } }],
      'active',
    ],
    ['disconnect', [accepted, mapped, disconnected], 'disconnecting'],
    ['disconnect before mapping', [accepted, disconnected], 'disconnecting'],
    ['torn down', [accepted, mapped, disconnected, { kind: 'tornDown' }], 'disconnected'],
    ['disconnect while validating', [disconnected], 'validating'],
    ['a mapping that ends after the disconnect', [accepted, disconnected, mapped], 'disconnecting'],
    ['accepted twice', [accepted, mapped, accepted], 'active'],
  ])('%s', (_, events, phase) => {
    expect(after(...events).phase).toBe(phase);
  });
});

describe('pauses', () => {
  test.each<[string, readonly ConnectionEvent[], readonly string[]]>([
    ['a rejected token', [failed('s1.token_rejected')], ['token']],
    ['an expired token', [failed('s1.token_expired')], ['token']],
    ['a missing permission', [failed('s1.permission_missing')], ['permission']],
    ['a person', [paused], ['person']],
    ['a person twice', [paused, paused], ['person']],
    [
      'all at once, sorted',
      [failed('s1.token_rejected'), paused, permissions(false)],
      ['permission', 'person', 'token'],
    ],
    ['an outage', [failed('s1.unavailable', null)], []],
    ['a fault of ours', [failed('internal', null)], []],
    ['the rejection of another credential', [failed('s1.token_rejected', 'credential-0')], []],
    ['a rejection that names no credential', [failed('s1.token_rejected', null)], []],
    ['the check of another credential', [token('rejected', 'credential-0')], []],
    ['resume removes person only', [paused, failed('s1.token_rejected'), resumed], ['token']],
    [
      'a new token removes token only',
      [paused, permissions(false), failed('s1.token_rejected'), swapped],
      ['permission', 'person'],
    ],
    ['the old token dies after the swap', [swapped, failed('s1.token_rejected')], []],
    ['the new token dies after the swap', [swapped, failed('s1.token_rejected', 'credential-2')], ['token']],
    ['the probe finds it alive', [failed('s1.token_rejected'), token('alive')], []],
    ['granted again', [paused, permissions(false), permissions(true)], ['person']],
    ['granted to another credential', [permissions(false), permissions(true, 'credential-0')], ['permission']],
    ['disconnect clears them', [paused, disconnected], []],
    ['nothing pauses what is disconnecting', [disconnected, paused, failed('s1.token_rejected')], []],
  ])('%s', (_, events, pauses) => {
    expect(after(accepted, mapped, ...events).pauses).toEqual(pauses);
  });

  test('are what people see, and stop collection', () => {
    const connection = after(accepted, mapped, paused);
    expect(visibleState(connection)).toBe('paused');
    expect(isCollecting(connection)).toBe(false);
    expect(isCollecting(apply(connection, resumed, AT))).toBe(true);
  });

  test('hold before the mapping too', () => {
    expect(visibleState(after(accepted, paused))).toBe('paused');
    expect(visibleState(after(accepted, paused, resumed))).toBe('awaiting_mapping');
  });
});

describe('stateSeq', () => {
  test.each<[string, readonly ConnectionEvent[], number, string]>([
    ['counts what people see', [accepted, mapped, paused, resumed], 4, 'resume'],
    ['does not count repeats', [accepted, mapped, paused, paused, mapped], 3, 'pause'],
    [
      'does not count outcomes',
      [accepted, mapped, token('alive'), permissions(true), failed('s1.bad_request')],
      2,
      'remapSites',
    ],
    ['names the failure', [accepted, mapped, failed('s1.token_expired')], 3, 's1.token_expired'],
    ['names the check', [accepted, mapped, token('rejected')], 3, 's1.token_rejected'],
    ['a swap without a pause is no change', [accepted, mapped, swapped], 2, 'remapSites'],
  ])('%s', (_, events, stateSeq, cause) => {
    expect(after(...events)).toMatchObject({ stateSeq, cause });
  });
});

describe('legality', () => {
  const phases: readonly Phase[] = [
    'validating',
    'refused',
    'awaiting_mapping',
    'active',
    'disconnecting',
    'disconnected',
  ];
  const legal: Record<CommandName, readonly Phase[]> = {
    rotateToken: ['awaiting_mapping', 'active'],
    remapSites: ['awaiting_mapping', 'active'],
    pause: ['awaiting_mapping', 'active'],
    resume: ['awaiting_mapping', 'active'],
    recheck: ['awaiting_mapping', 'active'],
    syncSites: ['awaiting_mapping', 'active'],
    changeSettings: ['awaiting_mapping', 'active'],
    disconnect: ['awaiting_mapping', 'active', 'disconnecting'],
  };

  test.each(Object.keys(LEGAL_PHASES) as CommandName[])('%s', (command) => {
    expect(phases.filter((phase) => isLegal(command, { ...newConnection(), phase }))).toEqual(legal[command]);
  });
});

test('notes a comparison with the console when something was compared, and that it ran in any case', () => {
  const before = after(accepted, mapped);
  const outcome = { of: 'completeness', note: '2 compared, 1 rows repaired, 0 short', at: AT };
  expect(apply(before, compared(2), AT)).toMatchObject({ lastRun: { completeness: AT }, lastOutcome: outcome });
  expect(apply(before, compared(0), AT)).toEqual({ ...before, lastRun: { ...before.lastRun, completeness: AT } });
});

test('is plain JSON, which continue-as-new carries', () => {
  const connection = after(accepted, mapped, paused, token('rejected'), swapped);
  expect(JSON.parse(JSON.stringify(connection))).toEqual(connection);
});
