// Lists are `{items, nextPageToken}`. A page token is opaque: the key of the last item, so that a page stays right
// while rows come and go.
import { z } from 'zod';
import { Problem } from '../../domain/failures/problem.js';
import { parseInstant } from '../../domain/instant.js';
import { isUuid } from '../../domain/uuid.js';

export const pageQuery = z.object({
  pageToken: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type PageQuery = z.output<typeof pageQuery>;

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextPageToken: z.string().nullable() });

export const encodePageToken = (key: readonly string[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/** What a part of a page's key is. A made-up token must not reach PostgreSQL as an instant that is none. */
const KINDS = {
  text: (part: string) => part.isWellFormed() && !part.includes('\0'),
  uuid: isUuid,
  instant: (part: string) => parseInstant(part) !== null,
  integer: (part: string) => /^\d{1,15}$/.test(part),
};
export type KeyPart = keyof typeof KINDS;

/**
 * Throws `invalid_input` for anything that `encodePageToken` did not make of such parts; a number means so many texts.
 */
export function decodePageToken(token: string | undefined, parts: number | readonly KeyPart[]): string[] | null {
  if (token === undefined) return null;
  const kinds = typeof parts === 'number' ? Array<KeyPart>(parts).fill('text') : parts;
  const key = parse(token);
  if (key?.length === kinds.length && kinds.every((kind, index) => KINDS[kind](key[index] ?? ''))) return key;
  throw new Problem('invalid_input', 'pageToken: use the nextPageToken of the page before');
}

/** `rows` holds one more than `limit` when there is another page. */
export function pageOf<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => readonly string[]) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextPageToken: rows.length > limit && last !== undefined ? encodePageToken(keyOf(last)) : null };
}

function parse(token: string): string[] | undefined {
  try {
    return z.array(z.string()).parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
  } catch {
    return undefined;
  }
}
