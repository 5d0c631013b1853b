// `GET /sites` (whose `data` is an object, not a list) and `GET /sites/{id}`. Whether deleted sites come back when no
// state is asked for is not public; here they do not, which is the harder case for a client.
import type { JsonObject } from '../http/json.js';
import { bool, choice, ids, list, type ParamTable, readQuery, text } from '../http/query.js';
import { data, json, notFound } from '../http/reply.js';
import { writeInstant, writeSeconds } from '../world/instants.js';
import { nameOf, type Site, type World } from '../world/world.js';
import { type Endpoints, pageOf, readPaged, seesSite } from './endpoint.js';

const state = choice('active', 'deleted', 'expired');
const SITE_PARAMS = {
  sortBy: choice('id', 'name', 'createdAt', 'updatedAt', 'state', 'activeLicenses', 'accountName'),
  siteIds: ids,
  accountIds: ids,
  accountId: text,
  query: text,
  name: text,
  name__contains: text,
  isDefault: bool,
  siteType: choice('Trial', 'Paid'),
  state,
  states: list(state),
  statesNin: list(state),
} satisfies ParamTable;

export const licensesOf = (world: World, site: Site): number | null =>
  site.activeLicenses === 'counted' ? world.installedIn(site) : site.activeLicenses;

const TOTAL_LICENSES = 500;

function siteJson(world: World, site: Site): JsonObject {
  const user = world.users.get(site.account)?.[0];
  return {
    id: site.id,
    name: nameOf(site),
    accountId: site.account.id,
    accountName: site.account.name,
    state: site.state,
    siteType: 'Paid',
    isDefault: false,
    activeLicenses: licensesOf(world, site),
    totalLicenses: TOTAL_LICENSES,
    unlimitedLicenses: false,
    unlimitedExpiration: site.expirationMicros === null,
    expiration: site.expirationMicros === null ? null : writeSeconds(site.expirationMicros),
    healthStatus: true,
    suite: 'Complete',
    sku: 'Complete',
    usageType: 'customer',
    externalId: null,
    description: null,
    creator: user?.fullName ?? null,
    creatorId: user?.id ?? null,
    createdAt: writeInstant(site.createdAtMicros),
    updatedAt: writeInstant(site.updatedAtMicros),
    licenses: {
      bundles: [
        {
          name: 'complete',
          displayName: 'Complete',
          majorVersion: 1,
          minorVersion: 0,
          totalSurfaces: TOTAL_LICENSES,
          surfaces: [{ name: 'Total Agents', count: TOTAL_LICENSES }],
        },
      ],
      modules: [{ name: 'star', displayName: 'STAR', majorVersion: 1 }],
      settings: [],
    },
    registrationToken: site.registrationToken,
  };
}

export const sitesEndpoints: Endpoints = (console) => [
  {
    method: 'GET',
    path: /^\/sites$/,
    permission: 'Sites.view',
    answer: ({ search, token }) => {
      const query = readPaged(search, SITE_PARAMS);
      const { world } = console;
      const wanted = query.states ?? (query.state === undefined ? ['active', 'expired'] : [query.state]);
      const accountIds = query.accountIds ?? (query.accountId === undefined ? undefined : [query.accountId]);
      const sites = world.sites
        .filter((site) => seesSite(token, site))
        .filter((site) => wanted.includes(site.state) && !(query.statesNin?.includes(site.state) ?? false))
        .filter((site) => query.siteIds?.includes(site.id) ?? true)
        .filter((site) => accountIds?.includes(site.account.id) ?? true)
        .filter((site) => query.name === undefined || nameOf(site) === query.name)
        .filter((site) =>
          nameOf(site)
            .toLowerCase()
            .includes((query.query ?? query.name__contains ?? '').toLowerCase()),
        )
        .filter(() => query.isDefault !== true && query.siteType !== 'Trial')
        .toSorted((a, b) => compareBy(query.sortBy ?? 'id', world, a, b));
      if (query.sortOrder === 'desc') sites.reverse();
      const page = pageOf({ state: console, name: 'site', items: sites, query });
      const activeLicenses = sites.reduce((sum, site) => sum + (licensesOf(world, site) ?? 0), 0);
      return json({
        data: {
          allSites: { activeLicenses, totalLicenses: sites.length * TOTAL_LICENSES },
          sites: page.items.map((site) => siteJson(world, site)),
        },
        pagination: page.pagination,
      });
    },
  },
  {
    method: 'GET',
    path: /^\/sites\/(\d+)$/,
    permission: 'Sites.view',
    answer: ({ search, captures, token }) => {
      readQuery(search, {});
      const site = console.world.site(captures[0] ?? '');
      if (site === undefined || !seesSite(token, site)) throw notFound('Site not found');
      return data(siteJson(console.world, site));
    },
  },
];

function compareBy(sortBy: string, world: World, a: Site, b: Site): number {
  const byIndex = a.index - b.index;
  if (sortBy === 'name') return nameOf(a).localeCompare(nameOf(b)) || byIndex;
  if (sortBy === 'accountName') return a.account.name.localeCompare(b.account.name) || byIndex;
  if (sortBy === 'state') return a.state.localeCompare(b.state) || byIndex;
  if (sortBy === 'createdAt') return a.createdAtMicros - b.createdAtMicros || byIndex;
  if (sortBy === 'updatedAt') return a.updatedAtMicros - b.updatedAtMicros || byIndex;
  if (sortBy === 'activeLicenses') return (licensesOf(world, a) ?? 0) - (licensesOf(world, b) ?? 0) || byIndex;
  return byIndex;
}
