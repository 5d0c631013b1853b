// What Better Auth refuses, as a problem document.
import { Problem } from '../../domain/failures/problem.js';
import type { RequestProblem } from '../../domain/failures/request-problems.js';
import { documentOf } from '../http/problem-document.js';

const BY_CODE: Readonly<Record<string, RequestProblem>> = {
  BAD_REQUEST: 'malformed_request', // this code is given to a body that is no JSON, and to nothing else
  INVALID_ORIGIN: 'csrf_refused',
  MISSING_OR_NULL_ORIGIN: 'csrf_refused',
  CROSS_SITE_NAVIGATION_LOGIN_BLOCKED: 'csrf_refused',
};

const BY_STATUS: Readonly<Record<number, RequestProblem>> = {
  400: 'invalid_input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  415: 'unsupported_media_type',
  422: 'invalid_input',
  429: 'rate_limited',
};

/** Replies that refuse nothing pass as they are, and so do redirects. */
export async function asProblem(reply: Response, requestId: string): Promise<Response> {
  if (reply.status < 400) return reply;
  const { code = '', message } = await refusalOf(reply);
  const problem = BY_CODE[code] ?? BY_STATUS[reply.status] ?? 'internal';
  const document = documentOf(new Problem(problem, message ?? 'this was refused'), requestId);
  const headers = new Headers(reply.headers);
  headers.delete('content-length');
  headers.set('content-type', 'application/problem+json');
  const retryAfter = headers.get('x-retry-after');
  headers.delete('x-retry-after');
  if (retryAfter !== null) headers.set('retry-after', retryAfter);
  return new Response(JSON.stringify(document), { status: document.status, headers });
}

async function refusalOf(reply: Response): Promise<{ code?: string; message?: string }> {
  try {
    return (await reply.json()) ?? {};
  } catch {
    return {};
  }
}
