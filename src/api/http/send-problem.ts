// A problem as the reply to a request.
import type { Response } from 'express';
import type { Problem } from '../../domain/failures/problem.js';
import { documentOf } from './problem-document.js';
import { requestIdOf } from './request-id.js';

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
