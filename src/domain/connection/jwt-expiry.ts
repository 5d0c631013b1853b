// The expiry that a token in JWT form carries. SentinelOne promises nothing about it, so it serves for words only:
// whether a token works is the console's to say.
import { MICROS_PER_SECOND } from '../instant.js';

/** The year 2255, up to which microseconds are exact: whatever says more is no date. */
const LATEST = 9_000_000_000;

/** Microseconds since 1970, or null when the token is no JWT or says nothing. The signature is not checked. */
export function expiryOfJwt(token: string): number | null {
  const payload = /^eyJ[\w-]*\.([\w-]+)\.[\w-]*$/.exec(token)?.[1];
  if (payload === undefined) return null;
  try {
    const { exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { exp?: unknown };
    return typeof exp === 'number' && Number.isInteger(exp) && exp > 0 && exp < LATEST ? exp * MICROS_PER_SECOND : null;
  } catch {
    return null;
  }
}
