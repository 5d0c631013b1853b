// Where an activity goes. Pure; the ingest transaction calls it with the mapping as committed.

export interface Scope {
  readonly siteId: string | null;
  readonly agentId: string | null;
}

export interface Mapping {
  readonly version: number;
  readonly defaultOrganizationId: string;
  /** The organization a site is mapped to, or null when it is mapped to none. */
  organizationOf(siteId: string): string | null;
  /** The site of an agent, or null when SentinelOne does not know the agent. */
  siteOfAgent(agentId: string): string | null;
}

export type SiteFrom = 'activity' | 'agent';

export type Route =
  | { readonly kind: 'store'; readonly organizationId: string; readonly siteId: string | null }
  | {
      readonly kind: 'discard';
      readonly siteId: string | null;
      readonly siteFrom: SiteFrom;
      readonly reason: 'site_unmapped' | 'agent_unresolved';
    };

/**
 * A site's mapping wins; an agent without a site takes its agent's site; what belongs to neither goes to the default.
 */
export function route(activity: Scope, mapping: Mapping): Route {
  const { siteId, agentId } = activity;
  if (siteId !== null) return routeBySite(siteId, 'activity', mapping);
  if (agentId === null) return { kind: 'store', organizationId: mapping.defaultOrganizationId, siteId: null };
  const agentSiteId = mapping.siteOfAgent(agentId);
  if (agentSiteId !== null) return routeBySite(agentSiteId, 'agent', mapping);
  return { kind: 'discard', siteId: null, siteFrom: 'agent', reason: 'agent_unresolved' };
}

function routeBySite(siteId: string, siteFrom: SiteFrom, mapping: Mapping): Route {
  const organizationId = mapping.organizationOf(siteId);
  if (organizationId !== null) return { kind: 'store', organizationId, siteId };
  return { kind: 'discard', siteId, siteFrom, reason: 'site_unmapped' };
}
