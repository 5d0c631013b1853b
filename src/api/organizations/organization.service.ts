// Organizations: the customers of an account. Every change is in the audit log, in the transaction that makes it.
import { randomUUID } from 'node:crypto';
import { Problem } from '../../domain/failures/problem.js';
import type { Database } from '../../store/database.js';
import {
  connectionsDefaultingTo,
  findOrganization,
  insertOrganization,
  listOrganizations,
  lockOrganization,
  type OrganizationRow,
  updateOrganization,
} from '../../store/people/organization.repository.js';
import { isUniqueViolation } from '../../store/pg-errors.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import { createOnce } from '../http/idempotency.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Doer, Scope } from '../http/request-facts.js';
import type { ChangeOrganization, CreateOrganization, OrganizationView } from './organization.dto.js';

export type OrganizationService = ReturnType<typeof createOrganizationService>;

type Page = PageQuery & { readonly search?: string | undefined };

export function createOrganizationService({ database }: { readonly database: Database }) {
  const inScope = <T>({ accountId, organizationIds }: Scope, fn: (tenant: Tenant) => Promise<T>): Promise<T> =>
    withTenant(database, accountId, organizationIds, fn).catch(rethrowTaken);

  return {
    list: (scope: Scope, page: Page) => inScope(scope, (tenant) => list(tenant, scope, page)),

    find: (scope: Scope, id: string) => inScope(scope, (tenant) => read(tenant, scope, id)),

    /** The same key and body again: the organization that the first made, as it is now. */
    create: (doer: Doer, body: CreateOrganization, key?: string) =>
      inScope(doer.principal, async (tenant) => {
        const id = randomUUID();
        const creation = { route: 'POST /v1/organizations', key, body, resourceId: id };
        const { resourceId } = await createOnce(tenant, creation, () => add(tenant, doer, { id, ...body }));
        return read(tenant, doer.principal, resourceId);
      }),

    change: (doer: Doer, id: string, body: ChangeOrganization) =>
      inScope(doer.principal, async (tenant) => {
        await change(tenant, doer, { id, ...body });
        return read(tenant, doer.principal, id);
      }),

    /** Refused while a site is mapped to it or a connection defaults to it. */
    remove: (doer: Doer, id: string): Promise<void> => inScope(doer.principal, (tenant) => remove(tenant, doer, id)),
  };
}

async function list(tenant: Tenant, scope: Scope, { pageToken, limit, search }: Page) {
  const key = decodePageToken(pageToken, ['text', 'uuid']);
  const place = key === null ? null : { name: key[0] ?? '', id: key[1] ?? '' };
  const rows = await listOrganizations(tenant, { search, place, limit: limit + 1 });
  return pageOf(rows.map(viewFor(scope)), limit, ({ name, id }) => [name, id]);
}

async function read(tenant: Tenant, scope: Scope, id: string): Promise<OrganizationView> {
  return viewFor(scope)((await findOrganization(tenant, id)) ?? missing());
}

async function add(
  tenant: Tenant,
  doer: Doer,
  { id, name, externalKey }: { readonly id: string } & CreateOrganization,
): Promise<void> {
  await insertOrganization(tenant, { id, name, externalKey });
  const after = { name, externalKey };
  await record(tenant, doer, { action: 'organization.created', subject: { type: 'organization', id }, after });
}

async function change(
  tenant: Tenant,
  doer: Doer,
  { id, ...body }: { readonly id: string } & ChangeOrganization,
): Promise<void> {
  const before = (await lockOrganization(tenant, id)) ?? missing();
  const { name = before.name, externalKey = before.externalKey } = body;
  if (name === before.name && externalKey === before.externalKey) return;
  await updateOrganization(tenant, id, { name, externalKey });
  await record(tenant, doer, {
    action: 'organization.changed',
    subject: { type: 'organization', id },
    before: { name: before.name, externalKey: before.externalKey },
    after: { name, externalKey },
  });
}

async function remove(tenant: Tenant, doer: Doer, id: string): Promise<void> {
  const { name, externalKey } = (await lockOrganization(tenant, id)) ?? missing();
  // Read after the lock was got: whoever maps a site to it holds the row too, so what is not seen now cannot come.
  const mappedSites = (await findOrganization(tenant, id))?.mappedSites ?? 0;
  const defaultOf = await connectionsDefaultingTo(tenant, id);
  if (mappedSites > 0 || defaultOf.length > 0) throw inUse(mappedSites, defaultOf);
  await updateOrganization(tenant, id, { deletedAt: new Date().toISOString() });
  const before = { name, externalKey };
  await record(tenant, doer, { action: 'organization.deleted', subject: { type: 'organization', id }, before });
}

function inUse(mappedSites: number, defaultOf: readonly { readonly id: string; readonly name: string }[]): Problem {
  const reasons = [
    ...(mappedSites > 0 ? [`${mappedSites} sites are mapped to it: map them elsewhere or to none`] : []),
    ...defaultOf.map(({ name }) => `it is the default organization of ${name}: choose another there`),
  ];
  const extra = { mappedSites, defaultOfConnections: defaultOf };
  return new Problem('organization_in_use', `this organization is used; ${reasons.join('; ')}`, { extra });
}

const missing = (): never => {
  throw new Problem('not_found', 'no such organization');
};

/** Whoever sees only some organizations does not see how the account has mapped its sites. */
const viewFor =
  ({ organizationIds }: Scope) =>
  ({ id, name, externalKey, mappedSites, createdAt }: OrganizationRow): OrganizationView => ({
    id,
    name,
    externalKey,
    mappedSites: organizationIds === 'all' ? mappedSites : null,
    createdAt,
  });

/**
 * A name or a key that another living organization has: the database says so, which alone can know it of requests at
 * once.
 */
export function rethrowTaken(error: unknown): never {
  if (isUniqueViolation(error, 'organizations_name')) {
    throw new Problem('name_taken', 'name: another organization has it already', { cause: error });
  }
  if (isUniqueViolation(error, 'organizations_external_key')) {
    throw new Problem('external_key_taken', 'externalKey: another organization has it already', { cause: error });
  }
  throw error;
}
