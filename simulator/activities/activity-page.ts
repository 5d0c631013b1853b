// One page of activities: which slots it holds, how many match in all, and where the next begins. In the usual order a
// page is found by binary search and a walk from there; the other orders sort what matches, and are meant for tests.
import { badRequest } from '../http/reply.js';
import { type ActivityFilter, type ActivityQuery, compileFilter, typeOf, type Visibility } from './activity-filter.js';
import type { Cursors } from './cursors.js';
import type { FactsOfRows } from './row-facts.js';

/** A console was seen to report exactly this many, so it stops counting there. */
const COUNT_CAP = 50_000;
const DEFAULT_LIMIT = 10;

export interface ActivityPage {
  readonly slots: readonly number[];
  readonly totalItems: number;
  readonly nextCursor: string | null;
}

type Compare = (a: number, b: number) => number;

export function pageOfActivities(page: {
  readonly facts: FactsOfRows;
  readonly cursors: Cursors;
  readonly query: ActivityQuery;
  readonly visible: Visibility;
}): ActivityPage {
  const { facts, cursors, query } = page;
  const filter = compileFilter(facts, query, page.visible);
  const sortBy = query.sortBy ?? 'createdAt';
  const descending = query.sortOrder === 'desc';
  const list = `activity-${sortBy}-${descending ? 'desc' : 'asc'}`;
  const after = query.cursor === undefined ? null : readPlace(facts, cursors.read(list, query.cursor));
  const walk = sortBy === 'createdAt' && filter.candidates === null;
  const matches = walk
    ? walkMatches(facts, filter, { after, descending })
    : sortMatches(facts, filter, { after, compare: compareBy(facts, sortBy), descending });
  if (query.countOnly === true) return { slots: [], totalItems: count(facts, filter), nextCursor: null };

  const limit = query.limit ?? DEFAULT_LIMIT;
  let toSkip = after === null ? (query.skip ?? 0) : 0;
  const slots: number[] = [];
  let hasMore = false;
  for (const slot of matches) {
    if (toSkip > 0) {
      toSkip -= 1;
      continue;
    }
    if (slots.length === limit) {
      hasMore = true;
      break;
    }
    slots.push(slot);
  }
  return {
    slots,
    totalItems: query.skipCount === true ? 0 : count(facts, filter),
    nextCursor: hasMore ? cursors.write(list, slots.at(-1) ?? 0) : null,
  };
}

function readPlace(facts: FactsOfRows, place: string): number {
  const slot = Number(place);
  if (!Number.isInteger(slot) || slot < 0 || slot >= facts.log.size) throw badRequest('cursor: Invalid cursor.');
  return slot;
}

function* walkMatches(
  facts: FactsOfRows,
  filter: ActivityFilter,
  from: { readonly after: number | null; readonly descending: boolean },
): Iterable<number> {
  const { log } = facts;
  const { test } = filter;
  let first = log.placeOf(filter.fromMicros);
  let end = log.placeOf(filter.beforeMicros);
  if (from.after !== null && from.descending) end = Math.min(end, log.placeOfSlot(from.after));
  if (from.after !== null && !from.descending) first = Math.max(first, log.placeOfSlot(from.after) + 1);
  const step = from.descending ? -1 : 1;
  for (let n = from.descending ? end - 1 : first; n >= first && n < end; n += step) {
    const slot = log.at(log.sorted, n);
    if (test === null || test(slot)) yield slot;
  }
}

function sortMatches(
  facts: FactsOfRows,
  filter: ActivityFilter,
  order: { readonly after: number | null; readonly compare: Compare; readonly descending: boolean },
): readonly number[] {
  const sign = order.descending ? -1 : 1;
  const sorted = matchesOf(facts, filter).toSorted((a, b) => sign * order.compare(a, b));
  const { after } = order;
  return after === null ? sorted : sorted.filter((slot) => sign * order.compare(slot, after) > 0);
}

function matchesOf(facts: FactsOfRows, filter: ActivityFilter): readonly number[] {
  if (filter.candidates === null) return [...walkMatches(facts, filter, { after: null, descending: false })];
  const { log } = facts;
  return [...new Set(filter.candidates)].filter((slot) => {
    const micros = log.at(log.createdAtMicros, slot);
    return micros >= filter.fromMicros && micros < filter.beforeMicros && (filter.test?.(slot) ?? true);
  });
}

function compareBy(facts: FactsOfRows, sortBy: 'id' | 'activityType' | 'createdAt'): Compare {
  const { log } = facts;
  if (sortBy === 'id') return log.compareIds;
  if (sortBy === 'createdAt') return log.compare;
  return (a, b) => (typeOf(facts, a) ?? 0) - (typeOf(facts, b) ?? 0) || log.compare(a, b);
}

function count(facts: FactsOfRows, filter: ActivityFilter): number {
  const { log } = facts;
  if (filter.candidates !== null) return matchesOf(facts, filter).length;
  if (filter.test === null) {
    return Math.min(COUNT_CAP, Math.max(0, log.placeOf(filter.beforeMicros) - log.placeOf(filter.fromMicros)));
  }
  let matches = 0;
  for (const _ of walkMatches(facts, filter, { after: null, descending: false })) {
    matches += 1;
    if (matches === COUNT_CAP) break;
  }
  return matches;
}
