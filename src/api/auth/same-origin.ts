// Against cross-site request forgery: a browser sends the session cookie along whoever made it send a request, but it
// also says, in headers that no page can set, from where. Scripts use API keys, which no browser sends by itself.
import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../../domain/failures/problem.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A page on this machine may be opened by either name; elsewhere there is one. */
export function trustedOrigins(publicUrl: URL): readonly string[] {
  if (!isLoopback(publicUrl)) return [publicUrl.origin];
  return ['127.0.0.1', 'localhost'].map((hostname) => Object.assign(new URL(publicUrl), { hostname }).origin);
}

export const isLoopback = (url: URL): boolean => ['127.0.0.1', 'localhost'].includes(url.hostname);

/** Throws `csrf_refused` for a request that changes something and does not say that it comes from our own pages. */
export function requireSameOrigin(
  request: { readonly method: string; readonly headers: IncomingHttpHeaders },
  trusted: readonly string[],
): void {
  if (SAFE_METHODS.has(request.method)) return;
  const { origin } = request.headers;
  const isOurs = origin === undefined ? request.headers['sec-fetch-site'] === 'same-origin' : trusted.includes(origin);
  if (isOurs) return;
  throw new Problem(
    'csrf_refused',
    `a signed-in request must come from ${trusted.join(' or ')} and say so in its Origin header; scripts use an API key`,
  );
}
