import { expect, test } from 'vitest';
import { originOf, withoutSpaces } from '../../../web/src/pages/add/connect-form.js';
import { ago, duration, plural, shortened, utcTime } from '../../../web/src/words.js';

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3_599, '59 min'],
  [3_600, '1 h'],
  [12_360, '3 h 26 min'],
  [172_799, '47 h 59 min'],
  [172_800, '2 days'],
])('%d seconds are %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test('counts, ages and ids are written as people read them', () => {
  expect([plural(1, 'site'), plural(2_140, 'site'), plural(0, 'site')]).toEqual(['1 site', '2,140 sites', '0 sites']);
  expect(ago('2026-11-24T14:00:00.000000Z', new Date('2026-11-24T14:11:00Z'))).toBe('11 min ago');
  expect(utcTime('2026-11-24T14:00:05.123456Z')).toBe('2026-11-24 14:00:05 UTC');
  expect([shortened('1859540485112913559'), shortened('short')]).toEqual(['185954…3559', 'short']);
});

test.each([
  ['https://example.sentinelone.net/dashboard?x=1#y', 'https://example.sentinelone.net', true],
  ['  example.sentinelone.net/login ', 'https://example.sentinelone.net', true],
  ['https://example.sentinelone.net', 'https://example.sentinelone.net', false],
  ['example', 'example', false],
  ['not an address', 'not an address', false],
])('%j is cut to its origin: %s', (typed, value, cut) => {
  expect(originOf(typed)).toEqual({ value, cut });
});

test('a token loses what mail put between its parts', () => {
  expect(withoutSpaces(' ey\nAB cd\t')).toEqual({ value: 'eyABcd', removed: 4 });
});
