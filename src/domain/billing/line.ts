// The lines that every rule fills: one for each organization that had something to do with a site in the month, and
// one, under null, for sites that were mapped to none.
import { siteKey } from './facts.js';
import type { SiteMonth } from './site-month.js';

/** How a site came into its line's number. */
export interface Counted {
  /** null: the average adds up fractions, `sum` over `divisor`, and rounds only the line. */
  readonly sources: number | null;
  /** The day whose count it is. */
  readonly day: string | null;
  /** The instant of the reading. */
  readonly at: string | null;
  readonly sum: number | null;
  readonly divisor: number | null;
}

export interface Line {
  sources: number;
  /** The day of the greatest sum. */
  peakDay: string | null;
  readonly counted: Map<string, Counted>;
}

export type Billed = ReadonlyMap<string | null, Line>;

export const NOTHING: Counted = { sources: 0, day: null, at: null, sum: null, divisor: null };

/**
 * A line for everybody who owned a day of a site, with the site in it as nothing. A site without any reading stands, as
 * nothing, under the organization that it was mapped to last.
 */
export function emptyLines(months: readonly SiteMonth[]): Map<string | null, Line> {
  const lines = new Map<string | null, Line>();
  const put = (organizationId: string | null, { site }: SiteMonth) => {
    const line = lines.get(organizationId) ?? { sources: 0, peakDay: null, counted: new Map<string, Counted>() };
    lines.set(organizationId, line);
    line.counted.set(siteKey(site), NOTHING);
  };
  for (const month of months) {
    if (month.lastReading === null) put(month.lastMappedTo, month);
    for (const { organizationId } of month.owned) put(organizationId, month);
  }
  return lines;
}

export function lineOf(lines: ReadonlyMap<string | null, Line>, organizationId: string | null): Line {
  const line = lines.get(organizationId);
  if (line === undefined) throw new Error('whoever owns a day has a line');
  return line;
}
