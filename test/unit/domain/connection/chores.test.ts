// When recurring work is due.
import { describe, expect, test } from 'vitest';
import { DEFAULT_INTERVALS, dueAt, nextChore } from '../../../../src/domain/connection/chores.js';
import { type Chore, type Connection, newConnection } from '../../../../src/domain/connection/connection.js';

const AT = Date.parse('2026-01-15T09:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const connection = (changes: Partial<Connection> = {}): Connection => ({
  ...newConnection(),
  phase: 'active',
  lastRun: { sites: AT, licenseCounts: AT, tokenCheck: AT, permissionRecheck: AT, completeness: AT },
  ...changes,
});

describe('a chore', () => {
  test.each<[string, Chore, Partial<Connection>, number | null]>([
    ['sites every 10 min', 'sites', {}, AT + 10 * MINUTE],
    ['license counts hourly', 'licenseCounts', {}, AT + HOUR],
    ['license counts while a person pauses', 'licenseCounts', { pauses: ['person'] }, AT + HOUR],
    ['license counts while a permission is missing', 'licenseCounts', { pauses: ['permission'] }, AT + HOUR],
    ['no sites with a dead token', 'sites', { pauses: ['token'] }, null],
    ['no license counts with a dead token', 'licenseCounts', { pauses: ['token'] }, null],
    ['the token daily', 'tokenCheck', {}, AT + 24 * HOUR],
    ['a dead token hourly', 'tokenCheck', { pauses: ['token'] }, AT + HOUR],
    ['the token when it expires', 'tokenCheck', { tokenExpiresAt: '2026-01-15T10:30:00.000000Z' }, AT + 1.5 * HOUR],
    [
      'not again for an expiry checked',
      'tokenCheck',
      { tokenExpiresAt: '2026-01-15T08:30:00.000000Z' },
      AT + 24 * HOUR,
    ],
    ['no re-check without that pause', 'permissionRecheck', {}, null],
    ['a re-check every 15 min', 'permissionRecheck', { pauses: ['permission'] }, AT + 15 * MINUTE],
    ['no re-check with a dead token', 'permissionRecheck', { pauses: ['permission', 'token'] }, null],
    ['a comparison with the console every 10 min', 'completeness', {}, AT + 10 * MINUTE],
    ['no comparison while collecting rests', 'completeness', { pauses: ['person'] }, null],
    ['no comparison before the first mapping', 'completeness', { phase: 'awaiting_mapping' }, null],
    ['nothing while validating', 'sites', { phase: 'validating' }, null],
    ['nothing while disconnecting', 'tokenCheck', { phase: 'disconnecting' }, null],
    ['sites before the first mapping', 'sites', { phase: 'awaiting_mapping' }, AT + 10 * MINUTE],
    ['what never ran is due at once', 'sites', { lastRun: newConnection().lastRun }, 0],
  ])('%s', (_, chore, changes, at) => {
    expect(dueAt(chore, connection(changes), DEFAULT_INTERVALS)).toBe(at);
  });
});

describe('the next chore', () => {
  const CHORES = ['sites', 'licenseCounts'] as const;

  test('is the earliest', () => {
    expect(nextChore(CHORES, connection(), DEFAULT_INTERVALS)).toEqual({ chore: 'sites', at: AT + 10 * MINUTE });
  });

  test('is the first named of two that are due together', () => {
    const fresh = connection({ lastRun: newConnection().lastRun });
    expect(nextChore(CHORES, fresh, DEFAULT_INTERVALS)).toEqual({ chore: 'sites', at: 0 });
  });

  test('is none when none applies', () => {
    expect(nextChore(CHORES, connection({ pauses: ['token'] }), DEFAULT_INTERVALS)).toBeNull();
  });
});
