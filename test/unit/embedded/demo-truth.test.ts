// The demonstration's own check must be able to fail, in each of the ways collecting can go wrong.
import { expect, test } from 'vitest';
import { countByPlace, difference, expectedPlaces, isEqual, type TruthRow } from '../../../src/embedded/demo/truth.js';

const row = (id: string, at: Partial<TruthRow>): TruthRow => ({
  id,
  createdAt: '2026-01-15T09:00:00.000000Z',
  accountId: 'a',
  siteId: null,
  agentId: null,
  resolvedSiteId: null,
  hidden: false,
  ...at,
});
const TRUTH = [
  row('1', { siteId: 's1', resolvedSiteId: 's1' }),
  row('2', { siteId: 's2', resolvedSiteId: 's2' }),
  row('3', { agentId: 'g1', resolvedSiteId: 's1' }),
  row('4', { agentId: 'gone' }),
  row('5', {}),
];
const EXPECTED = expectedPlaces(TRUTH, {
  organizationOf: new Map([['s1', 'org-1']]),
  defaultOrganizationId: 'org-0',
});

test('sites by mapping, agents by their site, the rest to the default organization', () => {
  expect(EXPECTED).toEqual([
    { id: '1', place: 'org-1' },
    { id: '2', place: 'discard' },
    { id: '3', place: 'org-1' },
    { id: '4', place: 'discard' },
    { id: '5', place: 'org-0' },
  ]);
  expect(countByPlace(EXPECTED)).toEqual(
    new Map([
      ['org-1', 2],
      ['discard', 2],
      ['org-0', 1],
    ]),
  );
});

test.each([
  ['equal', EXPECTED, {}],
  ['one is missing', EXPECTED.slice(1), { missing: 1 }],
  ['one is there twice', [...EXPECTED, { id: '1', place: 'org-1' }], { doubled: 1 }],
  ['one is an event and a discard', [...EXPECTED, { id: '1', place: 'discard' }], { doubled: 1 }],
  ['one is with somebody else', [{ id: '1', place: 'org-2' }, ...EXPECTED.slice(1)], { misplaced: 1 }],
  ['one was never there', [...EXPECTED, { id: '9', place: 'org-1' }], { unexpected: 1 }],
])('%s', (_, stored, found) => {
  const result = difference(EXPECTED, stored);
  expect(result).toEqual({ missing: 0, misplaced: 0, unexpected: 0, doubled: 0, ...found });
  expect(isEqual(result)).toBe(Object.keys(found).length === 0);
});
