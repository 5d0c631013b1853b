// What an endpoint is: a path, the permission it needs, and a function from a request to a reply.
import type { Visibility } from '../activities/activity-filter.js';
import { PAGING, type ParamTable, readQuery } from '../http/query.js';
import { badRequest, type Reply } from '../http/reply.js';
import type { ConsoleState } from '../state.js';
import type { ApiToken, Permission } from '../world/tokens.js';
import type { Account, Site } from '../world/world.js';

export interface ApiRequest {
  readonly search: URLSearchParams;
  /** What the path's groups captured. */
  readonly captures: readonly string[];
  readonly body: string;
  readonly token: ApiToken;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Matched against the path below the API's base. */
  readonly path: RegExp;
  readonly permission?: Permission;
  /** Answered without a token. */
  readonly isPublic?: boolean;
  readonly answer: (request: ApiRequest) => Reply;
}

export type Endpoints = (state: ConsoleState) => readonly Endpoint[];

export const isGranted = (token: ApiToken, permission: Permission): boolean =>
  token.user.granted.get(permission) ?? false;

export const seesAccount = (token: ApiToken, account: Account): boolean =>
  token.user.scope === 'tenant' || (token.user.scope === 'account' && token.user.scopeIds.includes(account.id));

export const seesSite = (token: ApiToken, site: Site): boolean =>
  seesAccount(token, site.account) || (token.user.scope === 'site' && token.user.scopeIds.includes(site.id));

export const visibilityOf = ({ user }: ApiToken): Visibility => ({
  accountIds: user.scope === 'account' ? new Set(user.scopeIds) : null,
  siteIds: user.scope === 'site' ? new Set(user.scopeIds) : null,
});

/** One page of a list held in memory; the cursor is the place where the next page begins. */
export function pageOf<Item>(page: {
  readonly state: ConsoleState;
  readonly name: string;
  readonly items: readonly Item[];
  readonly query: {
    readonly limit?: number;
    readonly skip?: number;
    readonly cursor?: string;
    readonly countOnly?: boolean;
    readonly skipCount?: boolean;
  };
}): { readonly items: readonly Item[]; readonly pagination: { totalItems: number; nextCursor: string | null } } {
  const { state, name, items, query } = page;
  const start = query.cursor === undefined ? (query.skip ?? 0) : Number(state.cursors.read(name, query.cursor));
  if (!Number.isInteger(start)) throw badRequest('cursor: Invalid cursor.');
  const end = start + (query.limit ?? 10);
  const hasMore = query.countOnly !== true && end < items.length;
  return {
    items: query.countOnly === true ? [] : items.slice(start, end),
    pagination: {
      totalItems: query.skipCount === true && query.countOnly !== true ? 0 : items.length,
      nextCursor: hasMore ? state.cursors.write(name, end) : null,
    },
  };
}

/** The query of a paged list: the paging parameters and the endpoint's own. */
export const readPaged = <Table extends ParamTable>(search: URLSearchParams, table: Table) =>
  readQuery(search, { ...PAGING, ...table });
