// How long collecting stood still with nothing to excuse it.
import { expect, test } from 'vitest';
import { longestStallMs, type Span } from '../../torture/stalls.js';

const span = (fromMs: number, toMs: number): Span => ({ fromMs, toMs });

test.each<[string, readonly number[], readonly Span[], number]>([
  ['never advances', [], [], 100],
  ['advances', [10, 20, 60, 90], [], 40],
  ['advances only in the beginning', [5], [], 95],
  ['advances only at the end', [95], [], 95],
  ['advanced before and after', [-50, 40, 120], [], 60],
  ['is disturbed all the time', [], [span(-10, 200)], 0],
  ['is disturbed now and then, which adds up', [], [span(10, 30), span(40, 60)], 60],
  ['is paused while it is disturbed', [], [span(40, 60), span(10, 50), span(20, 30)], 50],
  ['is disturbed across an advance', [50], [span(40, 70)], 40],
])('a connection that %s', (_, advances, excused, expected) => {
  expect(longestStallMs({ during: span(0, 100), advances, excused })).toBe(expected);
});
