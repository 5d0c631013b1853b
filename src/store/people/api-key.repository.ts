// API keys. The secret's hash is read by `findApiKey` alone, which runs before the tenant is known.
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Reach } from '../../domain/roles.js';
import type { CreatedKey } from '../schema/column-types.js';
import type { ApiKeysTable } from '../schema/people.js';
import type { Schema } from '../schema/schema.js';
import type { Tenant } from '../tenant.js';

export type ApiKey = Omit<Selectable<ApiKeysTable>, 'accountId' | 'secretSha256'> & Reach;

export interface NewApiKey extends Reach {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly secretSha256: Buffer;
  readonly createdBy: string;
  readonly expiresAt: string | null;
}

export interface PresentedApiKey extends Reach {
  readonly accountId: string;
  readonly id: string;
  readonly name: string;
  readonly secretSha256: Buffer;
  /** Neither revoked nor expired. */
  readonly isUsable: boolean;
  /** Its last use was noted more than a minute ago. */
  readonly isUseToBeNoted: boolean;
}

export async function findApiKey(db: Kysely<Schema>, key: string): Promise<PresentedApiKey | undefined> {
  const { rows } = await sql<PresentedApiKey>`select * from find_api_key(${key})`.execute(db);
  return rows[0];
}

const organizationIds = sql<string[]>`array(
  select o.id from api_key_organizations ko
    join organizations o on o.account_id = ko.account_id and o.id = ko.organization_id
   where ko.account_id = k.account_id and ko.api_key_id = k.id and o.deleted_at is null order by 1)`;

const selectApiKeys = (tenant: Tenant) =>
  tenant.db
    .selectFrom('apiKeys as k')
    .select(['k.id', 'k.key', 'k.name', 'k.role', 'k.createdAt', 'k.createdBy'])
    .select(['k.expiresAt', 'k.lastUsedAt', 'k.revokedAt', organizationIds.as('organizationIds')])
    .where('k.accountId', '=', tenant.accountId);

/** Oldest first, those after `after`; revoked ones too. */
export async function listApiKeys(
  tenant: Tenant,
  page: { readonly after: CreatedKey | null; readonly limit: number },
): Promise<ApiKey[]> {
  let query = selectApiKeys(tenant).orderBy('k.createdAt').orderBy('k.id').limit(page.limit);
  if (page.after !== null) {
    const { createdAt, id } = page.after;
    query = query.where(sql<boolean>`(k.created_at, k.id) > (${createdAt}::timestamptz, ${id}::uuid)`);
  }
  return query.execute();
}

export const readApiKey = (tenant: Tenant, id: string): Promise<ApiKey | undefined> =>
  selectApiKeys(tenant).where('k.id', '=', id).executeTakeFirst();

export async function insertApiKey(tenant: Tenant, { organizationIds: ids, ...apiKey }: NewApiKey): Promise<void> {
  const { accountId } = tenant;
  await tenant.db
    .insertInto('apiKeys')
    .values({ accountId, ...apiKey })
    .execute();
  if (ids.length === 0) return;
  const rows = [...new Set(ids)].map((organizationId) => ({ accountId, apiKeyId: apiKey.id, organizationId }));
  await tenant.db.insertInto('apiKeyOrganizations').values(rows).execute();
}

/** Twice is harmless: the first time counts. */
export async function revokeApiKey(tenant: Tenant, id: string): Promise<void> {
  await tenant.db
    .updateTable('apiKeys')
    .set({ revokedAt: sql`coalesce(revoked_at, now())` })
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', id)
    .execute();
}

/** Of many at once the first writes and the others find it done, so that a busy key is one write a minute. */
export async function noteApiKeyUse(tenant: Tenant, id: string): Promise<void> {
  await tenant.db
    .updateTable('apiKeys')
    .set({ lastUsedAt: sql`now()` })
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', id)
    .where(sql<boolean>`(last_used_at is null or last_used_at <= now() - interval '1 minute')`)
    .execute();
}
