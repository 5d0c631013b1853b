// The verdict on a fault campaign must be able to fail, in each of the ways in which collecting can go wrong.
import { describe, expect, test } from 'vitest';
import { type MappingChange, mappingOf } from '../../torture/mapping-in-force.js';
import { type Evidence, judge, type StoredRow, type TruthRow } from '../../torture/verdict.js';

const at = (second: number) => `2026-01-15T09:00:${String(second).padStart(2, '0')}.000000Z`;

const truth = (id: string | null, of: Partial<TruthRow> = {}): TruthRow => {
  const siteId = of.siteId ?? null;
  return { id, createdAt: at(0), siteId, agentId: null, resolvedSiteId: siteId, ...of };
};
type Placed = Exclude<StoredRow, { kind: 'reject' }>;
const row = (id: string, of: Partial<Omit<Placed, 'kind'>> = {}) => ({
  id,
  occurredAt: at(0),
  siteId: 's1',
  mappingVersion: 1,
  storedAt: at(15),
  ...of,
});
const event = (id: string, organizationId: string, of: Partial<Omit<Placed, 'kind'>> = {}): StoredRow => ({
  ...row(id, of),
  kind: 'event',
  organizationId,
});
const discard = (id: string, of: Partial<Omit<Placed, 'kind'>> = {}): StoredRow => ({
  ...row(id, of),
  kind: 'discard',
});
const reject = (of: Partial<Extract<StoredRow, { kind: 'reject' }>> = {}): StoredRow => ({
  kind: 'reject',
  occurredAt: at(0),
  siteId: null,
  ...of,
});

/** s1 belongs to A from 10 s, to B from 20 s, to nobody from 30 s; the default organization is D, from 40 s E. */
const HISTORY: readonly MappingChange[] = [
  { version: 0, siteId: null, organizationId: 'D', committedAt: at(5) },
  { version: 1, siteId: 's1', organizationId: 'A', committedAt: at(10) },
  { version: 2, siteId: 's1', organizationId: 'B', committedAt: at(20) },
  { version: 3, siteId: 's1', organizationId: null, committedAt: at(30) },
  { version: 4, siteId: null, organizationId: 'E', committedAt: at(40) },
];

/** A run in which everything went as promised. */
const GOOD: Evidence = {
  name: 'a partner',
  truth: [
    truth('1', { siteId: 's1' }),
    truth('2', { siteId: 's1' }),
    truth('3', { siteId: 's1' }),
    truth('4', { agentId: 'g1', resolvedSiteId: 's1' }),
    truth('5', { siteId: 's2' }),
    truth('6'),
    truth('7'),
    truth('8', { agentId: 'gone' }),
    truth(null),
    truth(null, { createdAt: at(1), siteId: 's2' }),
  ],
  stored: [
    event('1', 'A'),
    event('2', 'B', { mappingVersion: 2, storedAt: at(25) }),
    discard('3', { mappingVersion: 3, storedAt: at(35) }),
    event('4', 'B', { mappingVersion: 2, storedAt: at(29) }),
    discard('5', { siteId: 's2' }),
    event('6', 'D', { siteId: null }),
    event('7', 'E', { siteId: null, mappingVersion: 4, storedAt: at(59) }),
    discard('8', { siteId: null }),
    reject(),
    reject({ occurredAt: at(1), siteId: 's2' }),
  ],
  history: HISTORY,
  counters: [{ name: 'stored_count', says: 5, counted: 5 }],
  repaired: 2,
  promisedToComparison: 2,
};

const without = (id: string) => GOOD.stored.filter((each) => each.kind === 'reject' || each.id !== id);
const instead = (id: string, other: StoredRow) => ({ ...GOOD, stored: [...without(id), other] });
const kindsOf = (evidence: Evidence) => [...new Set(judge(evidence).map(({ kind }) => kind))].sort();

test('a run in which everything went as promised passes', () => {
  expect(judge(GOOD)).toEqual([]);
});

