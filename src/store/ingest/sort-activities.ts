// What happens to each activity of a page, decided before anything is written. Pure.
import type { KeptFrom } from '../../domain/collecting/retention.js';
import { type Mapping, type Route, route } from '../../domain/collecting/routing.js';
import { ActivityMap } from '../../domain/collecting/same-activity.js';
import type { PreparedActivity } from './prepare-activity.js';

export type StoreRow = { readonly activity: PreparedActivity; readonly route: Extract<Route, { kind: 'store' }> };
export type DiscardRow = { readonly activity: PreparedActivity; readonly route: Extract<Route, { kind: 'discard' }> };

/** Where a discard is counted. The connection need not be this one: an earlier one may have read the same console. */
export interface LedgerPlace {
  readonly connectionId: string;
  readonly siteId: string | null;
}

/** A row of the discard ledger. */
export interface LedgerRow extends LedgerPlace {
  /** By which it is found there; the activity may come with its time written otherwise. */
  readonly occurredAt: string;
}

export type CollectedRow = LedgerRow & { readonly activity: PreparedActivity };

export interface Known {
  /** Activities that are stored as events. */
  readonly events: ActivityMap<true>;
  /** Activities in the discard ledger, with where each is counted. */
  readonly discards: ActivityMap<LedgerRow>;
}

export interface SortedActivities {
  readonly events: readonly StoreRow[];
  readonly discards: readonly DiscardRow[];
  /** Rows of `events` that leave the discard ledger by being stored. */
  readonly collected: readonly CollectedRow[];
}

/** The database's unique key, less the account: the same id with its time written otherwise is another row to it. */
export const activityKey = (id: string, createdAt: string) => `${id}/${createdAt}`;

/**
 * An id in the ledger stays a discard for every reader but the one that collects from the ledger. What is older than it
 * would be kept becomes neither an event nor a discard.
 */
export function sortActivities(
  activities: readonly PreparedActivity[],
  context: {
    readonly mapping: Mapping;
    readonly known: Known;
    readonly fromLedger: boolean;
    readonly keptFrom?: KeptFrom | undefined;
  },
): SortedActivities {
  const { mapping, known, fromLedger, keptFrom } = context;
  const events: StoreRow[] = [];
  const discards: DiscardRow[] = [];
  const collected: CollectedRow[] = [];
  const seen = new ActivityMap<true>();
  for (const activity of activities) {
    if (seen.has(activity) || known.events.has(activity)) continue;
    seen.set(activity, true);
    const place = known.discards.get(activity);
    if (place !== undefined && !fromLedger) continue;
    const to = route(activity, mapping);
    if (keptFrom !== undefined && isTooOld(activity, to, keptFrom)) continue;
    if (to.kind === 'store') events.push({ activity, route: to });
    else if (place === undefined) discards.push({ activity, route: to });
    if (to.kind === 'store' && place !== undefined) collected.push({ activity, ...place });
  }
  return { events, discards, collected };
}

const isTooOld = ({ createdAt }: PreparedActivity, to: Route, keptFrom: KeptFrom): boolean =>
  createdAt < (to.kind === 'store' ? keptFrom.events : keptFrom.discards);
