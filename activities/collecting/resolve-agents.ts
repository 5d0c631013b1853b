// Finds the sites of agents that a page names without a site, before its transaction: a request to SentinelOne has no
// place inside one. Only a 200 without the agent means that it has none; any other answer fails the poll. A row that
// names an agent with another site than ours tells that the agent has moved: it is asked for at once, before the page's
// other rows follow the old answer to the old customer. The row itself is no answer, because it may be an old one.
import type { Scope } from '../../src/domain/collecting/routing.js';
import { MICROS_PER_MS } from '../../src/domain/instant.js';
import { isSentinelOneId } from '../../src/sentinelone/calls/activity-query.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import {
  addAgents,
  type AgentSighting,
  type AgentSite,
  movedAgents,
  saveAgents,
  SIGHTING_COUNTS_MS,
  staleAgents,
} from '../../src/store/collecting/agent.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import type { Deps } from '../deps.js';

export interface AgentContext {
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
  readonly session: SentinelOneSession;
}

/** What of an activity tells where it and its agent belong. */
export type SeenScope = Scope & { readonly createdAtMicros: number };

export async function resolveAgents(
  deps: Deps,
  context: AgentContext,
  activities: readonly SeenScope[],
): Promise<void> {
  const { accountId, connectionId, session } = context;
  const { named, seen } = agentsOf(activities, session.consoleNowMicros());
  if (named.size + seen.size === 0) return;
  const wanted = await withTenant(deps.database, accountId, 'all', async (tenant) => {
    const stale = named.size === 0 ? [] : await staleAgents(tenant, connectionId, [...named]);
    const moved = seen.size === 0 ? [] : await movedAgents(tenant, connectionId, [...seen.values()]);
    return new Set([...stale, ...moved]);
  });
  await askForAgents(deps, context, [...wanted]);
}

/** Agents that rows name without a site, and where other rows last saw theirs, as far as that can be news. */
function agentsOf(activities: readonly SeenScope[], consoleNowMicros: number) {
  const named = new Set<string>();
  const seen = new Map<string, AgentSighting>();
  for (const { siteId, agentId, createdAtMicros } of activities) {
    if (agentId === null) continue;
    const ageMs = Math.max(0, (consoleNowMicros - createdAtMicros) / MICROS_PER_MS);
    if (siteId === null) named.add(agentId);
    else if (ageMs < SIGHTING_COUNTS_MS && ageMs <= (seen.get(agentId)?.ageMs ?? ageMs))
      seen.set(agentId, { agentId, siteId, ageMs });
  }
  return { named, seen };
}

/**
 * Asks SentinelOne and keeps the answers, also that an agent is not known. What cannot be an agent's id is never known,
 * nor is an agent of another account: its site is none of this one's.
 */
export async function askForAgents(deps: Deps, context: AgentContext, wanted: readonly string[]): Promise<void> {
  const agentIds = wanted.filter(isSentinelOneId);
  if (agentIds.length === 0) return;
  const { accountId, connectionId, s1AccountId, session } = context;
  const answers = await session.listAgentsByIds(s1AccountId, agentIds);
  const ours = answers.filter((agent) => agent.accountId === null || agent.accountId === s1AccountId);
  const siteOf = new Map(ours.map((agent) => [agent.id, agent.siteId]));
  const agents: AgentSite[] = agentIds.map((agentId) => ({ agentId, siteId: siteOf.get(agentId) ?? null }));
  const known = await withTenant(deps.database, accountId, 'all', (tenant) => addAgents(tenant, connectionId, agents));
  if (known.length === 0) return;
  await withTenant(deps.database, accountId, 'all', (tenant) => saveAgents(tenant, connectionId, known));
}
