// One site in one month: the days that were read, the days that are missing, and to whom it was mapped last. Every rule
// works on these.
import { compareText, type DailyCount, type MappingFact, type MonthFacts, type SiteFacts, siteKey } from './facts.js';
import { daysOf, firstDayOf, lastDayOf } from './month.js';
import { ownedDays } from './owned-days.js';

export interface SiteMonth {
  readonly site: SiteFacts;
  /** Oldest first. */
  readonly owned: readonly DailyCount[];
  /** The month's last; null when nothing was read. */
  readonly lastReading: DailyCount | null;
  /** Without any reading although there was something to read. */
  readonly missingDays: readonly string[];
  /** Of the organizations that it was mapped to in the month, the last; null when it never was. */
  readonly lastMappedTo: string | null;
}

/** The sites that were there at some time in the month, or were read in it. */
export function siteMonths(facts: MonthFacts): SiteMonth[] {
  const owned = groupBySite(ownedDays(facts.counts));
  const mappings = groupBySite(facts.mappings);
  return [...facts.sites]
    .sort((a, b) => compareText(siteKey(a), siteKey(b)))
    .map((site) => siteMonth(facts, site, owned.get(siteKey(site)) ?? [], mappings.get(siteKey(site)) ?? []))
    .filter(({ site, owned: days }) => days.length > 0 || wasThere(facts.month, site));
}

function siteMonth(
  { month, lastWholeDay }: MonthFacts,
  site: SiteFacts,
  owned: readonly DailyCount[],
  mappings: readonly MappingFact[],
): SiteMonth {
  const read = new Set(owned.map(({ day }) => day));
  const isMissing = (day: string) => day <= lastWholeDay && isInLife(site, day) && !read.has(day);
  return {
    site,
    owned,
    lastReading: owned.at(-1) ?? null,
    missingDays: daysOf(month).filter(isMissing),
    lastMappedTo: lastMappedTo(month, mappings),
  };
}

const isInLife = ({ firstDay, lastDay, absences }: SiteFacts, day: string): boolean =>
  day >= firstDay &&
  (lastDay === null || day <= lastDay) &&
  !absences.some((absence) => day >= absence.firstDay && day <= absence.lastDay);

const wasThere = (month: string, site: SiteFacts): boolean => daysOf(month).some((day) => isInLife(site, day));

/** Mapped before the month and still so when it began, or mapped in it. */
function lastMappedTo(month: string, mappings: readonly MappingFact[]): string | null {
  const before = mappings.findLast(({ day }) => day < firstDayOf(month));
  const within = mappings.filter(({ day }) => day >= firstDayOf(month) && day <= lastDayOf(month));
  const candidates = [...(before === undefined ? [] : [before]), ...within];
  return candidates.findLast(({ organizationId }) => organizationId !== null)?.organizationId ?? null;
}

function groupBySite<T extends { readonly connectionId: string; readonly siteId: string }>(
  rows: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(siteKey(row));
    if (group === undefined) groups.set(siteKey(row), [row]);
    else group.push(row);
  }
  return groups;
}
