// The console's API: finds the endpoint, checks the token and its permission, and turns a refusal into its reply.
import { accountsEndpoints } from '../endpoints/accounts.endpoint.js';
import { activitiesEndpoints } from '../endpoints/activities.endpoint.js';
import { agentsEndpoints } from '../endpoints/agents.endpoint.js';
import { type Endpoint, isGranted } from '../endpoints/endpoint.js';
import { settingsEndpoints } from '../endpoints/settings.endpoint.js';
import { sitesEndpoints } from '../endpoints/sites.endpoint.js';
import { systemEndpoints } from '../endpoints/system.endpoint.js';
import { usersEndpoints } from '../endpoints/users.endpoint.js';
import type { ConsoleState } from '../state.js';
import type { ApiToken } from '../world/tokens.js';
import { createRateLimiter } from './rate-limit.js';
import { ApiError, gatewayPage, notAuthenticated, notFound, notPermitted, type Reply } from './reply.js';

export const API_BASE = '/web/api/v2.1';

export interface ApiCall {
  readonly method: string;
  /** Below the API's base. */
  readonly path: string;
  readonly search: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** The token of an Authorization header; the scheme's case does not matter. */
export const tokenTextOf = (authorization: string | undefined): string | null =>
  /^apitoken\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1] ?? null;

export function createApi(state: ConsoleState): (call: ApiCall) => Reply {
  const limiter = createRateLimiter(() => performance.now());
  const endpoints: readonly Endpoint[] = [
    activitiesEndpoints,
    sitesEndpoints,
    accountsEndpoints,
    agentsEndpoints,
    usersEndpoints,
    settingsEndpoints,
    systemEndpoints,
  ].flatMap((of) => of(state));

  const authenticate = (text: string | null): ApiToken => {
    const token = text === null ? undefined : state.tokens.byText(text);
    if (token === undefined || !state.tokens.isAlive(token)) throw notAuthenticated();
    return token;
  };

  const answer = (call: ApiCall, tokenText: string | null): Reply => {
    for (const endpoint of endpoints) {
      const match = endpoint.method === call.method ? endpoint.path.exec(call.path) : null;
      if (match === null) continue;
      const token = endpoint.isPublic === true ? NOBODY : authenticate(tokenText);
      if (endpoint.permission !== undefined && !isGranted(token, endpoint.permission)) throw notPermitted();
      return endpoint.answer({ search: call.search, captures: match.slice(1), body: call.body, token });
    }
    authenticate(tokenText);
    throw notFound();
  };

  return (call) => {
    const tokenText = tokenTextOf(call.authorization);
    if (state.knobs.rateLimit) {
      const waitMs = limiter.take(tokenText ?? 'anonymous', call.path);
      if (waitMs > 0) return tooManyRequests(state, waitMs);
    }
    try {
      return answer(call, tokenText);
    } catch (error) {
      if (error instanceof ApiError) return error.toReply();
      throw error;
    }
  };
}

function tooManyRequests(state: ConsoleState, waitMs: number): Reply {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const headers: Record<string, string> =
    state.knobs.retryAfter === 'seconds'
      ? { 'retry-after': String(seconds) }
      : state.knobs.retryAfter === 'date'
        ? { 'retry-after': new Date(state.clock.nowMs() + seconds * 1000).toUTCString() }
        : {};
  return gatewayPage(429, 'Too Many Requests', headers);
}

/** Stands for the missing token of a public endpoint. */
const NOBODY: ApiToken = {
  token: '',
  user: { id: '', label: 'nobody', roleId: '', scope: 'site', scopeIds: [], granted: new Map(), unlisted: new Set() },
  createdAtMicros: 0,
  expiresAtMicros: 0,
  isRevoked: true,
};
