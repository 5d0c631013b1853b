// Finds the sites of agents that a page names without a site, before its transaction: a request to SentinelOne has no
// place inside one. Only a 200 without the agent means that it has none; any other answer fails the poll.
import type { Scope } from '../../src/domain/collecting/routing.js';
import { isSentinelOneId } from '../../src/sentinelone/calls/activity-query.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import { addAgents, type AgentSite, saveAgents, staleAgents } from '../../src/store/collecting/agent.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import type { Deps } from '../deps.js';

export interface AgentContext {
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
  readonly session: SentinelOneSession;
}

export async function resolveAgents(deps: Deps, context: AgentContext, activities: readonly Scope[]): Promise<void> {
  const named = new Set<string>();
  for (const { siteId, agentId } of activities) if (siteId === null && agentId !== null) named.add(agentId);
  if (named.size === 0) return;
  const { accountId, connectionId } = context;
  const stale = await withTenant(deps.database, accountId, 'all', (tenant) =>
    staleAgents(tenant, connectionId, [...named]),
  );
  await askForAgents(deps, context, stale);
}

/**
 * Asks SentinelOne and keeps the answers, also that an agent is not known. What cannot be an agent's id is never known.
 */
export async function askForAgents(deps: Deps, context: AgentContext, wanted: readonly string[]): Promise<void> {
  const agentIds = wanted.filter(isSentinelOneId);
  if (agentIds.length === 0) return;
  const { accountId, connectionId, s1AccountId, session } = context;
  const answers = await session.listAgentsByIds(s1AccountId, agentIds);
  const siteOf = new Map(answers.map((agent) => [agent.id, agent.siteId]));
  const agents: AgentSite[] = agentIds.map((agentId) => ({ agentId, siteId: siteOf.get(agentId) ?? null }));
  const known = await withTenant(deps.database, accountId, 'all', (tenant) => addAgents(tenant, connectionId, agents));
  if (known.length === 0) return;
  await withTenant(deps.database, accountId, 'all', (tenant) => saveAgents(tenant, connectionId, known));
}