test.each<[string, Evidence, string[]]>([
  ['a lost row', { ...GOOD, stored: without('1') }, ['lost', 'miscounted']],
  ['a lost discard', { ...GOOD, stored: without('5') }, ['lost', 'miscounted']],
  ['a lost reject', { ...GOOD, stored: GOOD.stored.slice(0, -1) }, ['lost', 'miscounted']],
  ['everything lost', { ...GOOD, stored: [] }, ['lost', 'miscounted']],
  ['a doubled event', { ...GOOD, stored: [...GOOD.stored, event('1', 'A')] }, ['doubled', 'miscounted']],
  [
    'an event that is a discard too',
    { ...GOOD, stored: [...GOOD.stored, discard('5', { siteId: 's2' })] },
    ['doubled', 'miscounted'],
  ],
  ['a doubled reject', { ...GOOD, stored: [...GOOD.stored, reject()] }, ['doubled', 'miscounted']],
  [
    'a row under two times',
    { ...GOOD, stored: [...GOOD.stored, event('1', 'A', { occurredAt: at(2) })] },
    ['doubled', 'miscounted', 'unknown'],
  ],
  ['a row under another time', instead('1', event('1', 'A', { occurredAt: at(2) })), ['lost', 'unknown']],
  ['one lost and one too many', instead('1', event('99', 'A')), ['lost', 'unknown']],
  ['another account’s row', { ...GOOD, stored: [...GOOD.stored, event('99', 'A')] }, ['miscounted', 'unknown']],
  ['a row of another organization', instead('1', event('1', 'B')), ['misplaced']],
  ['a row in an organization never mapped', instead('1', event('1', 'N')), ['misplaced', 'never-mapped']],
  [
    'the same, said to be of no site',
    instead('1', event('1', 'N', { siteId: null })),
    ['miscounted', 'misplaced', 'never-mapped'],
  ],
  ['a site’s row in the default organization', instead('1', event('1', 'D')), ['misplaced', 'never-mapped']],
  [
    'a default row in a site’s organization',
    instead('6', event('6', 'A', { siteId: null })),
    ['misplaced', 'never-mapped'],
  ],
  ['a mapped site’s row that was discarded', instead('1', discard('1')), ['misplaced']],
  [
    'an unmapped site’s row that was stored',
    instead('3', event('3', 'B', { mappingVersion: 3, storedAt: at(35) })),
    ['misplaced'],
  ],
  ['an agent’s row that forgot its site', instead('4', discard('4', { siteId: null })), ['miscounted', 'misplaced']],
  ['an unknown agent’s row that was stored', instead('8', event('8', 'D', { siteId: null })), ['misplaced']],
  ['a discard in another site’s ledger', instead('5', discard('5', { siteId: 's1' })), ['miscounted', 'misplaced']],
  [
    'a row stored after its mapping was replaced',
    instead('1', event('1', 'A', { storedAt: at(21) })),
    ['wrong-version'],
  ],
  [
    'a row stored before its mapping was made',
    instead('2', event('2', 'B', { mappingVersion: 2, storedAt: at(19) })),
    ['wrong-version'],
  ],
  [
    'a version that nobody made',
    instead('7', event('7', 'E', { siteId: null, mappingVersion: 9, storedAt: at(59) })),
    ['wrong-version'],
  ],
  [
    'a counter that forgot a row',
    { ...GOOD, counters: [{ name: 'stored_count', says: 4, counted: 5 }] },
    ['miscounted'],
  ],
  [
    'a counter that counted twice',
    { ...GOOD, counters: [{ name: 'stored_count', says: 6, counted: 5 }] },
    ['miscounted'],
  ],
  ['rows that only a comparison found', { ...GOOD, repaired: 3 }, ['collected-too-late']],
])('%s does not', (_, evidence, expected) => {
  expect(kindsOf(evidence)).toEqual(expected);
});

test('says how many rows each finding is about', () => {
  const twice = { ...GOOD, stored: [...GOOD.stored, event('1', 'A'), event('1', 'A')] };
  expect(judge(twice).find(({ kind }) => kind === 'doubled')).toMatchObject({ rows: 2 });
  expect(judge({ ...GOOD, repaired: 7 })).toMatchObject([{ kind: 'collected-too-late', rows: 5 }]);
});

describe('the mapping in force', () => {
  const mapping = mappingOf(HISTORY);
  const micros = (second: number) => Date.parse(at(second)) * 1000;

  test.each([
    ['s1', 0, null],
    ['s1', 1, 'A'],
    ['s1', 2, 'B'],
    ['s1', 3, null],
    ['s1', 4, null],
    ['s2', 4, null],
    [null, 0, 'D'],
    [null, 3, 'D'],
    [null, 4, 'E'],
  ])('site %s in version %i: %s', (siteId, version, organizationId) => {
    expect(mapping.organizationOf(siteId, version)).toBe(organizationId);
  });

  test.each([
    [1, 9, false],
    [1, 10, true],
    [1, 20, true],
    [1, 21, false],
    [4, 39, false],
    [4, 59, true],
    [9, 59, false],
  ])('version %i at second %i: %s', (version, second, isInForce) => {
    expect(mapping.wasInForce(version, micros(second))).toBe(isInForce);
  });

  test('forgives the rounding of a row’s time to milliseconds, and no more', () => {
    expect(mapping.wasInForce(1, micros(10) - 999)).toBe(true);
    expect(mapping.wasInForce(1, micros(10) - 2_001)).toBe(false);
  });
});
