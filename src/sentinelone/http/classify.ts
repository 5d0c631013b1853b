// What a reply means: a pure table from status and content type to a failure code. A 401 stays undecided here, because
// a living token gets 401 from some endpoints too; the request function asks `/system/info` and then decides.
// A 200 that passes here may still be refused where its body is read (no JSON, `errors`, wrong shape).
import type { FailureCode } from '../../domain/failures/failures.js';
import { parseRetryAfterMs } from './retry-after.js';

export interface Reply {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  /** The reply's own `Date` header. */
  readonly date: string | null;
  readonly text: string;
}

export type Classification =
  | { readonly kind: 'ok' }
  | { readonly kind: 'unauthorized'; readonly detail: string }
  | {
      readonly kind: 'failed';
      readonly code: FailureCode;
      readonly retryAfterMs: number | null;
      readonly detail: string;
      readonly cursorRejected: boolean;
    };

/** Larger bodies are no error objects; they are not searched for one. */
const MAX_ERROR_BODY_CHARACTERS = 65_536;

export function classify(reply: Reply, sent: { readonly cursor: boolean; readonly nowMs: number }): Classification {
  if (reply.status === 200) return classifySuccess(reply);
  const detail = errorDetail(reply.text);
  if (reply.status === 401) return { kind: 'unauthorized', detail };
  return {
    kind: 'failed',
    code: codeOfStatus(reply.status),
    retryAfterMs: reply.status === 429 ? parseRetryAfterMs(reply.retryAfter, reply.date, sent.nowMs) : null,
    detail: detail === '' && isRedirect(reply.status) ? 'The console answered with a redirect.' : detail,
    cursorRejected: sent.cursor && (reply.status === 400 || reply.status === 404),
  };
}

/** The first `detail`, else `title`, of the documented `{"errors": [...]}`; empty when the body has another shape. */
export function errorDetail(text: string): string {
  if (text.length > MAX_ERROR_BODY_CHARACTERS) return '';
  try {
    return detailOfErrors(JSON.parse(text)) ?? '';
  } catch {
    return '';
  }
}

/** Null when the parsed body has no errors; a 200 can carry them, and then its data is not to be trusted. */
export function detailOfErrors(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('errors' in body)) return null;
  const { errors } = body;
  if (errors === null || errors === undefined || (Array.isArray(errors) && errors.length === 0)) return null;
  const words = (Array.isArray(errors) ? errors : [errors]).flatMap((error: unknown) => wordsOf(error));
  return words[0] ?? 'The reply carries errors.';
}

function classifySuccess(reply: Reply): Classification {
  if (!/\bhtml\b/i.test(reply.contentType ?? '')) return { kind: 'ok' };
  return {
    kind: 'failed',
    code: 's1.bad_response',
    retryAfterMs: null,
    detail: 'The console answered with a web page instead of JSON.',
    cursorRejected: false,
  };
}

function codeOfStatus(status: number): FailureCode {
  if (status === 429) return 's1.rate_limited';
  if (status === 403) return 's1.permission_missing';
  if (status >= 500 || status === 408) return 's1.unavailable';
  // Anything else below 400 is a redirect, which could lead the token elsewhere, or a success nobody documents.
  if (status === 404 || status < 400) return 's1.bad_response';
  return 's1.bad_request';
}

const isRedirect = (status: number) => status >= 300 && status < 400;

function wordsOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { detail, title } = error as { readonly detail?: unknown; readonly title?: unknown };
  return [detail, title].filter((word): word is string => typeof word === 'string' && word !== '');
}
