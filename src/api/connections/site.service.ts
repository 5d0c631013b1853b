// A connection's sites with the organizations that their names suggest, and the mapping. A refused change names what it was
// refused for.
import { Problem } from '../../domain/failures/problem.js';
import { suggestFrom } from '../../domain/organizations/suggest-organization.js';
import { findConnection } from '../../store/connections/connection.repository.js';
import { unknownSites } from '../../store/connections/mapping.repository.js';
import { listSites } from '../../store/connections/site.repository.js';
import { namesOfOrganizations } from '../../store/people/organization.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import type { Doer, Scope } from '../http/request-facts.js';
import type { ConnectionService, ConnectionServiceDeps } from './connection.service.js';
import type { Answer } from './connection-desk.service.js';
import type { ChangeMapping, SiteMappingView } from './site.dto.js';

export type SiteService = ReturnType<typeof createSiteService>;

export function createSiteService({
  database,
  connections,
}: Pick<ConnectionServiceDeps, 'database'> & { readonly connections: ConnectionService }) {
  const inScope = <T>({ accountId, organizationIds }: Scope, fn: (tenant: Tenant) => Promise<T>): Promise<T> =>
    withTenant(database, accountId, organizationIds, fn);

  return {
    list: (scope: Scope, id: string): Promise<SiteMappingView> => inScope(scope, (tenant) => read(tenant, id)),

    async change(actor: Doer, id: string, body: ChangeMapping): Promise<Answer<SiteMappingView>> {
      const { principal } = actor;
      const before = await inScope(principal, (tenant) => placesOf(tenant, id, body));
      const { done } = await connections
        .saveMapping(principal.accountId, id, body)
        .catch((error: unknown) => inScope(principal, (tenant) => explain(tenant, id, { body, error })));
      const view = await inScope(principal, async (tenant) => {
        const { version, changes, collectDiscarded } = body;
        const after = { basedOnVersion: version, changes: changes.map((change) => ({ ...change })), collectDiscarded };
        await record(tenant, actor, { action: 'mapping.changed', subject: { type: 'connection', id }, before, after });
        return read(tenant, id);
      });
      return { status: done ? 200 : 202, body: view };
    },
  };
}

/** Where the sites of a change were mapped to. Right whenever the change is made, because it names the version it is based on. */
async function placesOf(tenant: Tenant, id: string, { version, changes }: ChangeMapping) {
  const places = new Map((await listSites(tenant, id)).map((site) => [site.siteId, site.organizationId]));
  return { version, changes: changes.map(({ siteId }) => ({ siteId, organizationId: places.get(siteId) ?? null })) };
}

async function read(tenant: Tenant, id: string): Promise<SiteMappingView> {
  const connection = await findConnection(tenant, id);
  if (connection === undefined) throw new Problem('not_found', 'no such connection');
  const suggest = suggestFrom(await namesOfOrganizations(tenant));
  const sites = await listSites(tenant, id);
  const items = sites.map((site) => ({ ...site, suggestedOrganizationId: suggest(site.siteName) }));
  return { version: connection.mappingVersion, items };
}

async function explain(
  tenant: Tenant,
  id: string,
  { body, error }: { readonly body: ChangeMapping; readonly error: unknown },
): Promise<never> {
  if (!(error instanceof Problem)) throw error;
  const { code, message } = error;
  if (code === 'mapping_conflict') {
    const version = (await findConnection(tenant, id))?.mappingVersion;
    throw new Problem(code, message, { cause: error, extra: { version } });
  }
  if (code === 'mapping_unknown_site') {
    const siteIds = await unknownSites(tenant, id, body.changes);
    throw new Problem(code, message, { cause: error, extra: { siteIds } });
  }
  if (code === 'mapping_unknown_organization') {
    const known = new Set((await namesOfOrganizations(tenant)).map((organization) => organization.id));
    const wanted = new Set(body.changes.flatMap(({ organizationId }) => organizationId ?? []));
    const organizationIds = [...wanted].filter((organizationId) => !known.has(organizationId));
    throw new Problem(code, message, { cause: error, extra: { organizationIds } });
  }
  throw error;
}
