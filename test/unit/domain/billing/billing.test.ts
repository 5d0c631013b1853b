// What a month is billed, case by case, and what holds whatever the counts are.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BillingBasis } from '../../../../src/domain/billing/billing-basis.js';
import { corrected } from '../../../../src/domain/billing/correction.js';
import type { DailyCount, MappingFact, MonthFacts, SiteFacts } from '../../../../src/domain/billing/facts.js';
import { ownedDays } from '../../../../src/domain/billing/owned-days.js';
import { statementOf } from '../../../../src/domain/billing/statement.js';
import { statementCsv } from '../../../../src/domain/billing/statement-csv.js';
import { canonicalJson } from '../../../../src/domain/json/canonical-json.js';

const [A, B] = ['organization-a', 'organization-b'];
const ORGANIZATIONS = [
  { id: A, name: 'Alder', externalKey: 'C-1' },
  { id: B, name: 'Birch', externalKey: null },
];

type Reading = [day: number, organizationId: string | null, last: number, more?: { peak?: number; hour?: number }];

const dayOf = (day: number) => `2026-02-${String(day).padStart(2, '0')}`;
const counts = (siteId: string, ...readings: Reading[]): DailyCount[] =>
  readings.map(([day, organizationId, last, { peak = last, hour = 12 } = {}]) => {
    const at = `${dayOf(day)}T${String(hour).padStart(2, '0')}:00:00.000000Z`;
    return {
      connectionId: 'c',
      siteId,
      day: dayOf(day),
      organizationId,
      first: last,
      last,
      peak,
      firstAt: at,
      lastAt: at,
    };
  });
const everyDay = (siteId: string, organizationId: string | null, last: number, from = 1, to = 28): DailyCount[] =>
  counts(siteId, ...Array.from({ length: to - from + 1 }, (_, n): Reading => [from + n, organizationId, last]));

const aSite = (siteId: string, life: Partial<SiteFacts> = {}): SiteFacts => ({
  connectionId: 'c',
  connectionName: 'North',
  siteId,
  siteName: `Site ${siteId}`,
  firstDay: '2026-01-01',
  lastDay: null,
  absences: [],
  ...life,
});
const mapped = (siteId: string, day: string, organizationId: string | null, version = 1): MappingFact => ({
  connectionId: 'c',
  siteId,
  version,
  day,
  at: `${day}T00:00:00.000000Z`,
  organizationId,
});

const facts = (basis: BillingBasis, changes: Partial<MonthFacts>): MonthFacts => ({
  month: '2026-02',
  basis,
  timeZone: 'UTC',
  lastWholeDay: '2026-02-28',
  counts: [],
  mappings: [],
  organizations: ORGANIZATIONS,
  sites: [...new Set((changes.counts ?? []).map(({ siteId }) => siteId))].map((siteId) => aSite(siteId)),
  ...changes,
});

/** `{Alder: 3}`, with flags where there are any. */
function bill(basis: BillingBasis, changes: Partial<MonthFacts>) {
  const { organizations, unmapped, total } = statementOf(facts(basis, changes));
  const lines = organizations.map(({ organizationName, sources, flags }) => [
    organizationName,
    [sources, ...flags].join(' '),
  ]);
  return { ...Object.fromEntries(lines), unmapped: unmapped.sources, total } as Record<string, unknown>;
}

