// Problems as RFC 9457 documents: one table from code to status. `type` points to the code's place in the
// documentation.
import type { Response } from 'express';
import { z } from 'zod';
import { type FailureCode, isFailureCode } from '../../domain/failures/failures.js';
import { type Problem, type ProblemCode, REQUEST_PROBLEMS } from '../../domain/failures/problem.js';
import { requestIdOf } from './request-facts.js';

/** What is not listed is 422: SentinelOne or the connection's rules refused what was asked. */
const FAILURE_STATUS: Partial<Record<FailureCode, number>> = {
  illegal_state: 409,
  mapping_conflict: 409,
  connection_gone: 409,
  command_expired: 503,
  'store.unavailable': 503,
  'store.conflict': 503,
  'checkpoint.conflict': 503,
};

export const statusOf = (code: ProblemCode): number =>
  isFailureCode(code) ? (FAILURE_STATUS[code] ?? 422) : REQUEST_PROBLEMS[code];

export const problemDocument = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document; `code` is stable, `detail` is for people.' });

export type ProblemDocument = z.output<typeof problemDocument>;

export function documentOf(problem: Problem, requestId: string): ProblemDocument {
  const status = statusOf(problem.code);
  return {
    type: `/docs/problems#${problem.code}`,
    title: problem.code.replaceAll(/[._]/g, ' '),
    status,
    detail: problem.message,
    code: problem.code,
    requestId,
    ...problem.extra,
  };
}

/** As the reply to a request. */
export function sendProblem(response: Response, problem: Problem): void {
  const document = documentOf(problem, requestIdOf(response));
  // A page's own requests say how they were made; asked like this, a browser would show its own dialog over the page.
  const isFromPage = response.req.get('sec-fetch-site') !== undefined;
  if (document.status === 401 && !isFromPage)
    response.setHeader('www-authenticate', 'Basic realm="sentinelone-log-source"');
  const { retryAfterSeconds } = problem.extra;
  if (typeof retryAfterSeconds === 'number') response.setHeader('retry-after', retryAfterSeconds);
  response.status(document.status).type('application/problem+json').send(JSON.stringify(document));
}
