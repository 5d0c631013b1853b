// Organizations are soft-deleted. Whoever is about to point at one locks it FOR SHARE and requires that it lives;
// deleting locks it FOR UPDATE, so the two cannot pass each other.
import { sql } from 'kysely';
import { GONE } from '../../domain/connection/connection-state.js';
import type { Tenant } from '../tenant.js';

export interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly externalKey: string | null;
  readonly createdAt: string;
  /** Sites of connections that live, as far as the tenant may see connections at all. */
  readonly mappedSites: number;
}

export interface NewOrganization {
  readonly id: string;
  readonly name: string;
  readonly externalKey?: string | null;
}

export async function insertOrganization(tenant: Tenant, organization: NewOrganization): Promise<void> {
  await insertOrganizations(tenant, [organization]);
}

// A statement takes 65,535 parameters.
const ROWS_A_STATEMENT = 5_000;

export async function insertOrganizations(tenant: Tenant, organizations: readonly NewOrganization[]): Promise<void> {
  for (let first = 0; first < organizations.length; first += ROWS_A_STATEMENT) {
    const rows = organizations.slice(first, first + ROWS_A_STATEMENT);
    await tenant.db
      .insertInto('organizations')
      .values(rows.map((row) => ({ accountId: tenant.accountId, ...row })))
      .execute();
  }
}

const LIVE_CONNECTION = sql<boolean>`connections.state not in (${sql.join(GONE)})`;

const living = (tenant: Tenant) =>
  tenant.db
    .selectFrom('organizations')
    .select(['id', 'name', 'externalKey', 'createdAt'])
    .select((eb) => {
      const mapped = eb
        .selectFrom('siteMappings')
        .innerJoin('connections', (join) =>
          join
            .onRef('connections.accountId', '=', 'siteMappings.accountId')
            .onRef('connections.id', '=', 'siteMappings.connectionId'),
        )
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .whereRef('siteMappings.accountId', '=', 'organizations.accountId')
        .whereRef('siteMappings.organizationId', '=', 'organizations.id')
        .where(LIVE_CONNECTION);
      return eb.fn.coalesce(mapped, sql<number>`0`).as('mappedSites');
    })
    .where('organizations.accountId', '=', tenant.accountId)
    .where('organizations.deletedAt', 'is', null);

export interface OrganizationPlace {
  readonly name: string;
  readonly id: string;
}

/** By name, after `place` when there is one; `search` finds it anywhere in the name. */
export function listOrganizations(
  tenant: Tenant,
  page: {
    readonly search?: string | undefined;
    readonly place?: OrganizationPlace | null;
    readonly limit?: number;
  } = {},
): Promise<OrganizationRow[]> {
  const { search, place = null, limit } = page;
  const pattern = `%${(search ?? '').replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return living(tenant)
    .$if(search !== undefined, (query) => query.where('name', 'ilike', pattern))
    .$if(place !== null, (query) => query.where(sql<boolean>`(name, id) > (${place?.name}, ${place?.id}::uuid)`))
    .orderBy('name')
    .orderBy('id')
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
}

export const findOrganization = (tenant: Tenant, id: string): Promise<OrganizationRow | undefined> =>
  living(tenant).where('id', '=', id).executeTakeFirst();

/** Locks it against every other change of it and against being mapped; undefined when it does not live. */
export function lockOrganization(
  tenant: Tenant,
  id: string,
): Promise<{ id: string; name: string; externalKey: string | null } | undefined> {
  return tenant.db
    .selectFrom('organizations')
    .select(['id', 'name', 'externalKey'])
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .forUpdate()
    .executeTakeFirst();
}

export async function updateOrganization(
  tenant: Tenant,
  id: string,
  change: { readonly name?: string; readonly externalKey?: string | null; readonly deletedAt?: string },
): Promise<void> {
  await tenant.db
    .updateTable('organizations')
    .set(change)
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', id)
    .execute();
}

/**
 * A creation has eight seconds. One that is neither accepted nor refused long after them never will be: whoever began
 * it is gone, and it is in nobody's way.
 */
const ABANDONED = sql<boolean>`(
  connections.state = 'validating' and connections.s1_account_id is null
  and connections.created_at < now() - interval '5 minutes')`;

/** Connections that live and file what belongs to no site here. */
export function connectionsDefaultingTo(tenant: Tenant, id: string): Promise<{ id: string; name: string }[]> {
  return tenant.db
    .selectFrom('connections')
    .select(['id', 'name'])
    .where('accountId', '=', tenant.accountId)
    .where('defaultOrganizationId', '=', id)
    .where(LIVE_CONNECTION)
    .where((eb) => eb.not(ABANDONED))
    .orderBy('name')
    .execute();
}

/** One import at a time: its plan holds until it has committed. */
export async function lockOrganizationImport({ db, accountId }: Tenant): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('organization import ' || ${accountId}, 0))`.execute(db);
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
  const found = new Set(rows.map((row) => row.id));
  return wanted.filter((id) => !found.has(id));
}

/** All that live, by id: what names of sites are compared with. */
export function namesOfOrganizations({ accountId, db }: Tenant): Promise<{ id: string; name: string }[]> {
  return db
    .selectFrom('organizations')
    .select(['id', 'name'])
    .where('accountId', '=', accountId)
    .where('deletedAt', 'is', null)
    .orderBy('id')
    .execute();
}
