// The mapping as committed, read under the routing lock. A site that only an activity has named so far is added here as
// unmapped, so that its discards are counted under it and people see it before the next site sync; so is a site that
// only an agent has named.
import type { Mapping } from '../../domain/collecting/routing.js';
import { type ConnectionState, GONE } from '../../domain/connection/connection-state.js';
import { ConnectionGone } from '../errors.js';
import type { Tenant } from '../tenant.js';
import type { PageToStore } from './page.js';

/**
 * One statement, because every page pays for it: the mapping of the sites that the page names, itself or by its agents.
 * A subquery and no join, which took 18 s a page for 12,000 sites until PostgreSQL had statistics of a new mapping. The
 * ids come through a subquery as well: then the plan does not depend on them, and PostgreSQL makes it once for many
 * pages.
 */
const READ = `
  with page_agents as (
    select agent_id, site_id from agents
     where account_id = $1 and connection_id = $2 and agent_id = any ((select $4::text[])::text[]) and site_id is not null
  ), page_sites as (
    select site_id, (select organization_id from site_mappings as mapping
                      where account_id = $1 and connection_id = $2 and mapping.site_id = sites.site_id) as organization_id
      from sites
     where account_id = $1 and connection_id = $2
       and site_id = any ((select $3::text[] || array(select site_id from page_agents))::text[])
  )
  select state, mapping_version, default_organization_id,
         array(select json_build_array(agent_id, site_id) from page_agents) as agents,
         array(select json_build_array(site_id, organization_id) from page_sites) as sites
    from connections where account_id = $1 and id = $2`;

interface RoutingRow {
  readonly state: ConnectionState;
  readonly mapping_version: number;
  readonly default_organization_id: string;
  readonly agents: readonly (readonly [agentId: string, siteId: string])[];
  readonly sites: readonly (readonly [siteId: string, organizationId: string | null])[];
}

/** Throws `ConnectionGone` when the connection does not exist or has ended. */
export async function readRouting(tenant: Tenant, page: PageToStore): Promise<Mapping> {
  const named = namedBy(page);
  const values = [tenant.accountId, page.connectionId, [...named.sites.keys()], [...named.agents]];
  const { rows } = await tenant.client.query<RoutingRow>({ name: 'read_routing', text: READ, values });
  const [connection] = rows;
  if (connection === undefined || GONE.includes(connection.state)) {
    throw new ConnectionGone(`connection is ${connection?.state ?? 'unknown'}`);
  }
  const organizations = new Map(connection.sites);
  const agents = new Map(connection.agents);
  const sites = new Map([...[...agents.values()].map((siteId) => [siteId, null] as const), ...named.sites]);
  await addSites(
    tenant,
    page,
    [...sites].filter(([siteId]) => !organizations.has(siteId)),
  );
  return {
    version: connection.mapping_version,
    defaultOrganizationId: connection.default_organization_id,
    organizationOf: (siteId) => organizations.get(siteId) ?? null,
    siteOfAgent: (agentId) => agents.get(agentId) ?? null,
  };
}

interface Named {
  /** With the name that the page gives each, if any. */
  readonly sites: ReadonlyMap<string, string | null>;
  /** Of activities that name no site. */
  readonly agents: ReadonlySet<string>;
}

function namedBy(page: PageToStore): Named {
  const sites = new Map<string, string | null>();
  const agents = new Set<string>();
  for (const { siteId, siteName, agentId } of page.activities) {
    if (siteId !== null) sites.set(siteId, siteName ?? sites.get(siteId) ?? null);
    else if (agentId !== null) agents.add(agentId);
  }
  return { sites, agents };
}

const ADD = `
  insert into sites (account_id, connection_id, site_id, name)
  select $1, $2, site_id, name from unnest($3::text[], $4::text[]) as named (site_id, name) order by site_id collate "C"
  on conflict do nothing`;

async function addSites(
  tenant: Tenant,
  page: PageToStore,
  sites: readonly (readonly [string, string | null])[],
): Promise<void> {
  if (sites.length === 0) return;
  const values = [tenant.accountId, page.connectionId, sites.map(([siteId]) => siteId), sites.map(([, name]) => name)];
  await tenant.client.query(ADD, values);
}
