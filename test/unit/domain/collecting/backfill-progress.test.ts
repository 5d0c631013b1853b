// Progress is by time covered; an estimate is given only when there is something to go by.
import { expect, test } from 'vitest';
import { type BackfillFacts, backfillProgress } from '../../../../src/domain/collecting/backfill-progress.js';

const NOW = 1_000_000_000;
const RUNNING: BackfillFacts = {
  state: 'running',
  pauseRequested: false,
  cancelRequested: false,
  totalMs: 1000,
  coveredMs: 250,
  runningSinceMs: NOW - 60_000,
  coveredBeforeMs: 0,
  isFailing: false,
};

test.each<[string, Partial<BackfillFacts>, object]>([
  ['a quarter in a minute', {}, { state: 'running', percent: 25, secondsLeft: 180 }],
  [
    'queued',
    { state: 'queued', coveredMs: 0, runningSinceMs: null },
    { state: 'queued', percent: 0, secondsLeft: null },
  ],
  ['too early to tell', { coveredMs: 40, runningSinceMs: NOW - 59_000 }, { percent: 4, secondsLeft: null }],
  ['slow', { coveredMs: 40 }, { percent: 4, secondsLeft: 1440 }],
  ['slower than before a rest', { coveredMs: 700, coveredBeforeMs: 600 }, { percent: 70, secondsLeft: 180 }],
  ['no further since a rest', { coveredMs: 600, coveredBeforeMs: 600 }, { percent: 60, secondsLeft: null }],
  ['resting with its connection', { runningSinceMs: null }, { state: 'running', percent: 25, secondsLeft: null }],
  ['just begun', { runningSinceMs: NOW - 9_000 }, { secondsLeft: null }],
  ['failing', { isFailing: true }, { state: 'running', secondsLeft: null }],
  ['asked to pause', { pauseRequested: true }, { state: 'paused', percent: 25, secondsLeft: null }],
  ['asked to cancel while paused', { pauseRequested: true, cancelRequested: true }, { state: 'cancelling' }],
  ['read to the end and not yet done', { coveredMs: 1000 }, { state: 'running', percent: 99.9, secondsLeft: 0 }],
  ['done', { state: 'done', coveredMs: 900 }, { state: 'done', percent: 100, secondsLeft: null }],
  ['cancelled', { state: 'cancelled', cancelRequested: true }, { state: 'cancelled', percent: 25, secondsLeft: null }],
  ['nothing to cover', { totalMs: 0, coveredMs: 0 }, { percent: 0, secondsLeft: null }],
])('%s', (_, facts, expected) => {
  expect(backfillProgress({ ...RUNNING, ...facts }, NOW)).toMatchObject(expected);
});
