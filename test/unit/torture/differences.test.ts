// A connection whose workflow and row disagree must be seen, whatever they disagree about.
import { expect, test } from 'vitest';
import { newConnection } from '../../../src/domain/connection/connection.js';
import type { ConnectionStatus } from '../../../workflows/connection/messages.js';
import { differences } from '../../torture/differences.js';
import { INTERVALS } from '../../torture/world.js';

const SAID: ConnectionStatus = {
  ...newConnection(),
  state: 'paused',
  pauseReasons: ['token', 'person'],
  stateSeq: 7,
  credentialId: 'credential-1',
  mappingVersion: 3,
  intervals: INTERVALS,
};
const ROW = {
  state: 'paused',
  pause_reasons: ['person', 'token'],
  state_seq: '7',
  credential_id: 'credential-1',
  mapping_version: 3,
};

test('the same is no difference', () => {
  expect(differences(SAID, ROW)).toEqual([]);
});

test.each<[string, Partial<ConnectionStatus>, Partial<typeof ROW>]>([
  ['state', {}, { state: 'active' }],
  ['pauses', {}, { pause_reasons: ['person'] }],
  ['sequence', { stateSeq: 8 }, {}],
  ['credential', { credentialId: null }, {}],
  ['mapping version', {}, { mapping_version: 4 }],
  ['intervals', { intervals: { ...INTERVALS, sitesIntervalMs: 600_000 } }, {}],
])('another %s is one', (name, said, row) => {
  expect(differences({ ...SAID, ...said }, { ...ROW, ...row })).toMatchObject([expect.stringContaining(name)]);
});
