// A month's statement: what is billed to each organization and everything that explains it, from facts alone. The same
// facts give the same statement in whatever order they come, so that its hash can be compared.
import { average } from './average.js';
import type { BillingBasis } from './billing-basis.js';
import { closing } from './closing.js';
import { compareText, type MonthFacts, siteKey } from './facts.js';
import { type Billed, type Counted, type Line, NOTHING } from './line.js';
import { mappingChanges, type MappingChangeView } from './mapping-changes.js';
import { firstDayOf, lastDayOf } from './month.js';
import { peak } from './peak.js';
import { type SiteMonth, siteMonths } from './site-month.js';

/** `no reading`: nothing was read in the whole month; `missing days`: some of it was not. */
export type StatementFlag = 'no reading' | 'missing days';

export interface StatementDay {
  readonly day: string;
  readonly first: number;
  readonly last: number;
  readonly peak: number;
}

export interface StatementSite {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly siteId: string;
  readonly siteName: string | null;
  readonly counted: Counted;
  /** The days that this line's organization owned. */
  readonly days: readonly StatementDay[];
  readonly missingDays: readonly string[];
  readonly flags: readonly StatementFlag[];
}

export interface StatementLine {
  readonly organizationId: string;
  readonly organizationName: string;
  readonly externalKey: string | null;
  readonly sources: number;
  readonly peakDay: string | null;
  readonly flags: readonly StatementFlag[];
  readonly sites: readonly StatementSite[];
  readonly mappingChanges: readonly MappingChangeView[];
}

export interface Difference {
  readonly organizationId: string;
  readonly organizationName: string;
  readonly before: number;
  readonly after: number;
}

/** What a new revision says about the one that it replaces. */
export interface Correction {
  readonly supersedes: number;
  readonly reason: string;
  readonly totalBefore: number;
  readonly differences: readonly Difference[];
}

export interface StatementContent {
  readonly month: string;
  readonly basis: BillingBasis;
  readonly timeZone: string;
  readonly firstDay: string;
  readonly lastDay: string;
  /** The sum of the organizations' lines. */
  readonly total: number;
  /** By name. */
  readonly organizations: readonly StatementLine[];
  /** Not billed. */
  readonly unmapped: { readonly sources: number; readonly sites: readonly StatementSite[] };
  readonly correction: Correction | null;
}

/**
 * What each basis makes of a month: for each organization, and for sites that have none, how much and how it came to
 * that.
 */
const RULES = { closing, peak, average } satisfies Record<
  BillingBasis,
  (months: readonly SiteMonth[], month: string) => Billed
>;

export function statementOf(facts: MonthFacts): StatementContent {
  const { month, basis, timeZone } = facts;
  const months = siteMonths(facts);
  const billed = RULES[basis](months, month);
  const organizations = linesOf(facts, months, billed);
  const unmapped = billed.get(null);
  return {
    month,
    basis,
    timeZone,
    firstDay: firstDayOf(month),
    lastDay: lastDayOf(month),
    total: organizations.reduce((total, { sources }) => total + sources, 0),
    organizations,
    unmapped: {
      sources: unmapped?.sources ?? 0,
      sites: unmapped === undefined ? [] : sitesOf(months, null, unmapped),
    },
    correction: null,
  };
}

function linesOf(facts: MonthFacts, months: readonly SiteMonth[], billed: Billed) {
  const organizations = new Map(facts.organizations.map((organization) => [organization.id, organization]));
  const changes = mappingChanges(facts);
  const lines: StatementLine[] = [];
  for (const [organizationId, line] of billed) {
    if (organizationId === null) continue;
    const organization = organizations.get(organizationId);
    const sites = sitesOf(months, organizationId, line);
    lines.push({
      organizationId,
      organizationName: organization?.name ?? organizationId,
      externalKey: organization?.externalKey ?? null,
      sources: line.sources,
      peakDay: line.peakDay,
      flags: [...new Set(sites.flatMap(({ flags }) => flags))].sort(compareText),
      sites,
      mappingChanges: changes.filter(({ from, to }) => from === organizationId || to === organizationId),
    });
  }
  return lines.sort(
    (a, b) => compareText(a.organizationName, b.organizationName) || compareText(a.organizationId, b.organizationId),
  );
}

function sitesOf(months: readonly SiteMonth[], organizationId: string | null, line: Line): StatementSite[] {
  return months
    .filter(({ site }) => line.counted.has(siteKey(site)))
    .map(({ site, owned, missingDays, lastReading }) => ({
      connectionId: site.connectionId,
      connectionName: site.connectionName,
      siteId: site.siteId,
      siteName: site.siteName,
      counted: line.counted.get(siteKey(site)) ?? NOTHING,
      days: owned
        .filter((count) => count.organizationId === organizationId)
        .map(({ day, first, last, peak }) => ({ day, first, last, peak })),
      missingDays,
      flags: flagsOf(lastReading !== null, missingDays.length > 0),
    }))
    .sort((a, b) => compareText(a.siteName ?? '', b.siteName ?? '') || compareText(siteKey(a), siteKey(b)));
}

const flagsOf = (isRead: boolean, isIncomplete: boolean): StatementFlag[] =>
  !isRead ? ['no reading'] : isIncomplete ? ['missing days'] : [];
