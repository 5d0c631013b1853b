// A partner of the product under torture: an account with organizations and an API key, and a connection to a
// SentinelOne account of one of the consoles, mapped as its admin would.
import { randomBytes } from 'node:crypto';
import { bootstrap } from '../../src/api/auth/bootstrap.js';
import { operator } from '../../src/api/http/request-facts.js';
import { Secret } from '../../src/domain/secret.js';
import { type SimulatorControl, simulatorState } from '../../src/embedded/demo/simulator-control.js';
import { type ApiClient, createApiClient, type Try } from './api-client.js';
import { CONSOLE_OF_PARTNER } from './plan.js';
import type { TortureStack } from './stack.js';
import { COLLECT_HISTORY_MS, CONSOLES, FIRST_MAPPING, ORGANIZATIONS } from './world.js';

export interface Partner {
  readonly n: number;
  readonly name: string;
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
  readonly consoleN: number;
  readonly console: SimulatorControl;
  /** In the order of `ORGANIZATIONS`. */
  readonly organizationIds: readonly string[];
  readonly api: ApiClient;
  /** The console's name of the token in use; a change of token is one person's work at a time. */
  readonly token: HeldToken;
  /** How many people want it paused just now. */
  pausing: number;
}

export interface HeldToken {
  label: string;
  made: number;
  busy: Promise<unknown>;
  /** By last four characters, as the product shows them: the console's name of every token there was. */
  readonly labels: Map<string, string>;
  /** Last four characters of those that the console killed when it made another. */
  readonly dead: Set<string>;
}

export const lastFourOf = (token: string): string => token.slice(-4);

export interface OpenPartners {
  readonly stack: TortureStack;
  readonly tries: Try[];
  readonly signal: AbortSignal;
}

/** Connected and mapped; the last site of each is left unmapped. */
export const openPartners = (options: OpenPartners): Promise<Partner[]> =>
  Promise.all(CONSOLE_OF_PARTNER.map((_, n) => openPartner(options, n)));

async function openPartner({ stack, tries, signal }: OpenPartners, n: number): Promise<Partner> {
  const { services, consoles, apiUrl } = stack;
  const consoleN = CONSOLE_OF_PARTNER[n] ?? 0;
  const console = consoles[consoleN];
  if (console === undefined) throw new Error('there is no such console');
  const accountN = CONSOLE_OF_PARTNER.slice(0, n).filter((each) => each === consoleN).length;
  const name = CONSOLES[consoleN]?.accounts[accountN]?.name ?? '';
  const { accounts, sites } = await simulatorState(console);
  const s1AccountId = accounts[accountN]?.id ?? '';
  const secret = randomBytes(32).toString('base64url');
  const apiKey = { key: `torture-${n + 1}`, secret: new Secret(secret) };
  const { accountId } = await bootstrap(services.owner, { account: name, apiKey });
  const organizationIds: string[] = [];
  for (const organization of ORGANIZATIONS) {
    const made = { name: organization, externalKey: null };
    organizationIds.push((await services.organizations.create(operator(accountId, 'torture'), made)).id);
  }
  const label = `partner-${n + 1}-0`;
  const { token } = (await console.order('add-token', { label, accountIds: [s1AccountId] })) as { token: string };
  // Not over HTTP, where no connection may be polled every second.
  const doer = operator(accountId, 'torture');
  const { id: connectionId } = (
    await services.connectionCreation.create(doer, {
      name: 'SentinelOne',
      consoleUrl: console.url,
      apiToken: token,
      defaultOrganizationId: organizationIds[0] ?? '',
      collectFrom: new Date(Date.now() - COLLECT_HISTORY_MS).toISOString(),
    })
  ).body;
  const { version } = await services.connectionQueries.sites(doer.principal, connectionId);
  const own = sites.filter((site) => site.accountId === s1AccountId);
  const changes = own.map(({ id: siteId }, place) => {
    const organization = FIRST_MAPPING[place] ?? null;
    return { siteId, organizationId: organization === null ? null : (organizationIds[organization] ?? '') };
  });
  await services.mapping.change(doer, connectionId, { version, changes, collectDiscarded: false });
  return {
    n,
    name,
    accountId,
    connectionId,
    s1AccountId,
    consoleN,
    console,
    organizationIds,
    api: createApiClient({ url: apiUrl, apiKey: `${apiKey.key}:${secret}`, tries, signal }),
    token: {
      label,
      made: 0,
      busy: Promise.resolve(),
      labels: new Map([[lastFourOf(token), label]]),
      dead: new Set(),
    },
    pausing: 0,
  };
}
