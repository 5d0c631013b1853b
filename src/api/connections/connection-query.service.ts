// What people read about connections. Everything comes from PostgreSQL, so it can be read while Temporal is away.
import { suggestFrom } from '../../domain/organizations/suggest-organization.js';
import { listChecks, listTimeline } from '../../store/connections/connection-record.repository.js';
import { listConnectionViews } from '../../store/connections/connection-view.repository.js';
import { listSites } from '../../store/connections/site.repository.js';
import type { Database } from '../../store/database.js';
import { namesOfOrganizations } from '../../store/people/organization.repository.js';
import type { Tenant } from '../../store/tenant.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import { type Scope, scoped } from '../http/request-facts.js';
import type { ConnectionView } from './connection.dto.js';
import { connectionView } from './connection-view.js';
import { requireConnection, requireConnectionView } from './require-connection.js';
import type { SiteMappingView } from './site.dto.js';

export type ConnectionQueries = ReturnType<typeof createConnectionQueries>;

export function createConnectionQueries({ database }: { readonly database: Database }) {
  const inScope = scoped(database);

  return {
    find: (scope: Scope, id: string): Promise<ConnectionView> =>
      inScope(scope, async (tenant) => connectionView(await requireConnectionView(tenant, id))),

    list: (scope: Scope, { pageToken, limit }: PageQuery) =>
      inScope(scope, async (tenant) => {
        const key = decodePageToken(pageToken, ['instant', 'uuid']);
        const after = key === null ? null : { createdAt: key[0] ?? '', id: key[1] ?? '' };
        const rows = await listConnectionViews(tenant, { after, limit: limit + 1 });
        return pageOf(rows.map(connectionView), limit, ({ createdAt, id }) => [createdAt, id]);
      }),

    sites: (scope: Scope, id: string): Promise<SiteMappingView> => inScope(scope, (tenant) => readSites(tenant, id)),

    permissions: (scope: Scope, id: string) =>
      inScope(scope, async (tenant) => {
        const { permissions } = await requireConnectionView(tenant, id);
        return { items: permissions ?? [], nextPageToken: null };
      }),

    /** Newest first. */
    timeline: (scope: Scope, id: string, { pageToken, limit }: PageQuery) =>
      inScope(scope, async (tenant) => {
        await requireConnection(tenant, id);
        const before = decodePageToken(pageToken, ['integer'])?.[0] ?? null;
        const rows = await listTimeline(tenant, id, { before, limit: limit + 1 });
        const items = rows.map((row) => ({
          id: String(row.id),
          at: row.at,
          kind: row.kind,
          outcome: row.outcome,
          code: row.code,
          details: row.details,
        }));
        return pageOf(items, limit, (entry) => [entry.id]);
      }),

    /** Newest window first. */
    completeness: (scope: Scope, id: string, { pageToken, limit }: PageQuery) =>
      inScope(scope, async (tenant) => {
        await requireConnection(tenant, id);
        const before = decodePageToken(pageToken, ['instant'])?.[0] ?? null;
        const rows = await listChecks(tenant, id, { before, limit: limit + 1 });
        const items = rows.map((row) => ({
          from: row.fromAt,
          to: row.toAt,
          theirs: row.theirs,
          ours: row.ours,
          repaired: row.repaired,
          state: row.state,
          cause: row.cause,
          checkedAt: row.checkedAt,
        }));
        return pageOf(items, limit, ({ from }) => [from]);
      }),
  };
}

/** The sites with the organizations that their names suggest. */
export async function readSites(tenant: Tenant, id: string): Promise<SiteMappingView> {
  const { mappingVersion } = await requireConnection(tenant, id);
  const organizations = await namesOfOrganizations(tenant);
  const suggest = suggestFrom(organizations);
  const names = new Map(organizations.map((organization) => [organization.id, organization.name]));
  const sites = await listSites(tenant, id);
  const items = sites.map((site) => {
    const suggested = suggest(site.siteName);
    return {
      ...site,
      organizationName: names.get(site.organizationId ?? '') ?? null,
      suggestedOrganizationId: suggested,
      suggestion: suggested === null ? null : suggestion(site.siteName, suggested, names.get(suggested) ?? ''),
    };
  });
  return { version: mappingVersion, items };
}

function suggestion(siteName: string | null, organizationId: string, organizationName: string) {
  return { organizationId, organizationName, likeness: siteName === organizationName ? 'exact' : 'likely' } as const;
}
