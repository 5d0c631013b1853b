// What a month's statement is made from: nothing but rows of the store, so that the same rows give the same statement
// for ever. Days are days of the account's calendar; instants are ISO 8601 in UTC with six digits, so both sort as
// text.
import type { BillingBasis } from './billing-basis.js';

/** The readings of one site on one day under one organization. */
export interface DailyCount {
  readonly connectionId: string;
  readonly siteId: string;
  readonly day: string;
  /** null: the site was mapped to none. */
  readonly organizationId: string | null;
  readonly first: number;
  readonly last: number;
  readonly peak: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface SiteFacts {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly siteId: string;
  readonly siteName: string | null;
  /** From which day on it could be read: its connection was there and it had been seen. */
  readonly firstDay: string;
  /**
   * The day on which it was deleted or its connection ended; null while neither happened. Before `firstDay`: it never
   * lived here.
   */
  readonly lastDay: string | null;
  /** Stretches of whole days, both ends included, on which it was deleted or not listed, and came back after. */
  readonly absences: readonly { readonly firstDay: string; readonly lastDay: string }[];
}

/** A version of a site's mapping, in force until the next. */
export interface MappingFact {
  readonly connectionId: string;
  readonly siteId: string;
  readonly version: number;
  readonly day: string;
  readonly at: string;
  readonly organizationId: string | null;
}

export interface OrganizationFacts {
  readonly id: string;
  readonly name: string;
  readonly externalKey: string | null;
}

export interface MonthFacts {
  readonly month: string;
  readonly basis: BillingBasis;
  readonly timeZone: string;
  /** Days after this one are not over, so nothing is missing from them. */
  readonly lastWholeDay: string;
  readonly counts: readonly DailyCount[];
  readonly sites: readonly SiteFacts[];
  /** Oldest first, from the beginning of the connection to the end of the month. */
  readonly mappings: readonly MappingFact[];
  readonly organizations: readonly OrganizationFacts[];
}

/** Two consoles may use the same site id. */
export const siteKey = (site: { readonly connectionId: string; readonly siteId: string }): string =>
  `${site.connectionId}/${site.siteId}`;

/** By code unit: the same everywhere, whatever the machine's language. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
