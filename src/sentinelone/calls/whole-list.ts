// Lists that fit in memory (sites, accounts, agents), read to their end. Activities are not read this way: they are
// stored page by page.
import type { z } from 'zod';
import type { EndpointName } from '../endpoints.js';
import type { QueryValue, Send } from '../http/request.js';
import { PAGE_LIMIT } from './activity-query.js';
import { badResponse, readEnvelope } from './envelope.js';

/** A million rows: more than any of these lists holds, so a chain that gets there goes in circles. */
const MAX_PAGES = 1000;

export interface ListCall<T> {
  readonly endpoint: EndpointName;
  readonly query: Readonly<Record<string, QueryValue | undefined>>;
  readonly data: z.ZodType<T[]>;
}

export async function readWholeList<T>(send: Send, { endpoint, query, data }: ListCall<T>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await send({
      endpoint,
      query: { ...query, limit: PAGE_LIMIT, ...(cursor === null ? {} : { cursor }) },
    });
    const envelope = readEnvelope(endpoint, reply.text, data);
    items.push(...envelope.data);
    if (envelope.nextCursor === null) return items;
    cursor = envelope.nextCursor;
  }
  throw badResponse(endpoint, 'The list has no end.');
}