describe('closing', () => {
  test.each<[string, Partial<MonthFacts>, Record<string, unknown>]>([
    [
      'bills the last reading',
      {
        counts: everyDay('1', A, 5).concat(counts('2', [28, A, 2])),
        sites: [aSite('1'), aSite('2', { firstDay: '2026-02-28' })],
      },
      { Alder: '7', unmapped: 0, total: 7 },
    ],
    [
      'bills a site that was deleted later',
      { counts: everyDay('1', A, 5, 1, 10), sites: [aSite('1', { lastDay: '2026-02-10' })] },
      { Alder: '5', unmapped: 0, total: 5 },
    ],
    [
      'bills whoever owned the last reading',
      { counts: [...everyDay('1', A, 5, 1, 27), ...counts('1', [28, B, 6])] },
      { Alder: '0', Birch: '6', unmapped: 0, total: 6 },
    ],
    [
      'of a remap inside the last day bills the later owner',
      { counts: [...everyDay('1', A, 5, 1, 27), ...counts('1', [28, A, 5, { hour: 9 }], [28, B, 6, { hour: 10 }])] },
      { Alder: '0', Birch: '6', unmapped: 0, total: 6 },
    ],
    [
      'bills nobody for a site that was unmapped in the end',
      { counts: [...everyDay('1', A, 5, 1, 27), ...counts('1', [28, null, 6])] },
      { Alder: '0', unmapped: 6, total: 0 },
    ],
    [
      'carries nothing over',
      { sites: [aSite('1')], mappings: [mapped('1', '2026-01-10', A)] },
      { Alder: '0 no reading', unmapped: 0, total: 0 },
    ],
    [
      'without a reading names the last owner',
      {
        sites: [aSite('1')],
        mappings: [mapped('1', '2026-01-10', A), mapped('1', '2026-02-03', B, 2), mapped('1', '2026-02-05', null, 3)],
      },
      { Birch: '0 no reading', unmapped: 0, total: 0 },
    ],
    [
      'without a reading or an owner names nobody',
      { sites: [aSite('1')], mappings: [mapped('1', '2026-01-10', A), mapped('1', '2026-01-12', null, 2)] },
      { unmapped: 0, total: 0 },
    ],
    [
      'knows nothing of a site that ended before',
      { sites: [aSite('1', { lastDay: '2026-01-31' })], mappings: [mapped('1', '2026-01-10', A)] },
      { unmapped: 0, total: 0 },
    ],
    [
      'knows nothing of a site that comes later',
      { sites: [aSite('1', { firstDay: '2026-03-01' })] },
      { unmapped: 0, total: 0 },
    ],
    [
      'says that days are missing',
      { counts: everyDay('1', A, 5, 3) },
      { Alder: '5 missing days', unmapped: 0, total: 5 },
    ],
    ['takes 0 for a reading', { counts: everyDay('1', A, 0) }, { Alder: '0', unmapped: 0, total: 0 }],
  ])('%s', (_, changes, expected) => {
    expect(bill('closing', changes)).toEqual(expected);
  });
});

describe('peak', () => {
  test.each<[string, DailyCount[], Record<string, unknown>]>([
    [
      'is the greatest sum of a day, not the sum of the greatest',
      [...everyDay('1', A, 1), ...everyDay('2', A, 1)].map((count) => ({
        ...count,
        peak: count.day === (count.siteId === '1' ? dayOf(3) : dayOf(4)) ? 10 : 1,
      })),
      { Alder: '11', unmapped: 0, total: 11 },
    ],
    [
      'counts each organization’s own days',
      [...everyDay('1', A, 9, 1, 14), ...everyDay('1', B, 7, 15)],
      { Alder: '9', Birch: '7', unmapped: 0, total: 16 },
    ],
    [
      'takes only what the day’s owner had',
      [...everyDay('1', B, 2), ...counts('1', [5, A, 90, { hour: 3 }])],
      { Birch: '2', unmapped: 0, total: 2 },
    ],
  ])('%s', (_, rows, expected) => {
    expect(bill('peak', { counts: rows })).toEqual(expected);
  });

  test('names the first of equal days and what each site had on it', () => {
    const { organizations } = statementOf(
      facts('peak', { counts: [...everyDay('1', A, 4), ...everyDay('2', A, 3, 1, 10)] }),
    );
    expect(organizations[0]).toMatchObject({
      peakDay: dayOf(1),
      sites: [{ counted: { sources: 4 } }, { counted: { sources: 3 } }],
    });
  });
});

