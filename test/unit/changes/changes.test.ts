// How changes add up, what a scope lets through, and that many are one.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCoalescer } from '../../../src/changes/coalesce.js';
import { type Changes, eventsFor, mergeChanges } from '../../../src/domain/changes.js';

const accountId = 'a';

test('changes of one account add up without doubles', () => {
  const one: Changes = { accountId, connections: ['1', '2'], notices: ['n'] };
  const other: Changes = { accountId, connections: ['2', '3'], counters: ['1'], organizations: ['o'] };
  expect(mergeChanges(one, other)).toEqual({
    accountId,
    connections: ['1', '2', '3'],
    counters: ['1'],
    organizations: ['o'],
    notices: ['n'],
    everything: false,
    access: false,
  });
  expect(mergeChanges(one, { accountId, everything: true })).toMatchObject({ everything: true });
  expect(mergeChanges(one, { accountId, access: true })).toMatchObject({ access: true });
});

const all: Changes = { accountId, connections: ['c'], counters: ['c'], organizations: ['o', 'p'], notices: ['n'] };

test.each<[string, Changes, readonly string[] | 'all', [string, string[]][]]>([
  [
    'everything to an account role',
    all,
    'all',
    [
      ['connection', ['c']],
      ['counters', ['c']],
      ['notice', ['n']],
    ],
  ],
  ['its own counters to an organization', all, ['o'], [['counters', ['o']]]],
  ['nothing to another', all, ['x'], []],
  ['nothing to somebody of no organization', all, [], []],
  ['nothing of nothing', { accountId }, 'all', []],
  ['a resync to anybody when it was too much', { accountId, everything: true }, ['x'], [['resync', []]]],
])('tells %s', (_, changes, scope, expected) => {
  expect(eventsFor(changes, scope).map(({ type, ids }) => [type, ids])).toEqual(expected);
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first value is handed on at once, the others together after the interval, each key by itself', () => {
  const seen: [string, string][] = [];
  const coalescer = createCoalescer<string>({
    everyMs: 1000,
    merge: (a, b) => a + b,
    deliver: (key, value) => void seen.push([key, value]),
  });
  for (const value of ['1', '2', '3']) coalescer.add('a', value);
  coalescer.add('b', 'x');
  expect(seen).toEqual([
    ['a', '1'],
    ['b', 'x'],
  ]);
  vi.advanceTimersByTime(999);
  expect(seen).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(seen.slice(2)).toEqual([['a', '23']]);
  coalescer.add('a', '4');
  vi.advanceTimersByTime(1000);
  expect(seen.slice(3)).toEqual([['a', '4']]);
  vi.advanceTimersByTime(5000);
  coalescer.add('a', '5');
  expect(seen.slice(4)).toEqual([['a', '5']]);
  coalescer.add('a', '6');
  coalescer.close();
  vi.advanceTimersByTime(5000);
  expect(seen).toHaveLength(5);
});
