// The envelope that every reply has: `{data, pagination: {totalItems, nextCursor}, errors}`. Whatever does not fit is
// `s1.bad_response`, with the place that did not fit as its detail and never a value from the body.
import { z } from 'zod';
import { parseLosslessJson } from '../../domain/json/lossless-json.js';
import type { EndpointName } from '../endpoints.js';
import { detailOfErrors } from '../http/classify.js';
import { SentinelOneError, type SentinelOneFailure } from '../sentinelone-error.js';

/** The end is JSON null, but a missing field, an empty string and the word `null` are read the same way. */
const nextCursor = z
  .string()
  .nullish()
  .transform((cursor) => (cursor ? decodedCursor(cursor) : null));

export const pagination = z
  .object({ nextCursor, totalItems: z.number().int().nonnegative().nullish() })
  .nullish()
  .transform((value) => ({ nextCursor: value?.nextCursor ?? null, totalItems: value?.totalItems ?? null }));

export interface Envelope<T> {
  readonly data: T;
  readonly nextCursor: string | null;
  readonly totalItems: number | null;
}

/** Reads a 200's body. Throws `s1.bad_response` when it is no JSON, carries errors, or has another shape. */
export function readEnvelope<T>(endpoint: EndpointName, body: string, data: z.ZodType<T>): Envelope<T> {
  const parsed = parseBody(endpoint, body);
  refuseErrors(endpoint, parsed);
  const result = z.object({ data, pagination }).safeParse(parsed);
  if (!result.success) throw badResponse(endpoint, placeOf(result.error));
  return { data: result.data.data, ...result.data.pagination };
}

export function parseBody(endpoint: EndpointName, body: string): unknown {
  try {
    return parseLosslessJson(body);
  } catch {
    // The parser's own message quotes the body.
    throw badResponse(endpoint, 'The reply is no JSON.');
  }
}

export function refuseErrors(endpoint: EndpointName, parsed: unknown): void {
  const detail = detailOfErrors(parsed);
  if (detail !== null) throw badResponse(endpoint, detail);
}

export const badResponse = (
  endpoint: EndpointName,
  detail: string,
  more: Pick<SentinelOneFailure, 'cursorRejected'> = {},
) => new SentinelOneError({ code: 's1.bad_response', endpoint, status: 200, detail, ...more });

/** `data.sites.3.name: Invalid input: expected string, received number` */
export function placeOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'The reply has another shape.' : `${issue.path.join('.')}: ${issue.message}`;
}

/** Some consoles send the cursor percent-encoded; it is encoded exactly once when it is sent back. */
function decodedCursor(cursor: string): string | null {
  if (cursor === 'null') return null;
  if (!/%3d/i.test(cursor)) return cursor;
  try {
    return decodeURIComponent(cursor);
  } catch {
    return cursor;
  }
}
