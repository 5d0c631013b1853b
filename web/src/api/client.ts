// The one client of the HTTP API; its types are made from openapi.json.
import createClient from 'openapi-fetch';
import { ApiError, problemOf } from './problem.js';
import type { components, paths } from './schema.js';

export type Schema = components['schemas'];

export const http = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * What a request was answered. Throws `ApiError` for a problem, and for an api that cannot be reached; a 204 is
 * `undefined`.
 */
export async function answerOf<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  const answer = await request.catch((error: unknown) => {
    throw new ApiError({ kind: 'unreachable' }, { cause: error });
  });
  if (!answer.response.ok) throw new ApiError(problemOf(answer.response.status, answer.error));
  return answer.data as Data;
}
