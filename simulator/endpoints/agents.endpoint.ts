// `GET /agents` and `GET /agents/count`. What comes back when isDecommissioned or isUninstalled is left out is not
// public; here only installed, active agents do, so that a client that forgets to ask misses the others in tests.
import type { JsonObject } from '../http/json.js';
import { bool, choice, ids, list, type Params, type ParamTable, readQuery, text } from '../http/query.js';
import { data, json } from '../http/reply.js';
import type { ConsoleState } from '../state.js';
import { writeInstant } from '../world/instants.js';
import type { ApiToken } from '../world/tokens.js';
import { type Agent, groupOf, nameOf } from '../world/world.js';
import { type Endpoints, pageOf, readPaged, seesSite } from './endpoint.js';

const AGENT_FILTERS = {
  ids,
  uuids: list(text),
  siteIds: ids,
  accountIds: ids,
  groupIds: ids,
  isDecommissioned: list(bool),
  isUninstalled: list(bool),
  isActive: list(bool),
  osTypes: list(choice('windows', 'linux', 'macos')),
  computerName: text,
  computerName__contains: text,
  query: text,
} satisfies ParamTable;
const SORTS = {
  sortBy: choice('id', 'computerName', 'siteName', 'createdAt', 'registeredAt', 'updatedAt'),
} satisfies ParamTable;

const isActive = (agent: Agent) => !agent.isDecommissioned && !agent.isUninstalled;

function matching(console: ConsoleState, token: ApiToken, query: Params<typeof AGENT_FILTERS>): Agent[] {
  const among = (wanted: readonly string[] | undefined, value: string) =>
    wanted === undefined || wanted.includes(value);
  const named = (query.computerName__contains ?? query.query ?? '').toLowerCase();
  const pool =
    query.ids === undefined
      ? console.world.agents
      : [...new Set(query.ids)].map((id) => console.world.agent(id)).filter((agent) => agent !== undefined);
  return pool.filter(
    (agent) =>
      seesSite(token, agent.site) &&
      (query.isDecommissioned ?? [false]).includes(agent.isDecommissioned) &&
      (query.isUninstalled ?? [false]).includes(agent.isUninstalled) &&
      (query.isActive?.includes(isActive(agent)) ?? true) &&
      among(query.uuids, agent.uuid) &&
      among(query.siteIds, agent.site.id) &&
      among(query.accountIds, agent.site.account.id) &&
      among(query.groupIds, groupOf(agent.site, agent)?.id ?? '') &&
      among(query.osTypes, agent.osType) &&
      (query.computerName === undefined || agent.computerName === query.computerName) &&
      agent.computerName.toLowerCase().includes(named),
  );
}

function agentJson(console: ConsoleState, agent: Agent): JsonObject {
  const group = groupOf(agent.site, agent);
  const registeredAt = writeInstant(agent.site.createdAtMicros + agent.index * 1_000_003);
  const seenAt = writeInstant(console.clock.nowMicros() - 30_000_000);
  return {
    id: agent.id,
    uuid: agent.uuid,
    computerName: agent.computerName,
    siteId: agent.site.id,
    siteName: nameOf(agent.site),
    accountId: agent.site.account.id,
    accountName: agent.site.account.name,
    groupId: group?.id ?? null,
    groupName: group?.name ?? null,
    isActive: isActive(agent),
    isDecommissioned: agent.isDecommissioned,
    isUninstalled: agent.isUninstalled,
    isPendingUninstall: false,
    isUpToDate: true,
    infected: false,
    activeThreats: 0,
    networkStatus: isActive(agent) ? 'connected' : 'disconnected',
    osType: agent.osType,
    osName: agent.osName,
    machineType: agent.machineType,
    agentVersion: agent.agentVersion,
    externalIp: agent.externalIp,
    lastIpToMgmt: agent.localIp,
    lastLoggedInUserName: agent.lastUser,
    lastActiveDate: seenAt,
    registeredAt,
    createdAt: registeredAt,
    updatedAt: seenAt,
  };
}

export const agentsEndpoints: Endpoints = (console) => [
  {
    method: 'GET',
    path: /^\/agents$/,
    permission: 'Endpoints.view',
    answer: ({ search, token }) => {
      const query = readPaged(search, { ...AGENT_FILTERS, ...SORTS });
      const agents = matching(console, token, query);
      if (query.sortBy === 'computerName') agents.sort((a, b) => a.computerName.localeCompare(b.computerName));
      else if (query.sortBy === 'siteName') agents.sort((a, b) => nameOf(a.site).localeCompare(nameOf(b.site)));
      else agents.sort((a, b) => a.index - b.index);
      if (query.sortOrder === 'desc') agents.reverse();
      const page = pageOf({ state: console, name: 'agent', items: agents, query });
      return json({ data: page.items.map((agent) => agentJson(console, agent)), pagination: page.pagination });
    },
  },
  {
    method: 'GET',
    path: /^\/agents\/count$/,
    permission: 'Endpoints.view',
    answer: ({ search, token }) => data({ total: matching(console, token, readQuery(search, AGENT_FILTERS)).length }),
  },
];
