// Lists that fit in memory (sites, accounts, agents), read to their end, row by row. Activities are not read this way:
// they are stored page by page.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EndpointName } from '../endpoints.js';
import type { QueryValue, Send } from '../http/request.js';
import { PAGE_LIMIT } from './activity-query.js';
import { badResponse, readEnvelope } from './envelope.js';
import type { RowReader } from './readable-rows.js';

/** A million rows: more than any of these lists holds, so a chain that gets there goes in circles. */
const MAX_PAGES = 1000;
/** Of text, page after page: some 100,000 sites, and little enough for a worker. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

export interface ListCall<T> {
  readonly endpoint: EndpointName;
  readonly query: Readonly<Record<string, QueryValue | undefined>>;
  readonly row: z.ZodType<T>;
  /** The rows of a reply's `data`; left out, `data` is the list itself. */
  readonly rowsOf?: z.ZodType<unknown[]>;
}

const plainRows = z.array(z.unknown());

/** Throws `s1.bad_response` when the list leads nowhere: to a page that was read already, or to ever more pages. */
export async function readWholeList<T>(send: Send, reader: RowReader, call: ListCall<T>): Promise<T[]> {
  const { endpoint, query, row, rowsOf = plainRows } = call;
  const items: T[] = [];
  const seen = new Set<string>();
  let cursor: string | null = null;
  let bytes = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await send({
      endpoint,
      query: { ...query, limit: PAGE_LIMIT, ...(cursor === null ? {} : { cursor }) },
    });
    const { data, nextCursor } = readEnvelope(endpoint, reply.text, rowsOf);
    items.push(...reader.read(endpoint, row, data));
    if (nextCursor === null) return items;
    const place = createHash('sha1').update(reply.bytes).digest('base64');
    bytes += reply.bytes.length;
    if (seen.has(place)) throw badResponse(endpoint, 'The list leads back to a page that was read already.');
    if (bytes > MAX_LIST_BYTES) throw badResponse(endpoint, 'The list is larger than any list of its kind.');
    seen.add(place);
    cursor = nextCursor;
  }
  throw badResponse(endpoint, 'The list has no end.');
}
