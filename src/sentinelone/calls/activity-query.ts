// A query for activities and the parameters it becomes. The filter is frozen for a whole chain of pages and sent again
// with every cursor: SentinelOne does not say whether a cursor holds the filter, and every other client sends it again.
import type { QueryValue } from '../http/request.js';

/** SentinelOne's own maximum; every other collector uses 100 and pays ten round trips for one. */
export const PAGE_LIMIT = 1000;

/** Keeps the request line near 2 KB, which every proxy takes. */
export const IDS_PER_REQUEST = 100;

const ID = /^\d{1,20}$/;

/**
 * SentinelOne's ids are decimal numbers. A request that names one thing that is no such number is refused as a whole,
 * so what an odd row called an id must not be asked about: one bad row would stop everything that waits behind it.
 */
export const isSentinelOneId = (text: string): boolean => ID.test(text);

export interface ActivityQuery {
  /** SentinelOne's id of the account. */
  readonly accountId: string;
  /** Console time, six fraction digits; rows from this instant on. */
  readonly createdAtGte?: string;
  /** Console time; rows before this instant. */
  readonly createdAtLt?: string;
  /** At most `IDS_PER_REQUEST` each. */
  readonly siteIds?: readonly string[];
  readonly ids?: readonly string[];
  readonly agentIds?: readonly string[];
}

/** Where a page begins and how many rows it may have. */
export interface Place {
  /** Null for the first page. */
  readonly cursor: string | null;
  /** `PAGE_LIMIT` when left out. */
  readonly limit?: number;
}

type Parameters = Readonly<Record<string, QueryValue | undefined>>;

export const filterOf = (query: ActivityQuery): Parameters => ({
  accountIds: [query.accountId],
  createdAt__gte: query.createdAtGte,
  createdAt__lt: query.createdAtLt,
  siteIds: query.siteIds,
  ids: query.ids,
  agentIds: query.agentIds,
});

export const pageParameters = (query: ActivityQuery, { cursor, limit = PAGE_LIMIT }: Place): Parameters => ({
  ...filterOf(query),
  sortBy: 'createdAt',
  sortOrder: 'asc',
  limit,
  skipCount: true,
  ...(cursor === null ? {} : { cursor }),
});

/** `skipCount` would make the count 0. */
export const countParameters = (query: ActivityQuery): Parameters => ({ ...filterOf(query), countOnly: true });
