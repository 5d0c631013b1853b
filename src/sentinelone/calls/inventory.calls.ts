// What the account has: accounts the token sees, their sites with license counts, and agents by id.
import type { Send } from '../http/request.js';
import { IDS_PER_REQUEST } from './activity-query.js';
import { readEnvelope } from './envelope.js';
import type { RowReader } from './readable-rows.js';
import {
  account,
  agent,
  agentCount,
  type SentinelOneAccount,
  type SentinelOneAgent,
  type SentinelOneSite,
  site,
  sitesOf,
} from './shapes.js';
import { readWholeList } from './whole-list.js';

export interface InventoryCalls {
  /** Every account the token may see; an account-level token sees one. Needs `Accounts (View)`. */
  listAccounts(): Promise<SentinelOneAccount[]>;
  /** Every site of the account, whatever its state, and none that says it is of another. Needs `Sites (View)`. */
  listSites(accountId: string): Promise<SentinelOneSite[]>;
  /**
   * The agents that SentinelOne still knows by these ids, also decommissioned and uninstalled ones. Needs `Endpoints
   * (View)`.
   */
  listAgentsByIds(accountId: string, ids: readonly string[]): Promise<SentinelOneAgent[]>;
  /** Agents that are installed and not decommissioned. Needs `Endpoints (View)`. */
  countAgents(accountId: string): Promise<number>;
}

/** SentinelOne's spelling of "both"; what a console returns without the filter is not documented. */
const BOTH = ['True', 'False'];

export const createInventoryCalls = (send: Send, reader: RowReader): InventoryCalls => ({
  listAccounts: () => readWholeList(send, reader, { endpoint: 'accounts', query: {}, row: account }),

  async listSites(accountId) {
    const sites = await readWholeList(send, reader, {
      endpoint: 'sites',
      query: { accountIds: [accountId], states: ['active', 'expired', 'deleted'], sortBy: 'id', sortOrder: 'asc' },
      row: site,
      rowsOf: sitesOf,
    });
    return sites.filter((each) => each.accountId === null || each.accountId === accountId);
  },

  async listAgentsByIds(accountId, ids) {
    const agents: SentinelOneAgent[] = [];
    for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
      const chunk = ids.slice(at, at + IDS_PER_REQUEST);
      const query = { accountIds: [accountId], ids: chunk, isDecommissioned: BOTH, isUninstalled: BOTH };
      agents.push(...(await readWholeList(send, reader, { endpoint: 'agents', query, row: agent })));
    }
    return agents;
  },

  async countAgents(accountId) {
    const query = { accountIds: [accountId], isDecommissioned: ['False'], isUninstalled: ['False'] };
    const reply = await send({ endpoint: 'agents/count', query });
    return readEnvelope('agents/count', reply.text, agentCount).data.total;
  },
});
