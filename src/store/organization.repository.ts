// Organizations are soft-deleted. Whoever is about to point at one locks it FOR SHARE and requires that it lives; deleting
// locks it FOR UPDATE, so the two cannot pass each other.
import { sql } from 'kysely';
import type { Tenant } from './tenant.js';

export async function insertOrganization(
  tenant: Tenant,
  organization: { readonly id: string; readonly name: string },
): Promise<void> {
  await tenant.db
    .insertInto('organizations')
    .values({ accountId: tenant.accountId, ...organization })
    .execute();
}

export async function listOrganizations(tenant: Tenant): Promise<{ id: string; name: string }[]> {
  return tenant.db
    .selectFrom('organizations')
    .select(['id', 'name'])
    .where('accountId', '=', tenant.accountId)
    .where('deletedAt', 'is', null)
    .orderBy('name')
    .execute();
}

/** Locks those that live and returns the ids that do not. */
export async function lockLivingOrganizations(tenant: Tenant, ids: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return [];
  const rows = await tenant.db
    .selectFrom('organizations')
    .select('id')
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', sql<string>`any (${wanted}::uuid[])`)
    .where('deletedAt', 'is', null)
    .orderBy('id')
    .forShare()
    .execute();
  const living = new Set(rows.map((row) => row.id));
  return wanted.filter((id) => !living.has(id));
}
