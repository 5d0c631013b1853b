// Which site an agent belongs to, for activities that name only the agent. Null is an answer too: SentinelOne was asked
// and does not know it. Changing an answer changes where activities go, so it happens under the exclusive routing lock.
import { sql } from 'kysely';
import { lockRouting } from '../connection-lock.js';
import type { Tenant } from '../tenant.js';

/** An answer that is older is asked for again wherever it is needed: the interval at which sites are read as well. */
const TRUSTED_MS = 10 * 60_000;

export interface AgentSite {
  readonly agentId: string;
  readonly siteId: string | null;
}

/**
 * Of these agents, the ones to ask about: never asked, or asked so long ago that the agent may have moved to another
 * customer's site without a trace.
 */
export async function staleAgents(
  tenant: Tenant,
  connectionId: string,
  agentIds: readonly string[],
): Promise<string[]> {
  const rows = await tenant.db
    .selectFrom('agents')
    .select('agentId')
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('agentId', '=', sql<string>`any (${[...agentIds]})`)
    .where('checkedAt', '>', sql<string>`now() - ${TRUSTED_MS} * interval '1 millisecond'`)
    .execute();
  const fresh = new Set(rows.map((row) => row.agentId));
  return agentIds.filter((agentId) => !fresh.has(agentId));
}

/** An agent as an activity shows it. */
export interface AgentSighting {
  readonly agentId: string;
  readonly siteId: string;
  /** How long ago, by the clock that dated the activity: ages can be compared where clocks differ. */
  readonly ageMs: number;
}

/** An answer may have been on its way for so long: what was seen shortly before it came may be news all the same. */
const MARGIN_MS = 2 * 60_000;
/** A sighting that is older tells nothing about an answer that is still trusted. */
export const SIGHTING_COUNTS_MS = TRUSTED_MS + MARGIN_MS;

/** Of these agents, the ones that were seen in another site than our answer says, since it came. */
export async function movedAgents(
  tenant: Tenant,
  connectionId: string,
  seen: readonly AgentSighting[],
): Promise<string[]> {
  const { rows } = await sql<{ agentId: string }>`
    select seen.agent_id
      from unnest(${seen.map(({ agentId }) => agentId)}::text[], ${seen.map(({ siteId }) => siteId)}::text[],
                  ${seen.map(({ ageMs }) => ageMs)}::float8[]) as seen (agent_id, site_id, age_ms)
      join agents on agents.account_id = ${tenant.accountId} and agents.connection_id = ${connectionId}
                 and agents.agent_id = seen.agent_id
     where agents.site_id is distinct from seen.site_id
       and agents.checked_at < now() - (seen.age_ms - ${MARGIN_MS}) * interval '1 millisecond'
     order by seen.agent_id`.execute(tenant.db);
  return rows.map(({ agentId }) => agentId);
}

/** Agents that SentinelOne did not know when it was asked, oldest answer first. */
export async function unresolvedAgents(tenant: Tenant, connectionId: string, limit: number): Promise<string[]> {
  const rows = await tenant.db
    .selectFrom('agents')
    .select('agentId')
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('siteId', 'is', null)
    .orderBy('checkedAt')
    .limit(limit)
    .execute();
  return rows.map((row) => row.agentId);
}

/**
 * Keeps the answers about agents that nobody asked about before, and returns the others. No lock: a page asks about
 * each of its agents before its transaction, so no page was or is being stored that names one of these.
 */
export async function addAgents(
  tenant: Tenant,
  connectionId: string,
  agents: readonly AgentSite[],
): Promise<AgentSite[]> {
  if (agents.length === 0) return [];
  const rows = await tenant.db
    .insertInto('agents')
    .values(inOrder(agents).map((agent) => ({ accountId: tenant.accountId, connectionId, ...agent })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('agentId')
    .execute();
  const added = new Set(rows.map((row) => row.agentId));
  return agents.filter(({ agentId }) => !added.has(agentId));
}

/**
 * Keeps SentinelOne's answers. Discards of an agent that has a site from now on are put under that site in the ledger,
 * so that they are counted there and can be collected with it.
 */
export async function saveAgents(tenant: Tenant, connectionId: string, agents: readonly AgentSite[]): Promise<void> {
  if (agents.length === 0) return;
  await lockRouting(tenant, connectionId, 'exclusive');
  const ordered = inOrder(agents);
  await tenant.db
    .insertInto('agents')
    .values(ordered.map((agent) => ({ accountId: tenant.accountId, connectionId, ...agent })))
    .onConflict((conflict) =>
      conflict.columns(['accountId', 'connectionId', 'agentId']).doUpdateSet((row) => ({
        siteId: sql`coalesce(excluded.site_id, agents.site_id)`,
        checkedAt: row.ref('excluded.checkedAt'),
      })),
    )
    .execute();
  await moveDiscards(tenant, connectionId, ordered);
}

/** So that two who write the same agents wait in line, not in a circle. */
const inOrder = (agents: readonly AgentSite[]) => [...agents].sort((a, b) => (a.agentId < b.agentId ? -1 : 1));

async function moveDiscards(tenant: Tenant, connectionId: string, agents: readonly AgentSite[]): Promise<void> {
  const resolved = agents.filter((agent) => agent.siteId !== null);
  if (resolved.length === 0) return;
  await sql`
    with moved as (
      update discards set site_id = agent.site_id, reason = 'site_unmapped'
        from unnest(${resolved.map((a) => a.agentId)}::text[], ${resolved.map((a) => a.siteId)}::text[])
          as agent (agent_id, site_id)
       where discards.account_id = ${tenant.accountId} and discards.connection_id = ${connectionId}
         and discards.site_id is null and discards.agent_id = agent.agent_id
      returning discards.site_id, discards.occurred_at
    ), counted as (
      select site_id, count(*) as rows, min(occurred_at) as first, max(occurred_at) as last from moved group by site_id
    )
    insert into sites (account_id, connection_id, site_id, discarded_count, first_discarded_at, last_discarded_at)
    select ${tenant.accountId}, ${connectionId}, site_id, rows, first, last from counted
    on conflict (account_id, connection_id, site_id) do update set
      discarded_count = sites.discarded_count + excluded.discarded_count,
      first_discarded_at = least(sites.first_discarded_at, excluded.first_discarded_at),
      last_discarded_at = greatest(sites.last_discarded_at, excluded.last_discarded_at)`.execute(tenant.db);
}
