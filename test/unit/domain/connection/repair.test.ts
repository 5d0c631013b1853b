// What becomes of a connection whose workflow does not run: every state by every way in which it can have ended.
import { describe, expect, test } from 'vitest';
import { CONNECTION_STATES, type ConnectionState } from '../../../../src/domain/connection/connection-state.js';
import {
  repairCounts,
  type RepairStep,
  repairStep,
  WORKFLOW_ENDS,
  type WorkflowEnd,
} from '../../../../src/domain/connection/repair.js';

const AN_HOUR_MS = 3_600_000;
const step = (state: ConnectionState, workflow: WorkflowEnd, ageMs = AN_HOUR_MS) =>
  repairStep({ state, workflow, ageMs });

test.each(CONNECTION_STATES)('nothing is done to a connection that is %s while its workflow runs', (state) => {
  expect(repairStep({ state, workflow: 'running', ageMs: AN_HOUR_MS })).toBe('nothing');
});

describe.each<[ConnectionState, RepairStep]>([
  ['refused', 'nothing'],
  ['disconnected', 'nothing'],
  ['disconnecting', 'disconnect'],
  ['validating', 'refuse'],
])('a connection that is %s', (state, wanted) => {
  test.each(WORKFLOW_ENDS)(`comes to ${wanted} after %s`, (workflow) => {
    expect(step(state, workflow)).toBe(wanted);
  });
});

describe.each<ConnectionState>(['awaiting_mapping', 'active', 'paused'])('a connection that is %s', (state) => {
  test.each<[WorkflowEnd, RepairStep]>([
    ['not_found', 'restart'],
    ['terminated', 'restart'],
    ['failed', 'restart'],
    ['timed_out', 'restart'],
    ['continued_as_new', 'restart'],
    ['refused', 'restart'],
    ['completed', 'restart'],
    ['row_gone', 'restart'],
    ['cancelled', 'disconnect'],
    ['disconnected', 'disconnect'],
  ])('whose workflow is %s comes to %s', (workflow, wanted) => {
    expect(step(state, workflow)).toBe(wanted);
  });
});

test('a creation is left alone for a minute', () => {
  expect(step('validating', 'not_found', 60_000)).toBe('nothing');
  expect(step('validating', 'not_found', 60_001)).toBe('refuse');
});

test('what was done is counted', () => {
  const items = (['restarted', 'restarted', 'ended', 'nothing', 'failed'] as const).map((outcome) => ({ outcome }));
  expect(repairCounts(9, items)).toEqual({ checked: 9, restarted: 2, ended: 1, refused: 0, failed: 1 });
});
