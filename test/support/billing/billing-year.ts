// A year of a partner, hour by hour and the same each time: sites that come, go and are renamed, remaps, a nine-day
// outage of one connection's token, a connection that ends, sites whose count SentinelOne does not tell for a month.
// The calendar is Berlin's of 2028, a leap year: two days of it have 23 and 25 hours.
import type { DailyCount, MappingFact, OrganizationFacts, SiteFacts } from '../../../src/domain/billing/facts.js';
import { MICROS_PER_HOUR, MICROS_PER_MINUTE, toInstant, toMicros } from '../../../src/domain/instant.js';

export const TIME_ZONE = 'Europe/Berlin';
/** 2028-01-01 00:00 in Berlin. */
const START_MICROS = toMicros('2027-12-31T23:00:00Z');
export const HOURS = 366 * 24;
const SITES = 400;
/** Sites of the first connection. The others are the second's, whose console uses the same ids. */
const OF_FIRST = 250;
const ORGANIZATIONS = 50;
const REMAPS = 1_000;
/** Nothing was counted. */
export const NO_READING = -1;
/** Mapped to nobody. */
export const NOBODY = -1;

export interface SimulatedSite {
  readonly connectionId: string;
  readonly siteId: string;
  name: string;
  readonly fromHour: number;
  /** Exclusive. Null when it was there to the end. */
  readonly deletedHour: number | null;
  /** By hour; `NOBODY` for none. Changes happen a minute into the hour, readings in its middle. */
  readonly owner: Int16Array;
  /** By hour; `NO_READING` for none. */
  readonly count: Int32Array;
}

export interface SimulatedYear {
  readonly connections: readonly { readonly id: string; readonly name: string; readonly endHour: number | null }[];
  readonly organizations: readonly OrganizationFacts[];
  readonly sites: readonly SimulatedSite[];
  /** The day in Berlin of each hour. */
  readonly days: readonly string[];
  readonly remaps: number;
}

const uuid = (kind: number, n: number) =>
  `00000000-0000-4000-80${String(kind).padStart(2, '0')}-${String(n).padStart(12, '0')}`;

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export const hourAt = (hour: number, minute = 30): string =>
  toInstant(START_MICROS + hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE);

function berlinDays(): string[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: TIME_ZONE });
  return Array.from({ length: HOURS }, (_, hour) => format.format(new Date(hourAt(hour))));
}

const OUTAGE = { fromHour: 3_181, hours: 9 * 24 };
const SECOND_ENDS = 7_500;

export function simulateYear(seed = 2028): SimulatedYear {
  const random = randomOf(seed);
  const days = berlinDays();
  const connections = [
    { id: uuid(1, 1), name: 'North', endHour: null },
    { id: uuid(1, 2), name: 'South', endHour: SECOND_ENDS },
  ];
  const organizations = Array.from({ length: ORGANIZATIONS }, (_, n) => ({
    id: uuid(2, n),
    name: `Customer ${(n * 7) % ORGANIZATIONS}`,
    externalKey: n % 3 === 0 ? null : `C-${n}`,
  }));
  const sites = Array.from({ length: SITES }, (_, n) => aSite(n, n < OF_FIRST ? uuid(1, 1) : uuid(1, 2), random));
  const remaps = remap(sites, random);
  for (const [n, site] of sites.entries()) count(site, n, { random, days });
  for (let n = 0; n < 60; n++) rename(sites, random, n);
  return { connections, organizations, sites, days, remaps };
}

function aSite(n: number, connectionId: string, random: (below: number) => number): SimulatedSite {
  const fromHour = n % 10 === 3 ? random(HOURS - 500) : 0;
  const deletedHour = n % 13 === 5 ? fromHour + 1 + random(HOURS - fromHour - 1) : null;
  const first = random(10) === 0 ? NOBODY : random(ORGANIZATIONS);
  const owner = new Int16Array(HOURS).fill(NOBODY).fill(first, fromHour);
  return {
    connectionId,
    siteId: `site-${n % OF_FIRST}`,
    name: `Site ${n}`,
    fromHour,
    deletedHour,
    owner,
    count: new Int32Array(HOURS).fill(NO_READING),
  };
}

