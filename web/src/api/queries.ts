// What the pages read. A key begins with the noun it shows, so that a live change finds what it makes out of date.
import { infiniteQueryOptions, type QueryKey, queryOptions } from '@tanstack/react-query';
import { answerOf, http, type Schema } from './client.js';

export const KEYS = {
  me: ['me'],
  connections: ['connections'],
  notices: ['notices'],
  logSources: ['log-sources'],
  organizations: ['organizations'],
} as const satisfies Record<string, QueryKey>;

export const meQuery = queryOptions({
  queryKey: KEYS.me,
  queryFn: ({ signal }) => answerOf(http.GET('/v1/me', { signal })),
  staleTime: Infinity,
  retry: false,
});

/** A page of a list, as every list of the API is. */
interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string | null;
}

/** The most that the API gives at once. */
const PAGE_SIZE = 200;

const pagesOf = <Item>(
  key: QueryKey,
  read: (page: { readonly limit: number; readonly pageToken?: string }, signal: AbortSignal) => Promise<Page<Item>>,
) =>
  infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      read({ limit: PAGE_SIZE, ...(pageParam !== null && { pageToken: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
  });

export const connectionsQuery = pagesOf(KEYS.connections, (page, signal) =>
  answerOf(http.GET('/v1/connections', { params: { query: page }, signal })),
);

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEYS.connections, id],
    queryFn: ({ signal }) => answerOf(http.GET('/v1/connections/{id}', { params: { path: { id } }, signal })),
  });

export type NoticeState = Schema['Notice']['state'];

export const noticesQuery = (state: NoticeState, connectionId?: string) =>
  pagesOf([...KEYS.notices, state, connectionId ?? 'all'], (page, signal) =>
    answerOf(
      http.GET('/v1/notices', {
        params: { query: { ...page, state, ...(connectionId !== undefined && { connectionId }) } },
        signal,
      }),
    ),
  );

export const logSourcesQuery = pagesOf(KEYS.logSources, (page, signal) =>
  answerOf(http.GET('/v1/log-sources', { params: { query: page }, signal })),
);

export const organizationsQuery = (search: string) =>
  pagesOf([...KEYS.organizations, search], (page, signal) =>
    answerOf(
      http.GET('/v1/organizations', { params: { query: { ...page, ...(search !== '' && { search }) } }, signal }),
    ),
  );

/** For the count beside Notices: of the first page, and whether there are more. */
export const openNoticesQuery = queryOptions({
  queryKey: [...KEYS.notices, 'count'],
  queryFn: async ({ signal }) => {
    const { items, nextPageToken } = await answerOf(
      http.GET('/v1/notices', { params: { query: { state: 'open', limit: PAGE_SIZE } }, signal }),
    );
    return { count: items.length, more: nextPageToken !== null };
  },
});

export const signInMethodsQuery = queryOptions({
  queryKey: ['sign-in-methods'],
  queryFn: ({ signal }) => answerOf(http.GET('/v1/sign-in-methods', { signal })),
  staleTime: Infinity,
});

export const timelineQuery = (id: string) =>
  pagesOf([...KEYS.connections, id, 'timeline'], (page, signal) =>
    answerOf(http.GET('/v1/connections/{id}/timeline', { params: { path: { id }, query: page }, signal })),
  );

export const sitesQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEYS.connections, id, 'sites'],
    queryFn: ({ signal }) => answerOf(http.GET('/v1/connections/{id}/sites', { params: { path: { id } }, signal })),
  });

/** What a picker offers for what was typed. */
const MOST_OFFERED = 50;

export const organizationOptionsQuery = (search: string) =>
  queryOptions({
    queryKey: [...KEYS.organizations, 'options', search],
    queryFn: async ({ signal }) => {
      const query = { limit: MOST_OFFERED, ...(search !== '' && { search }) };
      return (await answerOf(http.GET('/v1/organizations', { params: { query }, signal }))).items;
    },
  });

/** All of them, page by page: for a file that names any. */
export async function allOrganizations(): Promise<Schema['Organization'][]> {
  const all: Schema['Organization'][] = [];
  let pageToken: string | null = null;
  do {
    const query: { limit: number; pageToken?: string } = { limit: PAGE_SIZE, ...(pageToken !== null && { pageToken }) };
    const page: Page<Schema['Organization']> = await answerOf(http.GET('/v1/organizations', { params: { query } }));
    all.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  return all;
}
