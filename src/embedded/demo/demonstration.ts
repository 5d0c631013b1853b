// The demonstration account of a first start: organizations, a connection to the simulated console, every site mapped
// but one, whose activities are discarded in plain sight.
import { operator } from '../../api/http/request-facts.js';
import type { RunningStack } from '../one-machine-stack.js';
import type { Services } from '../services.js';
import { simulatorControl, simulatorState } from './simulator-control.js';

const DEFAULT_ORGANIZATION = 'Northwind MSP (internal)';
const HISTORY_DAYS = 3;

export interface Demonstration {
  readonly accountId: string;
  readonly connectionId: string;
  readonly unmappedSite: string;
}

/** Undefined when the account has a connection: seeded once, and from then on left alone. */
export async function seedDemonstration(
  services: Services,
  running: RunningStack,
  { accountId, simulatorUrl }: { readonly accountId: string; readonly simulatorUrl: string },
): Promise<Demonstration | undefined> {
  if (await hasConnection(services, accountId)) return undefined;
  const doer = operator(accountId, 'npm start');
  const { accounts, sites } = await simulatorState(simulatorControl(simulatorUrl));
  const customers = sites.filter((site) => site.accountId === accounts[0]?.id);
  const organizations = await organizationsByName(services, accountId); // an earlier start may have been cut off
  for (const name of [DEFAULT_ORGANIZATION, ...customers.map((site) => site.name)]) {
    if (organizations.has(name)) continue;
    organizations.set(name, (await services.organizations.create(doer, { name, externalKey: null })).id);
  }
  const { body: made } = await services.connectionCreation.create(doer, {
    name: 'SentinelOne',
    consoleUrl: simulatorUrl,
    apiToken: running.simulatorToken,
    defaultOrganizationId: organizations.get(DEFAULT_ORGANIZATION) ?? '',
    collectFrom: new Date(Date.now() - HISTORY_DAYS * 24 * 3_600_000).toISOString(),
  });
  const { version, items } = await services.connectionQueries.sites(doer.principal, made.id);
  const leftOut = items.at(-1);
  const changes = items
    .filter((site) => site !== leftOut)
    .map(({ siteId, siteName }) => ({ siteId, organizationId: organizations.get(siteName ?? '') ?? null }));
  await services.mapping.change(doer, made.id, { version, changes, collectDiscarded: false });
  return { accountId, connectionId: made.id, unmappedSite: leftOut?.siteName ?? '' };
}

async function hasConnection({ owner }: Services, accountId: string): Promise<boolean> {
  const found = await owner.kysely
    .selectFrom('connections')
    .select('id')
    .where('accountId', '=', accountId)
    .executeTakeFirst();
  return found !== undefined;
}

async function organizationsByName({ owner }: Services, accountId: string): Promise<Map<string, string>> {
  const found = await owner.kysely
    .selectFrom('organizations')
    .select(['name', 'id'])
    .where('accountId', '=', accountId)
    .where('deletedAt', 'is', null)
    .execute();
  return new Map(found.map(({ name, id }) => [name, id]));
}
