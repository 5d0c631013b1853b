// Who is calling: an API key in the Authorization header, or a session cookie. What each of them may do is looked up in
// this very request, so a role that was taken away, a key that was revoked and a user who was removed end at once.
import { isAPIError } from 'better-auth/api';
import { fromNodeHeaders } from 'better-auth/node';
import type { Request } from 'express';
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { Problem } from '../../domain/failures/problem.js';
import type { Role } from '../../domain/roles.js';
import type { Database } from '../../store/database.js';
import { findApiKey, noteApiKeyUse } from '../../store/people/api-key.repository.js';
import { findMembership } from '../../store/people/sign-in-user.repository.js';
import { type OrganizationScope, withTenant } from '../../store/tenant.js';
import type { Authenticator, Principal } from '../http/principal.js';
import type { SignIn } from '../sign-in/sign-in.js';
import { parseBasicCredentials } from './basic-credentials.js';
import { requireSameOrigin, trustedOrigins } from './same-origin.js';
import { isSecretOf } from './secrets.js';

export interface AuthenticatorParts {
  readonly database: Database;
  readonly signIn: SignIn;
  readonly publicUrl: URL;
}

export function createAuthenticator({ database, signIn, publicUrl }: AuthenticatorParts): Authenticator {
  const trusted = trustedOrigins(publicUrl);
  return {
    async authenticate(request) {
      const { authorization, cookie } = request.headers;
      // A header that no browser sends by itself needs no look at where the request comes from.
      if (authorization !== undefined) return apiKeyPrincipal(database, authorization);
      if (cookie === undefined) return null;
      const principal = await sessionPrincipal(database, signIn, request);
      if (principal !== null) requireSameOrigin(request, trusted);
      return principal;
    },
  };
}

/** One answer for a wrong secret and for a key that is unknown, revoked or expired. */
const refused = () => new Problem('unauthenticated', 'this API key is not valid');

async function apiKeyPrincipal(database: Database, authorization: string): Promise<Principal> {
  const presented = parseBasicCredentials(authorization);
  if (presented === null) throw new Problem('unauthenticated', 'send an API key as HTTP Basic key:secret');
  const known = await findApiKey(database.kysely, presented.key);
  if (!isSecretOf(presented.secret, known?.secretSha256) || known?.isUsable !== true) throw refused();
  const { accountId, id, name, role, organizationIds } = known;
  if (known.isUseToBeNoted) await withTenant(database, accountId, 'all', (tenant) => noteApiKeyUse(tenant, id));
  return { kind: 'api_key', id, label: name, accountId, role, organizationIds: scopeOf(role, organizationIds) };
}

async function sessionPrincipal(database: Database, signIn: SignIn, request: Request): Promise<Principal | null> {
  const found = await readSession(signIn, request);
  if (found === null) return null;
  const { id, email } = found.user;
  const membership = await findMembership(database.kysely, id);
  if (membership === undefined) return null;
  const { accountId, role, organizationIds } = membership;
  return { kind: 'user', id, label: email, accountId, role, organizationIds: scopeOf(role, organizationIds) };
}

/** Not prolonged here: `GET /v1/auth/get-session` does that, and sets the cookie anew with it. */
async function readSession(signIn: SignIn, request: Request) {
  try {
    const headers = fromNodeHeaders(request.headers);
    return await signIn.api.getSession({ headers, query: { disableRefresh: true } });
  } catch (error) {
    if (!isAPIError(error)) throw error;
    if (error.statusCode < 500) return null;
    // All that it does is to read the database.
    throw new Problem('store.unavailable', refusalSentence('store.unavailable'), { cause: error });
  }
}

const scopeOf = (role: Role, organizationIds: readonly string[]): OrganizationScope =>
  role === 'org_user' ? organizationIds : 'all';
