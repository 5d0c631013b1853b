// Invitations: a link that an admin hands over, good for one person and a week. No mail is sent. Whoever accepts
// chooses name and password; the address was named by the admin, so it is not asked for again.
import { randomUUID } from 'node:crypto';
import { Problem } from '../../domain/failures/problem.js';
import type { Database } from '../../store/database.js';
import {
  deleteInvitation,
  findInvitation,
  insertInvitation,
  type Invitation,
  listInvitations,
  readInvitation,
} from '../../store/people/invitation.repository.js';
import { findMemberByEmail, insertMember } from '../../store/people/member.repository.js';
import { insertSignInUser } from '../../store/people/sign-in-user.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import { clientAddress } from '../auth/client-address.js';
import { requireReach } from '../auth/reach.js';
import { hashPassword, hashSecret, makeSecret } from '../auth/secrets.js';
import { createThrottle, INVITATIONS_PER_ADDRESS, throttleKey } from '../auth/throttle.js';
import { createOnce } from '../http/idempotency.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Actor, RequestFacts, Scope } from '../http/request-facts.js';
import type { AcceptInvitation, CreateInvitation } from './invitation.dto.js';

const VALID_MS = 7 * 86_400_000;

export type InvitationService = ReturnType<typeof createInvitationService>;

export function createInvitationService(deps: { readonly database: Database; readonly publicUrl: URL }) {
  const { database, publicUrl } = deps;
  const throttle = createThrottle(database);
  return {
    async list({ accountId, organizationIds }: Scope, { pageToken, limit }: PageQuery) {
      const key = decodePageToken(pageToken, ['instant', 'uuid']);
      const after = key === null ? null : { createdAt: key[0] ?? '', id: key[1] ?? '' };
      const rows = await withTenant(database, accountId, organizationIds, (tenant) =>
        listInvitations(tenant, { after, limit: limit + 1 }),
      );
      return pageOf(rows, limit, ({ createdAt, id }) => [createdAt, id]);
    },

    /** Replaces an earlier one for the same address, whose link is dead from then on. */
    async create(actor: Actor, wanted: CreateInvitation, idempotencyKey?: string) {
      const { principal } = actor;
      const token = makeSecret();
      const expiresAt = new Date(Date.now() + VALID_MS).toISOString();
      const invitation = { id: randomUUID(), createdBy: principal.label, expiresAt, ...wanted };
      return withTenant(database, principal.accountId, principal.organizationIds, async (tenant) => {
        const creation = {
          route: 'POST /v1/invitations',
          key: idempotencyKey,
          body: wanted,
          resourceId: invitation.id,
        };
        const { resourceId, repeated } = await createOnce(tenant, creation, async () => {
          await requireReach(tenant, wanted);
          if ((await findMemberByEmail(tenant, wanted.email)) !== undefined) {
            throw new Problem(
              'already_member',
              `${wanted.email} belongs to the account already; change the role there`,
            );
          }
          await insertInvitation(tenant, { ...invitation, tokenSha256: hashSecret(token) });
          const subject = { type: 'invitation', id: invitation.id };
          await record(tenant, actor, { action: 'invitation.created', subject, after: { ...wanted } });
        });
        const link = repeated ? null : new URL(`/invitations/${token}`, publicUrl).href;
        return { ...(await found(tenant, resourceId)), link };
      });
    },

    async withdraw(actor: Actor, id: string): Promise<void> {
      const { accountId, organizationIds } = actor.principal;
      await withTenant(database, accountId, organizationIds, async (tenant) => {
        const { email, role } = await found(tenant, id);
        await deleteInvitation(tenant, id);
        const subject = { type: 'invitation', id };
        await record(tenant, actor, { action: 'invitation.withdrawn', subject, before: { email, role } });
      });
    },

    /**
     * Without credentials: the token is the credential. One answer for a token that is of no use, whatever the reason.
     */
    async accept(token: string, person: AcceptInvitation, facts: RequestFacts): Promise<{ readonly email: string }> {
      const address = clientAddress(facts.ip ?? undefined);
      await throttle.consume(throttleKey.invitation(address), INVITATIONS_PER_ADDRESS);
      const place = await findInvitation(database.kysely, hashSecret(token));
      if (place === undefined) throw gone();
      // Before the transaction, because it takes a tenth of a second; after the look-up, so that a guess does not cost
      // it.
      const passwordHash = await hashPassword(person.password);
      return withTenant(database, place.accountId, 'all', async (tenant) => {
        const invitation = await readInvitation(tenant, place.id);
        if (invitation === undefined || !(await deleteInvitation(tenant, place.id))) throw gone();
        const { email, role, organizationIds } = invitation;
        // Whoever holds the link need not own the address: an admin may invite any, and accept it himself.
        const user = { name: person.name, email, passwordHash, emailVerified: false };
        const userId = await insertSignInUser(tenant.db, user);
        // Not said by itself: it would tell any admin who signs in to other accounts.
        if (userId === undefined) throw gone();
        await insertMember(tenant, userId, { role, organizationIds });
        const author = { kind: 'user' as const, id: userId, label: email };
        const subject = { type: 'user', id: userId };
        const after = { email, role, organizationIds };
        await record(tenant, { principal: author, facts }, { action: 'invitation.accepted', subject, after });
        return { email };
      });
    },
  };
}

const gone = () =>
  new Problem(
    'not_found',
    'this invitation cannot be used: it was used or withdrawn, it is too old, or its address cannot be invited; ask for a ' +
      'new one, or for one to another address',
  );

async function found(tenant: Tenant, id: string): Promise<Invitation> {
  const invitation = await readInvitation(tenant, id);
  if (invitation === undefined) throw new Problem('not_found', 'there is no such invitation');
  return invitation;
}
