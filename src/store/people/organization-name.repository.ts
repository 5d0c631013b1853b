// The living organizations of an account by id and name, all at once: what names of sites are compared with.
import type { Tenant } from '../tenant.js';

export function namesOfOrganizations({ accountId, db }: Tenant): Promise<{ id: string; name: string }[]> {
  return db
    .selectFrom('organizations')
    .select(['id', 'name'])
    .where('accountId', '=', accountId)
    .where('deletedAt', 'is', null)
    .orderBy('id')
    .execute();
}
