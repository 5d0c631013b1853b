// Which windows are compared with SentinelOne's own count and when, where they are cut, and what a comparison says.
import { describe, expect, test } from 'vitest';
import {
  type Check,
  type Comparison,
  halves,
  isDue,
  newWindows,
  nextStep,
  stageReached,
  verdictOn,
} from '../../../../src/domain/collecting/completeness.js';
import type { Window } from '../../../../src/domain/collecting/windows.js';
import { MICROS_PER_HOUR as HOUR, toInstant, toMicros } from '../../../../src/domain/instant.js';

const at = (text: string) => toMicros(`2026-01-${text}Z`);
const window = (from: string, to: string): Window => ({ fromMicros: at(from), toMicros: at(to) });
const shown = ({ fromMicros, toMicros: end }: Window) =>
  [fromMicros, end].map((micros) => toInstant(micros).slice(8, micros % 1_000_000 === 0 ? 19 : 26)).join(' ');

describe('an hour', () => {
  const hour = window('15T09:00:00', '15T10:00:00');
  test.each([
    ['that is not over', '15T09:59:59', 0],
    ['that is over, before the overlap has passed', '15T10:01:59.999999', 0],
    ['one hour after its beginning', '15T10:02:00', 1],
    ['before six', '15T15:01:59', 1],
    ['six hours after its beginning', '15T15:02:00', 6],
    ['a day after its beginning', '16T09:02:00', 24],
    ['for ever after', '31T00:00:00', 24],
  ] as const)('%s', (_, through, stage) => {
    expect(stageReached(hour, at(through))).toBe(stage);
  });

  test('that was cut has the stage of the hour it is part of', () => {
    expect(stageReached(window('15T09:10:00', '15T09:10:30'), at('15T10:01:00'))).toBe(0);
    expect(stageReached(window('15T09:10:00', '15T09:10:30'), at('15T10:02:00'))).toBe(1);
  });
});

describe('a window on record', () => {
  const check = (changes: Partial<Check>): Check => ({
    window: window('15T09:00:00', '15T10:00:00'),
    stage: 1,
    state: 'equal',
    throughMicros: at('15T10:02:00'),
    shortSinceMicros: null,
    wasComplete: true,
    repaired: 0,
    ...changes,
  });
  const short = { stage: 24, state: 'short', shortSinceMicros: at('16T09:02:00') } as const;
  test.each<[string, Partial<Check>, string, boolean]>([
    ['waits for its next stage', {}, '15T15:00:00', false],
    ['is due at it', {}, '15T15:02:00', true],
    ['is due at a later one when that was missed', {}, '20T00:00:00', true],
    ['is due while it waits', { stage: 0, state: 'waiting', throughMicros: null }, '15T10:02:00', true],
    ['is finished after the last', { stage: 24, throughMicros: at('16T09:02:00') }, '31T00:00:00', false],
    [
      'is not, when it is short, until a day later',
      { ...short, throughMicros: at('17T09:02:00') },
      '18T09:01:59',
      false,
    ],
    ['is looked at daily when it stays short', { ...short, throughMicros: at('17T09:02:00') }, '18T09:02:00', true],
    [
      'is given up after a month',
      { ...short, shortSinceMicros: at('01T00:00:00') - HOUR, throughMicros: at('29T00:00:00') },
      '31T00:00:00',
      false,
    ],
  ])('%s', (_, changes, through, due) => {
    expect(isDue(check(changes), at(through))).toBe(due);
  });
});

describe('hours that are on no record', () => {
  const due = (of: { from: string; through: string; covered?: Window[]; unfinished?: Window[] }) =>
    newWindows({
      collectFromMicros: at(of.from),
      throughMicros: at(of.through),
      covered: of.covered ?? [],
      unfinished: of.unfinished ?? [],
    }).map(shown);

  test('begin with the moment from which is collected', () => {
    expect(due({ from: '15T09:20:00.000001', through: '15T10:02:00' })).toEqual(['15T09:20:00.000001 15T10:00:00']);
  });

  test('are none before the first is over', () => {
    expect(due({ from: '15T09:20:00', through: '15T10:01:00' })).toEqual([]);
  });

  test('follow what is on record, one by one', () => {
    const covered = [window('15T09:20:00', '15T10:00:00')];
    expect(due({ from: '15T09:20:00', through: '15T11:05:00', covered })).toEqual(['15T10:00:00 15T11:00:00']);
  });

  test('are compared one by one until they are a day old, and as one window then', () => {
    const windows = due({ from: '15T00:30:00', through: '16T05:02:00' });
    expect(windows[0]).toBe('15T00:30:00 15T06:00:00');
    expect(windows.slice(1)).toHaveLength(23);
    expect(windows.at(-1)).toBe('16T04:00:00 16T05:00:00');
  });

  test('are compared by the day when they are history', () => {
    const year = newWindows({
      collectFromMicros: toMicros('2025-01-01T00:30:00Z'),
      throughMicros: toMicros('2026-01-01T00:02:00Z'),
      covered: [],
      unfinished: [],
    });
    expect(year.length).toBeLessThan(365 + 25);
    expect(year.every(({ fromMicros, toMicros: end }) => end - fromMicros <= 24 * HOUR)).toBe(true);
    expect(year.every((each, n) => n === 0 || each.fromMicros === year[n - 1]?.toMicros)).toBe(true);
  });

  test('wait while a backfill is at any part of them, and only they', () => {
    const unfinished = [window('15T10:30:00', '15T12:00:00.000001')];
    expect(due({ from: '15T09:00:00', through: '15T15:02:00', unfinished })).toEqual([
      '15T09:00:00 15T10:00:00',
      '15T13:00:00 15T14:00:00',
      '15T14:00:00 15T15:00:00',
    ]);
  });

  test('are found between windows on record', () => {
    const covered = [window('15T00:00:00', '15T03:00:00'), window('15T04:00:00', '15T09:00:00')];
    expect(due({ from: '15T00:00:00', through: '15T09:30:00', covered })).toEqual(['15T03:00:00 15T04:00:00']);
  });
});

