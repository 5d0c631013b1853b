// The filters of `GET /activities` turned into a window over the sorted rows and a test of one row. Everything the
// reference lists is here, and nothing else.
import {
  between,
  bool,
  choice,
  id,
  ids,
  instant,
  integer,
  list,
  PAGING,
  type Params,
  type ParamTable,
  text,
} from '../http/query.js';
import { rowUuid, slotOfUuid } from '../world/ids.js';
import { type ActivityLog, NONE } from './activity-log.js';
import type { FactsOfRows } from './row-facts.js';

export const ACTIVITY_PARAMS = {
  ...PAGING,
  sortBy: choice('id', 'activityType', 'createdAt'),
  siteIds: ids,
  accountIds: ids,
  groupIds: ids,
  createdAt__lt: instant,
  createdAt__lte: instant,
  createdAt__gt: instant,
  createdAt__gte: instant,
  createdAt__between: between,
  activityTypes: list(integer(0, 1_000_000)),
  ids,
  activityUuids: list(text),
  threatIds: ids,
  agentIds: ids,
  userIds: ids,
  userEmails: list(text),
  ruleIds: ids,
  alertIds: ids,
  relatedIds: list(id),
  includeHidden: bool,
} satisfies ParamTable;

export type ActivityQuery = Params<typeof ACTIVITY_PARAMS>;
export type RowTest = (slot: number) => boolean;

/** What a token may see; null means everything. */
export interface Visibility {
  readonly accountIds: ReadonlySet<string> | null;
  readonly siteIds: ReadonlySet<string> | null;
}

export interface ActivityFilter {
  /** Half-open in microseconds. */
  readonly fromMicros: number;
  readonly beforeMicros: number;
  /** null when every row of the window matches, which lets counting skip the rows. */
  readonly test: RowTest | null;
  /** The only rows that can match, when the query names them by id. */
  readonly candidates: readonly number[] | null;
}

export function compileFilter(facts: FactsOfRows, query: ActivityQuery, visible: Visibility): ActivityFilter {
  const { log } = facts;
  const range = query.createdAt__between;
  const fromMicros = Math.max(
    query.createdAt__gte ?? -Infinity,
    (query.createdAt__gt ?? -Infinity) + 1,
    range?.fromMicros ?? -Infinity,
  );
  const beforeMicros = Math.min(
    query.createdAt__lt ?? Infinity,
    (query.createdAt__lte ?? Infinity) + 1,
    (range?.toMicros ?? Infinity) + 1,
  );
  const tests = [...scopeTests(facts, query, visible), ...subjectTests(facts, query)];
  if (query.includeHidden !== true) tests.unshift((slot) => log.at(log.hidden, slot) === 0);
  return {
    fromMicros,
    beforeMicros,
    candidates: candidatesOf(log, query),
    test: tests.length === 0 ? null : (slot) => tests.every((test) => test(slot)),
  };
}

/** Rows by account and site. An array of flags by index, because a page may walk over millions of rows. */
function scopeTests(facts: FactsOfRows, query: ActivityQuery, visible: Visibility): RowTest[] {
  const { log, world } = facts;
  const tests: RowTest[] = [];
  for (const wanted of [visible.accountIds, query.accountIds && new Set(query.accountIds)]) {
    if (wanted === null || wanted === undefined) continue;
    const flags = world.accounts.map((account) => wanted.has(account.id));
    tests.push((slot) => flags[log.at(log.account, slot)] === true);
  }
  for (const wanted of [visible.siteIds, query.siteIds && new Set(query.siteIds)]) {
    if (wanted === null || wanted === undefined) continue;
    const flags = world.sites.map((site) => wanted.has(site.id));
    tests.push((slot) => {
      const raw = log.raw.size === 0 ? undefined : log.raw.get(slot);
      if (raw !== undefined) return raw.siteId !== null && wanted.has(raw.siteId);
      return flags[log.at(log.site, slot)] === true;
    });
  }
  return tests;
}

function subjectTests(facts: FactsOfRows, query: ActivityQuery): RowTest[] {
  const tests: RowTest[] = [];
  const among = (wanted: readonly string[] | undefined, of: (slot: number) => string | null | undefined) => {
    if (wanted === undefined) return;
    const set = new Set(wanted);
    tests.push((slot) => {
      const value = of(slot);
      return typeof value === 'string' && set.has(value);
    });
  };
  const rendered = (value: (slot: number) => string | null | undefined) => (slot: number) =>
    facts.kind(slot) === null ? null : value(slot);
  const agentId = (slot: number) => facts.log.raw.get(slot)?.agentId ?? facts.agent(slot)?.id;
  const userId = rendered((slot) => (facts.kind(slot)?.byUser === true ? facts.user(slot).id : null));
  const ruleId = rendered((slot) => (facts.kind(slot)?.rule === true ? facts.rule(slot).id : null));
  const threatId = rendered((slot) => facts.threatId(slot));
  if (query.activityTypes !== undefined) {
    const types = new Set(query.activityTypes);
    tests.push((slot) => types.has(typeOf(facts, slot) ?? NONE));
  }
  among(
    query.groupIds,
    rendered((slot) => facts.groupId(slot)),
  );
  among(query.threatIds, threatId);
  among(query.agentIds, agentId);
  among(query.userIds, userId);
  among(
    query.userEmails,
    rendered((slot) => (facts.kind(slot)?.byUser === true ? facts.user(slot).email : null)),
  );
  among(query.ruleIds, ruleId);
  among(
    query.alertIds,
    rendered((slot) => (facts.kind(slot)?.rule === true ? facts.alertId(slot) : null)),
  );
  if (query.relatedIds !== undefined) {
    const related = new Set(query.relatedIds);
    tests.push((slot) => [agentId, userId, ruleId, threatId].some((of) => related.has(of(slot) ?? '')));
  }
  return tests;
}

export const typeOf = (facts: FactsOfRows, slot: number): number | null =>
  facts.log.raw.get(slot)?.activityType ?? facts.kind(slot)?.type ?? null;

function candidatesOf(log: ActivityLog, query: ActivityQuery): readonly number[] | null {
  const byId = query.ids?.map((wanted) => log.slotOf(wanted)).filter((slot) => slot !== NONE);
  const byUuid = query.activityUuids
    ?.map((uuid) => ({ uuid, slot: slotOfUuid(log.seed, uuid) }))
    .filter(({ uuid, slot }) => slot < log.size && !log.raw.has(slot) && rowUuid(log.seed, slot) === uuid)
    .map(({ slot }) => slot);
  if (byId === undefined || byUuid === undefined) return byId ?? byUuid ?? null;
  return byId.filter((slot) => byUuid.includes(slot));
}
