// The demonstration account of a first start: organizations, a connection to the simulated console, every site mapped but one,
// whose activities are discarded in plain sight.
import type { Services } from './services.js';
import { simulatorControl, simulatorState } from './simulator-control.js';
import type { RunningStack } from './one-machine-stack.js';

const DEFAULT_ORGANIZATION = 'Northwind MSP (internal)';
const HISTORY_DAYS = 3;

export interface Demonstration {
  readonly accountId: string;
  readonly connectionId: string;
  readonly unmappedSite: string;
}

/** Undefined when the account is there already: seeded once, and from then on left alone. */
export async function seedDemonstration(
  services: Services,
  running: RunningStack,
  { accountName, simulatorUrl }: { readonly accountName: string; readonly simulatorUrl: string },
): Promise<Demonstration | undefined> {
  if ((await services.accounts.findByName(accountName)) !== undefined) return undefined;
  const { accounts, sites } = await simulatorState(simulatorControl(simulatorUrl));
  const customers = sites.filter((site) => site.accountId === accounts[0]?.id);
  const { id: accountId } = await services.accounts.create({ name: accountName });
  const organizations = new Map<string, string>();
  for (const name of [DEFAULT_ORGANIZATION, ...customers.map((site) => site.name)]) {
    organizations.set(name, (await services.organizations.create(accountId, { name })).id);
  }
  const { connectionId } = await services.connections.create(accountId, {
    name: 'SentinelOne',
    consoleUrl: simulatorUrl,
    apiToken: running.simulatorToken,
    defaultOrganizationId: organizations.get(DEFAULT_ORGANIZATION) ?? '',
    collectFrom: new Date(Date.now() - HISTORY_DAYS * 24 * 3_600_000).toISOString(),
  });
  const { version, items } = await services.connections.sites(accountId, connectionId);
  const leftOut = items.at(-1);
  const changes = items
    .filter((site) => site !== leftOut)
    .map(({ siteId, siteName }) => ({ siteId, organizationId: organizations.get(siteName ?? '') ?? null }));
  await services.connections.saveMapping(accountId, connectionId, { version, changes });
  return { accountId, connectionId, unmappedSite: leftOut?.siteName ?? '' };
}