describe('average', () => {
  test.each<[string, Partial<MonthFacts>, Record<string, unknown>]>([
    [
      'divides by the days of the month',
      { counts: everyDay('1', A, 28, 28), sites: [aSite('1', { firstDay: '2026-02-28' })] },
      { Alder: '1', unmapped: 0, total: 1 },
    ],
    [
      'leaves missing days out',
      { counts: everyDay('1', A, 10, 1, 10) },
      { Alder: '10 missing days', unmapped: 0, total: 10 },
    ],
    [
      'a day after the end is not missing',
      { counts: everyDay('1', A, 28, 1, 7), sites: [aSite('1', { lastDay: dayOf(7) })] },
      { Alder: '7', unmapped: 0, total: 7 },
    ],
    [
      'days between a site’s end and its return are not missing',
      {
        counts: [...everyDay('1', A, 30, 1, 5), ...everyDay('1', A, 30, 24, 28)],
        sites: [aSite('1', { absences: [{ firstDay: dayOf(6), lastDay: dayOf(23) }] })],
      },
      { Alder: '11', unmapped: 0, total: 11 },
    ],
    [
      'days after an end for good are not missing either',
      { counts: everyDay('1', A, 28, 1, 5), sites: [aSite('1', { lastDay: dayOf(5) })] },
      { Alder: '5', unmapped: 0, total: 5 },
    ],
    [
      'a day without a reading between two absences is missing',
      {
        counts: [...everyDay('1', A, 27, 1, 5), ...everyDay('1', A, 27, 25, 28)],
        sites: [
          aSite('1', {
            absences: [
              { firstDay: dayOf(6), lastDay: dayOf(9) },
              { firstDay: dayOf(11), lastDay: dayOf(24) },
            ],
          }),
        ],
      },
      { Alder: '9 missing days', unmapped: 0, total: 9 },
    ],
    [
      'a site that was away for the whole month is not there',
      { sites: [aSite('1', { absences: [{ firstDay: '2026-01-20', lastDay: '2026-03-02' }] })] },
      { unmapped: 0, total: 0 },
    ],
    [
      'rounds a half up',
      { counts: everyDay('1', A, 1, 1, 14), sites: [aSite('1', { lastDay: dayOf(14) })] },
      { Alder: '1', unmapped: 0, total: 1 },
    ],
    [
      'rounds once for the organization, not for each site',
      {
        counts: ['1', '2', '3', '4'].flatMap((site) => everyDay(site, A, 1, 1, 7)),
        sites: ['1', '2', '3', '4'].map((site) => aSite(site, { lastDay: dayOf(7) })),
      },
      { Alder: '1', unmapped: 0, total: 1 },
    ],
    [
      'rounds each organization, and the total is their sum',
      { counts: [...everyDay('1', A, 1, 1, 14), ...everyDay('1', B, 1, 15)] },
      { Alder: '1', Birch: '1', unmapped: 0, total: 2 },
    ],
    [
      'is 0 where everything is missing',
      { sites: [aSite('1')], mappings: [mapped('1', '2026-01-01', A)] },
      { Alder: '0 no reading', unmapped: 0, total: 0 },
    ],
  ])('%s', (_, changes, expected) => {
    expect(bill('average', changes)).toEqual(expected);
  });

  test('explains each site by its sum and its divisor', () => {
    const { organizations } = statementOf(facts('average', { counts: everyDay('1', A, 10, 1, 10) }));
    expect(organizations[0]?.sites[0]?.counted).toEqual({ sources: null, day: null, at: null, sum: 100, divisor: 10 });
  });
});

describe('a line explains itself', () => {
  const changes = {
    counts: [...everyDay('1', A, 5, 1, 4), ...everyDay('1', B, 6, 6)],
    mappings: [mapped('1', '2026-01-03', A), mapped('1', dayOf(5), B, 2)],
  };

  test('with its sites, their days, the missing ones and the changes of mapping', () => {
    const [alder, birch] = statementOf(facts('closing', changes)).organizations;
    expect(alder?.sites[0]).toMatchObject({ siteName: 'Site 1', missingDays: [dayOf(5)], flags: ['missing days'] });
    expect(alder?.sites[0]?.days.map(({ day }) => day)).toEqual([1, 2, 3, 4].map(dayOf));
    expect(birch?.sites[0]).toMatchObject({
      counted: { sources: 6, day: dayOf(28), at: `${dayOf(28)}T12:00:00.000000Z` },
    });
    const change = { day: dayOf(5), siteId: '1', from: A, to: B, version: 2 };
    expect([alder?.mappingChanges, birch?.mappingChanges]).toMatchObject([[change], [change]]);
  });

  test('nothing is missing from days that are not over', () => {
    const open = statementOf(
      facts('closing', { ...changes, counts: everyDay('1', A, 5, 1, 4), lastWholeDay: dayOf(6) }),
    );
    expect(open.organizations[0]?.sites[0]?.missingDays).toEqual([5, 6].map(dayOf));
  });

  test('a correction says what differs', () => {
    const before = statementOf(facts('closing', { counts: [...everyDay('1', A, 5), ...everyDay('2', B, 3)] }));
    const after = statementOf(facts('closing', { counts: [...everyDay('1', A, 7), ...everyDay('2', null, 3)] }));
    expect(corrected({ revision: 1, content: before }, after, 'a late reading').correction).toEqual({
      supersedes: 1,
      reason: 'a late reading',
      totalBefore: 8,
      differences: [
        { organizationId: A, organizationName: 'Alder', before: 5, after: 7 },
        { organizationId: B, organizationName: 'Birch', before: 3, after: 0 },
      ],
    });
  });
});