/** Some on one day and back, some to nobody. */
function remap(sites: readonly SimulatedSite[], random: (below: number) => number): number {
  for (let n = 0; n < REMAPS; n++) {
    const site = sites[random(sites.length)] as SimulatedSite;
    const hour = site.fromHour + 1 + random(HOURS - site.fromHour - 1);
    const before = site.owner[hour - 1] ?? NOBODY;
    let after = random(8) === 0 ? NOBODY : random(ORGANIZATIONS);
    if (after === before) after = (after + 2) % ORGANIZATIONS;
    const backAt = n % 5 === 0 ? hour + 1 + random(10) : HOURS;
    site.owner.fill(after, hour, Math.min(backAt, HOURS));
  }
  return REMAPS;
}

function count(
  site: SimulatedSite,
  n: number,
  { random, days }: { random: (below: number) => number; days: readonly string[] },
): void {
  const second = site.connectionId === uuid(1, 2);
  const silentMonth = n % 40 === 11 ? `2028-${String(1 + random(12)).padStart(2, '0')}` : null;
  let licenses = random(120);
  for (let hour = site.fromHour; hour < (site.deletedHour ?? HOURS); hour++) {
    if (random(9) === 0) licenses = Math.max(0, licenses + random(9) - 4);
    if (second && (hour >= SECOND_ENDS || (hour >= OUTAGE.fromHour && hour < OUTAGE.fromHour + OUTAGE.hours))) continue;
    if (days[hour]?.startsWith(silentMonth ?? 'never') === true || random(50) === 0) continue;
    site.count[hour] = licenses + (random(6) === 0 ? random(15) : 0);
  }
}

function rename(sites: readonly SimulatedSite[], random: (below: number) => number, n: number): void {
  const site = sites[random(sites.length)];
  if (site !== undefined) site.name = `${site.name} renamed ${n}`;
}

const organizationId = (year: SimulatedYear, owner: number | undefined): string | null =>
  owner === undefined || owner === NOBODY ? null : (year.organizations[owner]?.id ?? null);

/** The readings as rows of the store: by site, day and owner. */
export function dailyCounts(year: SimulatedYear): DailyCount[] {
  return year.sites.flatMap((site) => countsOfSite(year, site));
}

export function countsOfSite(year: SimulatedYear, site: SimulatedSite): DailyCount[] {
  const rows = new Map<string, { -readonly [Key in keyof DailyCount]: DailyCount[Key] }>();
  for (let hour = 0; hour < HOURS; hour++) {
    const reading = site.count[hour] ?? NO_READING;
    if (reading === NO_READING) continue;
    const day = year.days[hour] ?? '';
    const owner = organizationId(year, site.owner[hour]);
    const row = rows.get(`${day} ${owner}`);
    const at = hourAt(hour);
    if (row === undefined) {
      const { connectionId, siteId } = site;
      const counts = { first: reading, last: reading, peak: reading, firstAt: at, lastAt: at };
      rows.set(`${day} ${owner}`, { connectionId, siteId, day, organizationId: owner, ...counts });
    } else {
      row.last = reading;
      row.lastAt = at;
      row.peak = Math.max(row.peak, reading);
    }
  }
  return [...rows.values()];
}

/** A row for each change, a minute into its hour; the versions count up within a connection. */
export function mappingFacts(year: SimulatedYear): MappingFact[] {
  const facts: Omit<MappingFact, 'version'>[] = [];
  for (const site of year.sites) {
    let before = NOBODY;
    for (let hour = 0; hour < HOURS; hour++) {
      const owner = site.owner[hour] ?? NOBODY;
      if (owner === before) continue;
      before = owner;
      const { connectionId, siteId } = site;
      facts.push({
        connectionId,
        siteId,
        day: year.days[hour] ?? '',
        at: hourAt(hour, 1),
        organizationId: organizationId(year, owner),
      });
    }
  }
  facts.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return facts.map((fact, index) => ({ ...fact, version: index + 1 }));
}

export function siteFacts(year: SimulatedYear): SiteFacts[] {
  return year.sites.map(({ connectionId, siteId, name, fromHour, deletedHour }) => {
    const connection = year.connections.find(({ id }) => id === connectionId);
    const ends = [deletedHour, connection?.endHour ?? null].filter((hour) => hour !== null);
    const last = ends.length === 0 ? null : (year.days[Math.min(...ends)] ?? null);
    const life = { firstDay: year.days[fromHour] ?? '', lastDay: last, absences: [] };
    return { connectionId, connectionName: connection?.name ?? '', siteId, siteName: name, ...life };
  });
}

export const MONTHS = Array.from({ length: 12 }, (_, n) => `2028-${String(n + 1).padStart(2, '0')}`);
