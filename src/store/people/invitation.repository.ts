// Invitations that nobody has accepted yet. Accepting deletes the row, which is what makes its link good for one time
// only.
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Reach } from '../../domain/roles.js';
import type { CreatedKey } from '../schema/column-types.js';
import type { InvitationsTable } from '../schema/people.js';
import type { Schema } from '../schema/schema.js';
import type { Tenant } from '../tenant.js';

export type Invitation = Omit<Selectable<InvitationsTable>, 'accountId' | 'tokenSha256'> & Reach;

export interface NewInvitation extends Reach {
  readonly id: string;
  readonly email: string;
  readonly tokenSha256: Buffer;
  readonly createdBy: string;
  readonly expiresAt: string;
}

/** Whose invitation a link is, asked before the tenant is known; undefined once it has expired. */
export async function findInvitation(
  db: Kysely<Schema>,
  tokenSha256: Buffer,
): Promise<{ readonly accountId: string; readonly id: string } | undefined> {
  const { rows } = await sql<{ accountId: string; id: string }>`
    select * from find_invitation(${tokenSha256})`.execute(db);
  return rows[0];
}

const organizationIds = sql<string[]>`array(
  select o.id from invitation_organizations io
    join organizations o on o.account_id = io.account_id and o.id = io.organization_id
   where io.account_id = i.account_id and io.invitation_id = i.id and o.deleted_at is null order by 1)`;

const selectInvitations = (tenant: Tenant) =>
  tenant.db
    .selectFrom('invitations as i')
    .select(['i.id', 'i.email', 'i.role', 'i.createdAt', 'i.createdBy', 'i.expiresAt'])
    .select(organizationIds.as('organizationIds'))
    .where('i.accountId', '=', tenant.accountId);

/** Oldest first, those after `after`; expired ones too. */
export async function listInvitations(
  tenant: Tenant,
  page: { readonly after: CreatedKey | null; readonly limit: number },
): Promise<Invitation[]> {
  let query = selectInvitations(tenant).orderBy('i.createdAt').orderBy('i.id').limit(page.limit);
  if (page.after !== null) {
    const { createdAt, id } = page.after;
    query = query.where(sql<boolean>`(i.created_at, i.id) > (${createdAt}::timestamptz, ${id}::uuid)`);
  }
  return query.execute();
}

export const readInvitation = (tenant: Tenant, id: string): Promise<Invitation | undefined> =>
  selectInvitations(tenant).where('i.id', '=', id).executeTakeFirst();

/** In place of an earlier one for the same address, whose link is dead from then on. */
export async function insertInvitation(
  tenant: Tenant,
  { organizationIds: ids, ...invitation }: NewInvitation,
): Promise<void> {
  const { accountId } = tenant;
  const place = `invitation ${accountId} ${invitation.email}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${place}, 0))`.execute(tenant.db); // two at once take turns
  await tenant.db
    .deleteFrom('invitations')
    .where('accountId', '=', accountId)
    .where('email', '=', invitation.email)
    .execute();
  await tenant.db
    .insertInto('invitations')
    .values({ accountId, ...invitation })
    .execute();
  if (ids.length === 0) return;
  const rows = [...new Set(ids)].map((organizationId) => ({ accountId, invitationId: invitation.id, organizationId }));
  await tenant.db.insertInto('invitationOrganizations').values(rows).execute();
}

/** False when it is gone: accepted, withdrawn or replaced by somebody who was faster. */
export async function deleteInvitation(tenant: Tenant, id: string): Promise<boolean> {
  const { numDeletedRows } = await tenant.db
    .deleteFrom('invitations')
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}
