// Speaks to a simulator as a plain HTTP client, so that its tests see what any client would see.
import type { Simulator } from '../../../simulator/server.js';

export interface Row {
  readonly id: string;
  readonly activityUuid: string;
  readonly activityType: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly accountId: string | null;
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly agentId: string | null;
  readonly userId: string | null;
  readonly threatId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Page {
  readonly data: readonly Row[];
  readonly pagination: { readonly totalItems: number; readonly nextCursor: string | null };
}

type Query = Readonly<Record<string, string | number | boolean>>;

export function clientOf(simulator: Simulator, token = simulator.token) {
  const send = (path: string, query: Query = {}, init: RequestInit = {}) => {
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const url = `${simulator.url}/web/api/v2.1${path}?${search.toString()}`;
    return fetch(url, { ...init, headers: { authorization: `ApiToken ${token}` } });
  };
  const get = async <T = { data: never }>(path: string, query: Query = {}): Promise<T> => {
    const response = await send(path, query);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const page = (query: Query = {}) => get<Page>('/activities', query);

  /** Every row of a chain of pages. */
  const all = async (query: Query): Promise<Row[]> => {
    const rows: Row[] = [];
    let cursor: string | null = null;
    do {
      const next: Page = await page({ limit: 1000, ...query, ...(cursor === null ? {} : { cursor }) });
      rows.push(...next.data);
      cursor = next.pagination.nextCursor;
    } while (cursor !== null);
    return rows;
  };
  return { send, get, page, all };
}

/** An order of the control over HTTP. */
export const order = (simulator: Simulator, name: string, body: unknown) =>
  fetch(`${simulator.url}/control/${name}`, { method: 'POST', body: JSON.stringify(body) });
