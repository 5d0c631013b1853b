// `GET /accounts`. Users of a single site are refused, which the documented 403 suggests.
import type { JsonObject } from '../http/json.js';
import { choice, ids, list, type ParamTable, text } from '../http/query.js';
import { json, notPermitted } from '../http/reply.js';
import type { ConsoleState } from '../state.js';
import { writeInstant } from '../world/instants.js';
import type { Account } from '../world/world.js';
import { type Endpoints, pageOf, readPaged, seesAccount } from './endpoint.js';

const state = choice('active', 'expired', 'deleted');
const ACCOUNT_PARAMS = {
  sortBy: choice('id', 'name', 'createdAt', 'updatedAt', 'state'),
  ids,
  accountIds: ids,
  query: text,
  name: text,
  name__contains: text,
  state,
  states: list(state),
} satisfies ParamTable;

function accountJson({ world }: ConsoleState, account: Account): JsonObject {
  const sites = world.sites.filter((site) => site.account === account && site.state !== 'deleted');
  const createdAt = writeInstant(Math.min(...sites.map((site) => site.createdAtMicros), Date.UTC(2024, 0, 10) * 1000));
  const agents = sites.reduce((sum, site) => sum + world.installedIn(site), 0);
  return {
    id: account.id,
    name: account.name,
    state: 'active',
    accountType: 'Paid',
    isDefault: false,
    numberOfSites: sites.length,
    activeAgents: agents,
    totalLicenses: 5000,
    activeLicenses: agents,
    unlimitedExpiration: true,
    expiration: null,
    usageType: 'mssp',
    billingMode: 'subscription',
    externalId: null,
    salesforceId: null,
    creator: null,
    creatorId: null,
    createdAt,
    updatedAt: createdAt,
    licenses: { bundles: [], modules: [], settings: [] },
    skus: [],
  };
}

export const accountsEndpoints: Endpoints = (console) => [
  {
    method: 'GET',
    path: /^\/accounts$/,
    permission: 'Accounts.view',
    answer: ({ search, token }) => {
      const query = readPaged(search, ACCOUNT_PARAMS);
      if (token.user.scope === 'site') throw notPermitted();
      const states = query.states ?? (query.state === undefined ? ['active'] : [query.state]);
      const accounts = console.world.accounts
        .filter((account) => seesAccount(token, account) && states.includes('active'))
        .filter((account) => (query.ids ?? query.accountIds)?.includes(account.id) ?? true)
        .filter((account) => query.name === undefined || account.name === query.name)
        .filter((account) =>
          account.name.toLowerCase().includes((query.query ?? query.name__contains ?? '').toLowerCase()),
        );
      if (query.sortBy === 'name') accounts.sort((a, b) => a.name.localeCompare(b.name));
      if (query.sortOrder === 'desc') accounts.reverse();
      const page = pageOf({ state: console, name: 'account', items: accounts, query });
      return json({ data: page.items.map((account) => accountJson(console, account)), pagination: page.pagination });
    },
  },
];
