// What signing in leaves in the audit log: sessions that begin and end by somebody's doing, changed passwords, and
// identities linked at the OpenID provider. Written after the library's own change, because it has transactions of its
// own.
import type { AuditEntry } from '../../domain/audit.js';
import type { Database } from '../../store/database.js';
import { findMembership, findSignInEmail } from '../../store/people/sign-in-user.repository.js';
import { withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import { type RequestFacts, userAgentOf } from '../http/request-facts.js';

/** Set by our own middleware for each request, in place of what a client may have sent. */
export const CLIENT_ADDRESS_HEADER = 'x-sign-in-client-address';
export const REQUEST_ID_HEADER = 'x-sign-in-request-id';

/** As much of the library's endpoint as is asked here; null when nobody's request caused it. */
type Cause = { readonly path?: string; readonly headers?: Headers | undefined } | null;

type Happening = Pick<AuditEntry, 'action' | 'after'>;

const BY_NEW_SESSION: Readonly<Record<string, Happening>> = {
  '/sign-in/email': { action: 'user.signed_in', after: { method: 'password' } },
  '/callback/:id': { action: 'user.signed_in', after: { method: 'oidc' } },
  // Whoever changes a password gets a new session in place of all others.
  '/change-password': { action: 'user.password_changed' },
};

export function createSignInAudit(database: Database) {
  async function note(userId: string, cause: Cause, happening: Happening): Promise<void> {
    const membership = await findMembership(database.kysely, userId);
    const label = await findSignInEmail(database.kysely, userId);
    if (membership === undefined || label === undefined) return; // removed in this very moment: no account to tell
    const author = { kind: 'user' as const, id: userId, label };
    const authorship = { principal: author, facts: factsOf(cause?.headers) };
    const entry = { ...happening, subject: { type: 'user', id: userId } };
    await withTenant(database, membership.accountId, 'all', (tenant) => record(tenant, authorship, entry));
  }
  return {
    sessionMade: async ({ userId }: { readonly userId: string }, cause: Cause): Promise<void> => {
      const happening = BY_NEW_SESSION[cause?.path ?? ''];
      if (happening !== undefined) await note(userId, cause, happening);
    },

    /** Sessions also end by themselves, which nobody has done. */
    sessionEnded: async ({ userId }: { readonly userId: string }, cause: Cause): Promise<void> => {
      if (cause?.path === '/sign-out') await note(userId, cause, { action: 'user.signed_out' });
    },

    identityLinked: async (
      { userId, providerId }: { readonly userId: string; readonly providerId: string },
      cause: Cause,
    ): Promise<void> => {
      await note(userId, cause, { action: 'user.identity_linked', after: { provider: providerId } });
    },
  };
}

const factsOf = (headers: Headers | undefined): RequestFacts => ({
  ip: headers?.get(CLIENT_ADDRESS_HEADER) || null,
  userAgent: userAgentOf(headers?.get('user-agent')),
  requestId: headers?.get(REQUEST_ID_HEADER) || null,
});
