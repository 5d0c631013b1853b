// What a simulated console holds when it starts. Everything has a default: the demonstration content below.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface SiteSeed {
  readonly name: string;
  readonly agents: number;
}

export interface AccountSeed {
  readonly name: string;
  readonly sites: readonly SiteSeed[];
}

/** A token's scope: the accounts of `accountIndexes`, or the sites of `siteIndexes`, or else the whole tenant. */
export interface TokenSeed {
  readonly label: string;
  readonly token?: string;
  readonly accountIndexes?: readonly number[];
  readonly siteIndexes?: readonly number[];
  readonly expiresAt?: string;
}

export interface SimulatorOptions {
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly seed?: number;
  readonly accounts?: readonly AccountSeed[];
  readonly historyRows?: number;
  readonly historyWindowMs?: number;
  /** The end of the history, by default the console's time at the start. Fixing it makes every row repeatable. */
  readonly historyEndsAt?: string;
  readonly liveRowsPerSecond?: number;
  /** How much of the history is rendered when the console starts and kept, for benchmarks of a client. Default 0. */
  readonly keepTextsMiB?: number;
  /** The token of account scope for the first account. */
  readonly token?: string;
  readonly tokens?: readonly TokenSeed[];
  /** Where tokens that are generated while it runs are kept for its next start. */
  readonly tokensFile?: string;
  readonly rateLimit?: boolean;
  /** Whether a 429 carries Retry-After, and in which of the two forms of HTTP. */
  readonly retryAfter?: 'none' | 'seconds' | 'date';
  readonly pageLatencyMs?: number;
  readonly clockSkewMs?: number;
  /** The machine's clock; tests may stop it. */
  readonly machineNowMs?: () => number;
}

export interface ResolvedOptions extends Required<Omit<SimulatorOptions, 'token' | 'tokensFile' | 'historyEndsAt'>> {
  readonly token: string | null;
  readonly tokensFile: string | null;
  readonly historyEndsAt: string | null;
}

/** A partner with six customers, one with a name outside ASCII, and a second partner to test scoping against. */
const DEMONSTRATION_ACCOUNTS: readonly AccountSeed[] = [
  {
    name: 'Northwind MSP',
    sites: [
      { name: 'Alder Dental Group', agents: 9 },
      { name: 'Brightwater Logistics', agents: 12 },
      { name: 'Cobalt & Sons Manufacturing', agents: 8 },
      { name: 'Dunmore Legal LLP', agents: 5 },
      { name: 'Évora Kaffeerösterei', agents: 3 },
      { name: 'Fenwick Credit Union', agents: 4 },
    ],
  },
  { name: 'Southgate Security', sites: [{ name: 'Harbour Clinic', agents: 4 }] },
];

/** The first token of each account, one for the whole tenant and one for a single site. */
const defaultTokens = (accounts: readonly AccountSeed[]): readonly TokenSeed[] => [
  ...accounts.map((_, index) => ({ label: `account-${index + 1}`, accountIndexes: [index] })),
  { label: 'tenant' },
  { label: 'site', siteIndexes: [0] },
];

export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const accounts = options.accounts ?? DEMONSTRATION_ACCOUNTS;
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    seed: options.seed ?? 1,
    accounts,
    historyRows: options.historyRows ?? 0,
    historyWindowMs: options.historyWindowMs ?? 3 * DAY_MS,
    historyEndsAt: options.historyEndsAt ?? null,
    liveRowsPerSecond: options.liveRowsPerSecond ?? 0,
    keepTextsMiB: options.keepTextsMiB ?? 0,
    token: options.token ?? null,
    tokens: options.tokens ?? defaultTokens(accounts),
    tokensFile: options.tokensFile ?? null,
    rateLimit: options.rateLimit ?? false,
    retryAfter: options.retryAfter ?? 'none',
    pageLatencyMs: options.pageLatencyMs ?? 0,
    clockSkewMs: options.clockSkewMs ?? 0,
    machineNowMs: options.machineNowMs ?? Date.now,
  };
}

/** The finite history of a demonstration; tests ask for what they need. */
export const DEMONSTRATION = { historyRows: 5000, historyWindowMs: 3 * DAY_MS, liveRowsPerSecond: 2 } as const;
