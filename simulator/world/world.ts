// Who exists on the simulated console: accounts, sites with their groups, agents and console users. Entities are found
// by id and carry an index, which is what an activity row stores instead of an id.
import type { AccountSeed } from '../options.js';
import { entityId, randomUuid } from './ids.js';
import { Random } from './random.js';

export interface Account {
  readonly index: number;
  readonly id: string;
  /** Its name now; rows speak of the account by it, whenever they were created. */
  name: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
}

export type SiteState = 'active' | 'deleted' | 'expired';

export interface Site {
  readonly index: number;
  readonly id: string;
  readonly account: Account;
  /** Every name the site has had, oldest first: a row keeps the name of its time. */
  readonly names: { readonly sinceMicros: number; readonly name: string }[];
  readonly groups: readonly Group[];
  readonly registrationToken: string;
  readonly createdAtMicros: number;
  updatedAtMicros: number;
  state: SiteState;
  expirationMicros: number | null;
  /** What the console reports as `activeLicenses`; `counted` means the site's installed agents. */
  activeLicenses: number | null | 'counted';
}

export interface Agent {
  readonly index: number;
  readonly id: string;
  readonly uuid: string;
  readonly computerName: string;
  readonly osType: 'windows' | 'linux' | 'macos';
  readonly osName: string;
  readonly agentVersion: string;
  readonly machineType: string;
  readonly externalIp: string;
  readonly localIp: string;
  readonly lastUser: string;
  site: Site;
  isDecommissioned: boolean;
  isUninstalled: boolean;
}

export interface ConsoleUser {
  readonly id: string;
  readonly fullName: string;
  readonly email: string;
  readonly role: string;
}

const PEOPLE = ['Jo Ferris', 'Amélie Roux', 'Sam Okafor', 'Ines Duarte', '王 小明', "Liam O'Hara"] as const;
const ROLES = ['Admin', 'SOC', 'IT', 'Viewer', 'IR Team', 'SOC'] as const;
const MACHINES = [
  { osType: 'windows', osName: 'Windows 11 Pro', machineType: 'laptop', tag: 'LT' },
  { osType: 'windows', osName: 'Windows 11 Pro', machineType: 'desktop', tag: 'WS' },
  { osType: 'windows', osName: 'Windows Server 2022 Standard', machineType: 'server', tag: 'SRV' },
  { osType: 'macos', osName: 'macOS 15.3', machineType: 'laptop', tag: 'MB' },
  { osType: 'linux', osName: 'Ubuntu 24.04 LTS', machineType: 'server', tag: 'LX' },
] as const;
const VERSIONS = ['24.1.5.277', '24.2.3.471', '25.1.1.134'] as const;
const LOGINS = ['mkemp', 'r.santos', 'a.novak', 'frontdesk', 'svc_backup', 'bjørn'] as const;

export class World {
  readonly accounts: Account[] = [];
  readonly sites: Site[] = [];
  readonly agents: Agent[] = [];
  readonly users = new Map<Account, readonly ConsoleUser[]>();
  private readonly agentsById = new Map<string, Agent>();
  /** Counts changes, so that lists derived from the world know when they are out of date. */
  version = 0;
  private made = 0;

  constructor(
    private readonly seed: number,
    seeds: readonly AccountSeed[],
    bornAtMicros: number,
  ) {
    for (const accountSeed of seeds) {
      const account = this.addAccount(accountSeed.name);
      for (const siteSeed of accountSeed.sites) {
        const site = this.addSite({ account, name: siteSeed.name, atMicros: bornAtMicros });
        for (let n = 0; n < siteSeed.agents; n += 1) this.addAgent(site);
      }
    }
  }

  account = (id: string): Account | undefined => this.accounts.find((account) => account.id === id);
  site = (id: string): Site | undefined => this.sites.find((site) => site.id === id);
  agent = (id: string): Agent | undefined => this.agentsById.get(id);

  agentsOf = (site: Site): readonly Agent[] => this.agents.filter((agent) => agent.site === site);

  /** The agents that use a licence. */
  installedIn = (site: Site): number =>
    this.agents.reduce((n, a) => n + (a.site === site && !a.isDecommissioned && !a.isUninstalled ? 1 : 0), 0);

  /** To be called after an entity was changed in place. */
  changed(): void {
    this.version += 1;
  }

  nextId(): string {
    this.made += 1;
    return entityId(this.seed, this.made);
  }

  addAccount(name: string): Account {
    const account = { index: this.accounts.length, id: this.nextId(), name };
    const domain = `${slug(name)}.example`;
    this.accounts.push(account);
    this.users.set(
      account,
      PEOPLE.map((fullName, n) => ({
        id: this.nextId(),
        fullName,
        email: `${['jo', 'amelie', 'sam', 'ines', 'xiaoming', 'liam'][n] ?? 'user'}@${domain}`,
        role: ROLES[n] ?? 'Viewer',
      })),
    );
    return account;
  }

  addSite(site: { readonly account: Account; readonly name: string; readonly atMicros: number }): Site {
    const groups = ['Default Group', 'Servers', 'Außendienst'].map((name) => ({ id: this.nextId(), name }));
    const added: Site = {
      index: this.sites.length,
      id: this.nextId(),
      account: site.account,
      names: [{ sinceMicros: 0, name: site.name }],
      groups,
      registrationToken: Buffer.from(`simulated-registration-${this.seed}-${this.made}`).toString('base64'),
      createdAtMicros: site.atMicros,
      updatedAtMicros: site.atMicros,
      state: 'active',
      expirationMicros: null,
      activeLicenses: 'counted',
    };
    this.sites.push(added);
    this.changed();
    return added;
  }

  addAgent(site: Site, computerName?: string): Agent {
    const index = this.agents.length;
    const random = new Random(this.seed * 7919 + index);
    const { tag, ...machine } = random.pick(MACHINES);
    const agent: Agent = {
      index,
      id: this.nextId(),
      uuid: randomUuid(this.seed, index).replaceAll('-', ''),
      computerName:
        computerName ??
        `${nameOf(site).split(/\W+/)[0]?.slice(0, 8).toUpperCase() || 'HOST'}-${tag}-${String(index + 1).padStart(3, '0')}`,
      ...machine,
      agentVersion: random.pick(VERSIONS),
      externalIp: `203.0.113.${1 + random.int(254)}`,
      localIp: `10.${site.index % 250}.${random.int(8)}.${1 + random.int(254)}`,
      lastUser: random.pick(LOGINS),
      site,
      isDecommissioned: false,
      isUninstalled: false,
    };
    this.agents.push(agent);
    this.changed();
    this.agentsById.set(agent.id, agent);
    return agent;
  }
}

const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** The site's name now, or at an instant. */
export function nameOf(site: Site, atMicros = Number.MAX_SAFE_INTEGER): string {
  for (let n = site.names.length - 1; n > 0; n -= 1) {
    const entry = site.names[n];
    if (entry !== undefined && entry.sinceMicros <= atMicros) return entry.name;
  }
  return site.names[0]?.name ?? '';
}

/** An agent's group follows from its index, so that a row needs to store only its site and its agent. */
export const groupOf = (site: Site, agent: Agent): Group | null =>
  site.groups[agent.index % site.groups.length] ?? null;
