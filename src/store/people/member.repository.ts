// The people of an account and their roles.
import { sql } from 'kysely';
import type { Reach } from '../../domain/roles.js';
import type { CreatedKey } from '../schema/column-types.js';
import type { Tenant } from '../tenant.js';

export interface Member extends Reach {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: string;
}

const organizationIds = sql<string[]>`array(
  select o.id from membership_organizations mo
    join organizations o on o.account_id = mo.account_id and o.id = mo.organization_id
   where mo.account_id = m.account_id and mo.user_id = m.user_id and o.deleted_at is null order by 1)`;

const selectMembers = (tenant: Tenant) =>
  tenant.db
    .selectFrom('memberships as m')
    .innerJoin('authUsers as u', 'u.id', 'm.userId')
    .select(['m.userId as id', 'u.name', 'u.email', 'm.role', 'm.createdAt', organizationIds.as('organizationIds')])
    .where('m.accountId', '=', tenant.accountId);

/** Oldest first, those after `after`. */
export async function listMembers(
  tenant: Tenant,
  page: { readonly after: CreatedKey | null; readonly limit: number },
): Promise<Member[]> {
  let query = selectMembers(tenant).orderBy('m.createdAt').orderBy('m.userId').limit(page.limit);
  if (page.after !== null) {
    const { createdAt, id } = page.after;
    query = query.where(sql<boolean>`(m.created_at, m.user_id) > (${createdAt}::timestamptz, ${id}::uuid)`);
  }
  return query.execute();
}

export const findMember = (tenant: Tenant, userId: string): Promise<Member | undefined> =>
  selectMembers(tenant).where('m.userId', '=', userId).executeTakeFirst();

export const findMemberByEmail = (tenant: Tenant, email: string): Promise<Member | undefined> =>
  selectMembers(tenant).where('u.email', '=', email).executeTakeFirst();

export async function insertMember(tenant: Tenant, userId: string, reach: Reach): Promise<void> {
  const { accountId } = tenant;
  await tenant.db.insertInto('memberships').values({ accountId, userId, role: reach.role }).execute();
  await writeOrganizations(tenant, userId, reach.organizationIds);
}

export async function changeMember(tenant: Tenant, userId: string, reach: Reach): Promise<void> {
  const { accountId } = tenant;
  await tenant.db
    .updateTable('memberships')
    .set({ role: reach.role })
    .where('accountId', '=', accountId)
    .where('userId', '=', userId)
    .execute();
  await tenant.db
    .deleteFrom('membershipOrganizations')
    .where('accountId', '=', accountId)
    .where('userId', '=', userId)
    .execute();
  await writeOrganizations(tenant, userId, reach.organizationIds);
}

export async function deleteMember(tenant: Tenant, userId: string): Promise<void> {
  await tenant.db
    .deleteFrom('memberships')
    .where('accountId', '=', tenant.accountId)
    .where('userId', '=', userId)
    .execute();
}

/** Locks the account's admins, so that of two who remove each other one waits and sees what the other did. */
export async function lockAdmins(tenant: Tenant): Promise<string[]> {
  const rows = await tenant.db
    .selectFrom('memberships')
    .select('userId')
    .where('accountId', '=', tenant.accountId)
    .where('role', '=', 'admin')
    .orderBy('userId')
    .forUpdate()
    .execute();
  return rows.map((row) => row.userId);
}

async function writeOrganizations(tenant: Tenant, userId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = [...new Set(ids)].map((organizationId) => ({ accountId: tenant.accountId, userId, organizationId }));
  await tenant.db.insertInto('membershipOrganizations').values(rows).execute();
}
