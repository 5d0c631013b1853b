import { describe, expect, test } from 'vitest';
import { newConnection } from '../../../../src/domain/connection/connection.js';
import { apply } from '../../../../src/domain/connection/connection-events.js';
import {
  fromStore,
  phaseOf,
  type StoredConnection,
  withFacts,
} from '../../../../src/domain/connection/stored-connection.js';

const stored: StoredConnection = {
  state: 'paused',
  pauseReasons: ['token', 'person'],
  stateSeq: 7,
  cause: 'pause',
  credentialId: 'credential-2',
  tokenExpiresAt: '2027-01-01T00:00:00Z',
  mappingVersion: 3,
  wasMapped: true,
  sites: { total: 5, mapped: 4 },
  backfillQueued: true,
  pollIntervalMs: 30_000,
};

describe('the phase behind a stored state', () => {
  test.each([
    ['paused', true, 'active'],
    ['paused', false, 'awaiting_mapping'],
    ['active', false, 'active'],
    ['awaiting_mapping', true, 'awaiting_mapping'],
    ['disconnecting', true, 'disconnecting'],
    ['validating', false, 'validating'],
  ] as const)('%s, ever mapped: %s → %s', (state, wasMapped, phase) => {
    expect(phaseOf({ state, wasMapped })).toBe(phase);
  });
});

test('a run that has only the store to go by begins with all of it, and does every chore at once', () => {
  expect(fromStore(stored)).toEqual({
    ...newConnection(),
    phase: 'active',
    pauses: ['person', 'token'],
    stateSeq: 7,
    cause: 'pause',
    credentialId: 'credential-2',
    tokenExpiresAt: '2027-01-01T00:00:00Z',
    mappingVersion: 3,
    sites: { total: 5, mapped: 4 },
    backfillQueued: true,
  });
});

test('what belongs to the store is taken from it without the state', () => {
  const ahead = { ...fromStore({ ...stored, stateSeq: 20, pauseReasons: [] }), credentialId: 'lost' };
  expect(withFacts(ahead, stored)).toEqual({ ...ahead, credentialId: 'credential-2' });
});

test('what a person asks for afterwards comes on top of it', () => {
  const resumed = apply(fromStore({ ...stored, pauseReasons: ['person'] }), { kind: 'resumedByPerson' }, 0);
  expect(resumed).toMatchObject({ phase: 'active', pauses: [], stateSeq: 8, cause: 'resume' });
});