describe('as CSV', () => {
  const csvOf = (changes: Partial<MonthFacts>) => statementCsv(statementOf(facts('closing', changes)));

  test('has a row for each organization, each site and the total, and ends every line with CRLF', () => {
    const lines = csvOf({ counts: [...everyDay('1', A, 5), ...everyDay('2', null, 4)] }).split('\r\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual(['type', 'organization', 'site', 'unmapped', 'total', '']);
    expect(lines[4]).toBe('total,2026-02,closing,UTC,,,,5,,,,,,,,');
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', `"'\rx"`],
    ['a "b", c', '"a ""b"", c"'],
    ['Äpfel – 苹果', 'Äpfel – 苹果'],
    ['two\r\nlines', '"two\r\nlines"'],
  ])('writes the name %j as %s', (name, written) => {
    const organizations = [{ id: A, name, externalKey: name }];
    expect(csvOf({ counts: everyDay('1', A, 5), organizations })).toContain(`UTC,${written},${written},${A},5,`);
  });
});

const count: fc.Arbitrary<DailyCount> = fc
  .record({
    siteId: fc.constantFrom('1', '2', '3'),
    day: fc.integer({ min: 1, max: 28 }).map(dayOf),
    organizationId: fc.constantFrom(A, B, null),
    last: fc.nat(50),
    more: fc.nat(5),
    minute: fc.nat(3),
  })
  .map(({ last, more, minute, ...rest }) => {
    const at = `${rest.day}T00:0${minute}:00.000000Z`;
    return { connectionId: 'c', ...rest, first: last, last, peak: last + more, firstAt: at, lastAt: at };
  });
const rows = fc.uniqueArray(count, {
  selector: ({ siteId, day, organizationId }) => `${siteId} ${day} ${organizationId}`,
});

const sumByDay = (days: readonly { readonly day: string; readonly last: number }[]) =>
  Object.fromEntries(
    [...Map.groupBy(days, ({ day }) => day)].map(([day, of]) => [day, of.reduce((sum, { last }) => sum + last, 0)]),
  );

test('on every day, organizations and unmapped sites together are all sites, each once', () => {
  fc.assert(
    fc.property(rows, (some) => {
      const owned = ownedDays(some);
      const { organizations, unmapped } = statementOf(facts('closing', { counts: some }));
      const shown = [...organizations, unmapped].flatMap(({ sites }) => sites).flatMap(({ days }) => days);
      expect(sumByDay(shown)).toEqual(sumByDay(owned));
      expect(shown).toHaveLength(owned.length);
      expect(new Set(owned.map(({ siteId, day }) => `${siteId} ${day}`)).size).toBe(owned.length);
    }),
  );
});

test('the total is the sum of the lines, and the order of rows makes no difference', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom<BillingBasis>('closing', 'peak', 'average'), (some, basis) => {
      const content = statementOf(facts(basis, { counts: some }));
      expect(content.organizations.reduce((sum, { sources }) => sum + sources, 0)).toBe(content.total);
      const turned = statementOf(facts(basis, { counts: some.toReversed() }));
      expect(canonicalJson(turned)).toBe(canonicalJson(content));
    }),
  );
});
