// The ground truth: every row there is, with the site it really belongs to, straight from memory and not through the
// API. A test compares what the product stored with this.
import type { ConsoleState } from '../state.js';
import { writeInstant } from '../world/instants.js';
import { typeOf } from './activity-filter.js';
import { RAW_KIND } from './activity-log.js';

export interface TruthRow {
  /** null for a raw row whose text has no id. */
  readonly id: string | null;
  readonly createdAt: string;
  readonly accountId: string | null;
  readonly siteId: string | null;
  readonly agentId: string | null;
  /** The row's own site, else the site where its agent is now, else null. */
  readonly resolvedSiteId: string | null;
  readonly activityType: number | null;
  readonly hidden: boolean;
  readonly raw: boolean;
}

export interface TruthFilter {
  readonly fromMicros?: number | undefined;
  readonly beforeMicros?: number | undefined;
  readonly accountIds?: readonly string[] | undefined;
  readonly siteIds?: readonly string[] | undefined;
  readonly hidden?: boolean | undefined;
}

export interface TruthCounts {
  readonly total: number;
  readonly hidden: number;
  readonly byResolvedSite: Readonly<Record<string, number>>;
  /** Rows that belong to no site, by account. */
  readonly withoutSite: Readonly<Record<string, number>>;
  /** Rows that name an agent but no site; they are also in `byResolvedSite`. */
  readonly agentOnly: number;
}

/** Rows by createdAt and id, oldest first. */
export function* truthRows(state: ConsoleState, filter: TruthFilter): Iterable<TruthRow> {
  const { log } = state;
  const end = log.placeOf(filter.beforeMicros ?? Infinity);
  for (let n = log.placeOf(filter.fromMicros ?? -Infinity); n < end; n += 1) {
    const row = truthOf(state, log.at(log.sorted, n));
    if (filter.hidden !== undefined && row.hidden !== filter.hidden) continue;
    if (filter.accountIds !== undefined && !filter.accountIds.includes(row.accountId ?? '')) continue;
    if (filter.siteIds !== undefined && !filter.siteIds.includes(row.resolvedSiteId ?? '')) continue;
    yield row;
  }
}

function truthOf(state: ConsoleState, slot: number): TruthRow {
  const { facts, log, world } = state;
  const raw = log.raw.get(slot);
  const agentId = raw === undefined ? (facts.agent(slot)?.id ?? null) : raw.agentId;
  const siteId = raw === undefined ? (facts.site(slot)?.id ?? null) : raw.siteId;
  return {
    id: log.idOf(slot),
    createdAt: writeInstant(log.at(log.createdAtMicros, slot)),
    accountId: facts.account(slot)?.id ?? null,
    siteId,
    agentId,
    resolvedSiteId: siteId ?? (agentId === null ? null : (world.agent(agentId)?.site.id ?? null)),
    activityType: typeOf(facts, slot),
    hidden: log.at(log.hidden, slot) === 1,
    raw: log.at(log.kind, slot) === RAW_KIND,
  };
}

export function truthCounts(state: ConsoleState, filter: TruthFilter): TruthCounts {
  const byResolvedSite: Record<string, number> = {};
  const withoutSite: Record<string, number> = {};
  let total = 0;
  let hidden = 0;
  let agentOnly = 0;
  for (const row of truthRows(state, filter)) {
    total += 1;
    if (row.hidden) hidden += 1;
    if (row.siteId === null && row.agentId !== null) agentOnly += 1;
    const counts = row.resolvedSiteId === null ? withoutSite : byResolvedSite;
    const key = row.resolvedSiteId ?? row.accountId ?? 'tenant';
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return { total, hidden, byResolvedSite, withoutSite, agentOnly };
}
