// A whole year, every month of it on every basis, as the rules and as a second way of working it out have it.
import { expect, test } from 'vitest';
import { BILLING_BASES } from '../../../../src/domain/billing/billing-basis.js';
import { siteKey } from '../../../../src/domain/billing/facts.js';
import { lastDayOf } from '../../../../src/domain/billing/month.js';
import { ownedDays } from '../../../../src/domain/billing/owned-days.js';
import { type StatementContent, statementOf } from '../../../../src/domain/billing/statement.js';
import { type Answer, askOracle } from '../../../support/billing/billing-oracle.js';
import {
  dailyCounts,
  mappingFacts,
  MONTHS,
  simulateYear,
  siteFacts,
  TIME_ZONE,
} from '../../../support/billing/billing-year.js';

const year = simulateYear();
const counts = dailyCounts(year);
const [sites, mappings] = [siteFacts(year), mappingFacts(year)];

const answerOf = ({ organizations, unmapped, total }: StatementContent): Answer => ({
  sources: Object.fromEntries([
    ...organizations.map(({ organizationId, sources }) => [organizationId, sources]),
    ...(unmapped.sites.length > 0 ? [['nobody', unmapped.sources]] : []),
  ]),
  total,
  withoutReading: [...organizations, { organizationId: 'nobody', sites: unmapped.sites }]
    .flatMap((line) =>
      line.sites
        .filter(({ flags }) => flags.includes('no reading'))
        .map((site) => `${line.organizationId} ${siteKey(site)}`),
    )
    .sort(),
});

const statement = (month: string, basis: (typeof BILLING_BASES)[number]) =>
  statementOf({
    month,
    basis,
    timeZone: TIME_ZONE,
    lastWholeDay: lastDayOf(month),
    sites,
    mappings,
    counts: counts.filter(({ day }) => day.startsWith(month)),
    organizations: year.organizations,
  });

test.each(MONTHS.flatMap((month) => BILLING_BASES.map((basis) => [month, basis] as const)))(
  'the statement of %s by %s is the oracle’s',
  (month, basis) => {
    const content = statement(month, basis);
    expect(answerOf(content)).toEqual(askOracle(year, month, basis));
    expect(content.total).toBeGreaterThan(1_000);
  },
);

test('the year has what makes it hard', () => {
  expect([year.sites.length, year.organizations.length, year.remaps]).toEqual([400, 50, 1000]);
  expect(new Set(year.days).size).toBe(366);
  const hoursOf = (wanted: string) => year.days.filter((day) => day === wanted).length;
  expect([hoursOf('2028-02-29'), hoursOf('2028-03-26'), hoursOf('2028-10-29')]).toEqual([24, 23, 25]);
  expect(MONTHS.map((month) => askOracle(year, month, 'closing').withoutReading.length)).toContainEqual(
    expect.toSatisfy((n) => n > 0),
  );
  const outage = statement('2028-05', 'average').organizations.flatMap((line) => line.sites);
  expect(Math.max(...outage.map(({ missingDays }) => missingDays.length))).toBeGreaterThanOrEqual(8);
  expect(counts.length).toBeGreaterThan(ownedDays(counts).length); // remaps inside days
});

const sumByDay = (days: readonly { readonly day: string; readonly last: number }[]) =>
  Object.fromEntries(
    [...Map.groupBy(days, ({ day }) => day)].map(([day, of]) => [day, of.reduce((sum, { last }) => sum + last, 0)]),
  );

test.each(MONTHS)('on every day of %s organizations and unmapped sites together are all sites', (month) => {
  const { organizations, unmapped } = statement(month, 'closing');
  const shown = [...organizations, unmapped].flatMap((line) => line.sites).flatMap(({ days }) => days);
  expect(sumByDay(shown)).toEqual(sumByDay(ownedDays(counts.filter(({ day }) => day.startsWith(month)))));
});

test('rows in another order give the same statement', () => {
  const facts = {
    month: '2028-02',
    basis: 'average' as const,
    timeZone: TIME_ZONE,
    lastWholeDay: '2028-02-29',
    mappings,
    counts: counts.filter(({ day }) => day.startsWith('2028-02')),
  };
  const turned = {
    ...facts,
    counts: facts.counts.toReversed(),
    sites: sites.toReversed(),
    organizations: year.organizations.toReversed(),
  };
  expect(statementOf(turned)).toEqual(statementOf({ ...facts, sites, organizations: year.organizations }));
});
