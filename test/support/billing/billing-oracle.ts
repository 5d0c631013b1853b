// What a month costs, worked out a second time and in another way: straight from the hourly readings of a simulated
// year, hour after hour, without the rows that the product keeps and without any of its code.
import { HOURS, NO_READING, NOBODY, type SimulatedSite, type SimulatedYear } from './billing-year.js';

export interface Answer {
  /** By organization's id; `nobody` for sites that are not billed. */
  readonly sources: Readonly<Record<string, number>>;
  readonly total: number;
  /** `organization connection/site` of those that were never read in the month. */
  readonly withoutReading: readonly string[];
}

type Basis = 'closing' | 'peak' | 'average';

/** A multiple of each divisor that a month can have, so that averages add up as whole numbers. */
const COMMON = Array.from({ length: 31 }, (_, n) => BigInt(n + 1)).reduce((multiple, n) => multiple * n, 1n);

export function askOracle(year: SimulatedYear, month: string, basis: Basis): Answer {
  const hours = year.days.flatMap((day, hour) => (day.startsWith(month) ? [hour] : []));
  const hoursOfDay = new Map<string, number[]>();
  for (const hour of hours) {
    const day = year.days[hour] ?? '';
    hoursOfDay.set(day, [...(hoursOfDay.get(day) ?? []), hour]);
  }
  const span = { year, hours, days: [...hoursOfDay.values()] };
  const sources: Record<string, number> = {};
  const withoutReading: string[] = [];
  for (const site of year.sites) mention(span, site, sources, withoutReading);
  const amounts = { closing, peak, average }[basis](span);
  for (const [owner, amount] of amounts) sources[nameOf(year, owner)] = amount;
  const total = Object.entries(sources).reduce((sum, [name, amount]) => sum + (name === 'nobody' ? 0 : amount), 0);
  return { sources, total, withoutReading: withoutReading.sort() };
}

interface Span {
  readonly year: SimulatedYear;
  readonly hours: readonly number[];
  readonly days: readonly (readonly number[])[];
}

const nameOf = (year: SimulatedYear, owner: number): string => year.organizations[owner]?.id ?? 'nobody';
const readAt = (site: SimulatedSite, hour: number): boolean => (site.count[hour] ?? NO_READING) !== NO_READING;
const ownerAt = (site: SimulatedSite, hour: number): number => site.owner[hour] ?? NOBODY;

/** The day's owner is whoever had the site at its last reading; undefined when there was none. */
function ownerOfDay(site: SimulatedSite, day: readonly number[]): number | undefined {
  let owner: number | undefined;
  for (const hour of day) if (readAt(site, hour)) owner = ownerAt(site, hour);
  return owner;
}

/** Whoever owned a day is mentioned with 0; so is whoever had a site last that was never read. */
function mention(
  { year, hours, days }: Span,
  site: SimulatedSite,
  sources: Record<string, number>,
  silent: string[],
): void {
  let isRead = false;
  for (const day of days) {
    const owner = ownerOfDay(site, day);
    if (owner === undefined) continue;
    isRead = true;
    sources[nameOf(year, owner)] ??= 0;
  }
  if (isRead || !hours.some((hour) => isThere(year, site, hour))) return;
  let last = NOBODY;
  for (const hour of [(hours[0] ?? 0) - 1, ...hours]) {
    if (hour >= 0 && ownerAt(site, hour) !== NOBODY) last = ownerAt(site, hour);
  }
  const name = nameOf(year, last);
  sources[name] ??= 0;
  silent.push(`${name} ${site.connectionId}/${site.siteId}`);
}

/** On the day of its first and of its last hour a site is there all day. */
function isThere(year: SimulatedYear, site: SimulatedSite, hour: number): boolean {
  const day = year.days[hour] ?? '';
  const connectionEnds = year.connections.find(({ id }) => id === site.connectionId)?.endHour ?? HOURS;
  const lastHour = Math.min(site.deletedHour ?? HOURS, connectionEnds);
  const lastDay = lastHour < HOURS ? (year.days[lastHour] ?? '') : '9999';
  return day >= (year.days[site.fromHour] ?? '') && day <= lastDay;
}

function closing({ year, hours }: Span): Map<number, number> {
  const amounts = new Map<number, number>();
  for (const site of year.sites) {
    let last: { readonly owner: number; readonly count: number } | undefined;
    for (const hour of hours)
      if (readAt(site, hour)) last = { owner: ownerAt(site, hour), count: site.count[hour] ?? 0 };
    if (last !== undefined) amounts.set(last.owner, (amounts.get(last.owner) ?? 0) + last.count);
  }
  return amounts;
}

function peak({ year, days }: Span): Map<number, number> {
  const greatest = new Map<number, number>();
  for (const day of days) {
    const sums = new Map<number, number>();
    for (const site of year.sites) {
      const owner = ownerOfDay(site, day);
      if (owner === undefined) continue;
      let highest = 0;
      for (const hour of day) {
        if (readAt(site, hour) && ownerAt(site, hour) === owner) highest = Math.max(highest, site.count[hour] ?? 0);
      }
      sums.set(owner, (sums.get(owner) ?? 0) + highest);
    }
    for (const [owner, sum] of sums) greatest.set(owner, Math.max(greatest.get(owner) ?? 0, sum));
  }
  return greatest;
}

function average({ year, days }: Span): Map<number, number> {
  const scaled = new Map<number, bigint>();
  for (const site of year.sites) {
    const isMissing = (day: readonly number[]) =>
      isThere(year, site, day[0] ?? 0) && !day.some((hour) => readAt(site, hour));
    const divisor = days.length - days.filter(isMissing).length;
    for (const day of days) {
      const owner = ownerOfDay(site, day);
      if (owner === undefined) continue;
      const last = day.findLast((hour) => readAt(site, hour)) ?? 0;
      const share = (BigInt(site.count[last] ?? 0) * COMMON) / BigInt(divisor);
      scaled.set(owner, (scaled.get(owner) ?? 0n) + share);
    }
  }
  return new Map([...scaled].map(([owner, sum]) => [owner, Number((sum + COMMON / 2n) / COMMON)]));
}
