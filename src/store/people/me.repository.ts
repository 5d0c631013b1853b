// What somebody is told about their own place: read under their own scope.
import { sql } from 'kysely';
import type { Tenant } from '../tenant.js';

export interface NamedRow {
  readonly id: string;
  readonly name: string;
}

export const readOwnAccount = (tenant: Tenant): Promise<NamedRow & { readonly timeZone: string }> =>
  tenant.db
    .selectFrom('accounts')
    .select(['id', 'name', 'timeZone'])
    .where('id', '=', tenant.accountId)
    .executeTakeFirstOrThrow();

/** Those of `ids` that live, by name. */
export const readOrganizationNames = (tenant: Tenant, ids: readonly string[]): Promise<NamedRow[]> =>
  tenant.db
    .selectFrom('organizations')
    .select(['id', 'name'])
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', sql<string>`any (${[...ids]}::uuid[])`)
    .where('deletedAt', 'is', null)
    .orderBy('name')
    .execute();

export const readOwnUser = (tenant: Tenant, id: string): Promise<{ name: string; email: string } | undefined> =>
  tenant.db.selectFrom('authUsers').select(['name', 'email']).where('id', '=', id).executeTakeFirst();
