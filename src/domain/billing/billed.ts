// What a rule makes of a month: for each organization, and for the sites that have none, a number of sources and how each
// site came into it.
import { average } from './average.js';
import type { BillingBasis } from './billing-basis.js';
import { closing } from './closing.js';
import type { Billed } from './line.js';
import { peak } from './peak.js';
import type { SiteMonth } from './site-month.js';

const RULES = { closing, peak, average } satisfies Record<
  BillingBasis,
  (months: readonly SiteMonth[], month: string) => Billed
>;

export const billedSources = (basis: BillingBasis, months: readonly SiteMonth[], month: string): Billed =>
  RULES[basis](months, month);
