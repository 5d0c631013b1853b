// The people of an account. There is always an admin: nobody could let one in again.
import { Problem } from '../../domain/failures/problem.js';
import type { Reach } from '../../domain/roles.js';
import type { Database } from '../../store/database.js';
import { readOrganizationNames, readOwnAccount, readOwnUser } from '../../store/people/me.repository.js';
import {
  changeMember,
  deleteMember,
  findMember,
  listMembers,
  lockAdmins,
  type Member,
} from '../../store/people/member.repository.js';
import { deleteSignInUser } from '../../store/people/sign-in-user.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import { requireReach } from '../auth/reach.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Principal } from '../http/principal.js';
import type { Actor, Scope } from '../http/request-facts.js';
import type { ChangeUser, Me } from './user.dto.js';

export type UserService = ReturnType<typeof createUserService>;

export function createUserService({ database }: { readonly database: Database }) {
  const asCaller = <T>({ accountId, organizationIds }: Scope, fn: (tenant: Tenant) => Promise<T>) =>
    withTenant(database, accountId, organizationIds, fn);
  return {
    me: (principal: Principal): Promise<Me> =>
      asCaller(principal, async (tenant) => {
        const { kind, id, label, role, organizationIds } = principal;
        const account = await readOwnAccount(tenant);
        const organizations = organizationIds === 'all' ? null : await readOrganizationNames(tenant, organizationIds);
        const person = kind === 'user' ? await readOwnUser(tenant, id) : undefined;
        return { kind, id, name: person?.name ?? label, email: person?.email ?? null, role, account, organizations };
      }),

    async list(principal: Scope, { pageToken, limit }: PageQuery) {
      const key = decodePageToken(pageToken, ['instant', 'uuid']);
      const after = key === null ? null : { createdAt: key[0] ?? '', id: key[1] ?? '' };
      const rows = await asCaller(principal, (tenant) => listMembers(tenant, { after, limit: limit + 1 }));
      return pageOf(rows, limit, ({ createdAt, id }) => [createdAt, id]);
    },

    /** In force with the person's next request. Organizations left out stay, unless the role changes. */
    change: (actor: Actor, id: string, changes: ChangeUser): Promise<Member> =>
      asCaller(actor.principal, async (tenant) => {
        const admins = await lockAdmins(tenant);
        const member = await found(tenant, id);
        const role = changes.role ?? member.role;
        const kept = role === member.role ? member.organizationIds : [];
        const reach = { role, organizationIds: changes.organizationIds ?? kept };
        if (role !== 'admin') requireAnotherAdmin(admins, member.id);
        await requireReach(tenant, reach);
        await changeMember(tenant, id, reach);
        const subject = { type: 'user', id };
        await record(tenant, actor, { action: 'user.changed', subject, before: reachOf(member), after: { ...reach } });
        return found(tenant, id);
      }),

    /** The person, their sessions and their password are gone; they can be invited again. */
    remove: (actor: Actor, id: string): Promise<void> =>
      asCaller(actor.principal, async (tenant) => {
        const admins = await lockAdmins(tenant);
        const member = await found(tenant, id);
        requireAnotherAdmin(admins, member.id);
        await deleteMember(tenant, id);
        await deleteSignInUser(tenant.db, id);
        const before = { email: member.email, ...reachOf(member) };
        await record(tenant, actor, { action: 'user.removed', subject: { type: 'user', id }, before });
      }),
  };
}

const reachOf = ({ role, organizationIds }: Reach) => ({ role, organizationIds });

async function found(tenant: Tenant, id: string): Promise<Member> {
  const member = await findMember(tenant, id);
  if (member === undefined) throw new Problem('not_found', 'there is no such user');
  return member;
}

function requireAnotherAdmin(admins: readonly string[], id: string): void {
  if (admins.length !== 1 || admins[0] !== id) return;
  throw new Problem('last_admin', 'this is the only admin of the account; make somebody else an admin first');
}