describe('a window is cut', () => {
  test.each([
    ['a day at noon', '15T00:00:00', '16T00:00:00', '15T12:00:00'],
    ['two hours at the hour', '15T09:20:00', '15T11:00:00', '15T10:00:00'],
    ['an hour at the half', '15T09:00:00', '15T10:00:00', '15T09:30:00'],
    ['a minute at a second', '15T09:00:00', '15T09:01:00', '15T09:00:30'],
    ['two seconds', '15T09:00:00', '15T09:00:02', '15T09:00:01'],
  ])('%s', (_, from, to, cut) => {
    expect(halves(window(from, to))).toEqual([window(from, cut), window(cut, to)]);
  });

  test('never below a second', () => {
    expect(halves(window('15T09:00:00', '15T09:00:01'))).toBeNull();
  });

  test('and its parts end, whatever is cut again', () => {
    let parts = [window('15T09:00:00.000001', '16T09:00:00')];
    for (let round = 0; round < 18; round++) parts = parts.slice(0, 3).flatMap((part) => halves(part) ?? [part]);
    expect(parts.every((part) => part.toMicros > part.fromMicros)).toBe(true);
    expect(halves(parts[0] ?? window('15T09:00:00', '16T09:00:00'))).toBeNull();
  });
});

describe('the next step', () => {
  const hour = window('15T09:00:00', '15T10:00:00');
  const day = window('15T00:00:00', '16T00:00:00');
  const second = window('15T09:00:00', '15T09:00:01');
  test.each([
    ['equal', hour, 100, 100, 'record'],
    ['an equal day', day, 100, 100, 'record'],
    ['a short hour is read again', hour, 100, 99, 'read'],
    ['a short day is cut, to find the hour', day, 100, 99, 'cut'],
    ['a day with more here is cut, because it may hide what is missing', day, 99, 100, 'cut'],
    ['an hour with more here proves nothing', hour, 99, 100, 'record'],
    ['a busy hour is cut rather than read', hour, 5_001, 5_000, 'cut'],
    ['a busy second cannot be cut', second, 5_001, 5_000, 'read'],
    ['a count at the cap is cut', hour, 50_000, 50_000, 'cut'],
    ['a count at the cap of a second is a lower bound', second, 50_000, 50_000, 'record'],
  ] as const)('%s', (_, of, theirs, ours, step) => {
    expect(nextStep(of, { theirs, ours, isCapped: theirs >= 50_000 })).toBe(step);
  });
});

describe('the verdict', () => {
  const comparison = (changes: Partial<Comparison>): Comparison => ({
    theirs: 10,
    ours: 10,
    isCapped: false,
    repairedNow: 0,
    listed: null,
    before: null,
    ...changes,
  });
  const complete = { wasComplete: true, repaired: 0 };
  test.each<[string, Partial<Comparison>, object]>([
    ['equal', {}, { state: 'equal', cause: null, ours: 10 }],
    ['repaired, cause unknown', { repairedNow: 2, listed: 10 }, { state: 'repaired', cause: null, ours: 10 }],
    ['late', { repairedNow: 2, listed: 10, before: complete }, { state: 'repaired', cause: 'late_rows', ours: 10 }],
    ['repaired before', { before: { wasComplete: true, repaired: 2 } }, { state: 'repaired', cause: null, ours: 10 }],
    ['counted and not listed', { ours: 8, listed: 8 }, { state: 'short', cause: 'not_listed', ours: 8 }],
    ['repaired in part', { ours: 9, repairedNow: 1, listed: 9 }, { state: 'short', cause: 'not_listed', ours: 9 }],
    ['collected meanwhile', { ours: 10, listed: 10 }, { state: 'equal', cause: null, ours: 10 }],
    ['held without a time', { ours: 8, listed: 10 }, { state: 'equal', cause: 'not_countable', ours: 10 }],
    ['more here', { ours: 11 }, { state: 'surplus', cause: null, ours: 11 }],
    ['more listed than counted', { ours: 8, listed: 12 }, { state: 'equal', cause: 'not_countable', ours: 10 }],
    ['capped', { theirs: 50_000, ours: 50_001, isCapped: true }, { state: 'surplus', cause: 'count_capped' }],
  ])('%s', (_, changes, verdict) => {
    expect(verdictOn(comparison(changes))).toMatchObject(verdict);
  });
});
