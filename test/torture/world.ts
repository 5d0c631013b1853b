// The world of a campaign: two consoles with three SentinelOne accounts, each of which a partner of ours has connected
// and mapped to organizations. Small enough that a run of minutes meets everything, fast enough that pages are often
// whole.
import type { Intervals } from '../../src/domain/connection/chores.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** By account, in the order of the plan's partners. */
export const CONSOLES = [
  {
    rowsPerSecond: 30,
    accounts: [
      { name: 'Northwind MSP', sites: sites('Alder', 'Brightwater', 'Cobalt', 'Dunmore', 'Évora') },
      { name: 'Southgate Security', sites: sites('Fenwick', 'Garnet', 'Harbour', 'Islay', 'Juniper') },
    ],
  },
  {
    rowsPerSecond: 20,
    accounts: [{ name: 'Westmere Partners', sites: sites('Kestrel', 'Larch', 'Mallow', 'Norwood', 'Osprey') }],
  },
] as const;

function sites(...names: readonly string[]) {
  return names.map((name) => ({ name: `${name} & Co.`, agents: 3 }));
}

/** The default one, four customers, and one to whom nothing is ever mapped. */
export const ORGANIZATIONS = ['Internal', 'Customer 1', 'Customer 2', 'Customer 3', 'Customer 4', 'Nobody'] as const;
export const CUSTOMERS = [1, 2, 3, 4] as const;
export const FIRST_MAPPING = [1, 2, 3, 4, null] as const;

export const HISTORY_ROWS = 15_000;
/** Two slices of a backfill and a few hours that are old enough to be compared. */
export const HISTORY_HOURS = 8;
export const COLLECT_HISTORY_MS = 9 * HOUR_MS;

/** Between near and far, so that chains of pages are met in the middle. */
export const PAGE_LATENCY_MS = 40;

/** Shares of it: 2/10 for the poll, 7/10 for backfills, the rest for comparisons. */
export const REQUESTS_PER_SECOND = 50;

/** Everything that has its own rhythm happens often within a run of minutes, and heals within seconds. */
export const INTERVALS: Intervals = {
  pollIntervalMs: SECOND_MS,
  sitesIntervalMs: 10 * SECOND_MS,
  licenseCountsIntervalMs: 30 * SECOND_MS,
  tokenCheckIntervalMs: 30 * SECOND_MS,
  permissionRecheckIntervalMs: 4 * SECOND_MS,
  tokenProbeIntervalMs: 4 * SECOND_MS,
  completenessIntervalMs: 15 * SECOND_MS,
};

/** Rows dated back by so much, or ahead, are live collection's to find: it reads two minutes again. */
export const LATE_MS = 60 * SECOND_MS;
export const AHEAD_MS = 45 * SECOND_MS;
/** A comparison six hours later looks at every hour of the run again. */
export const AFTERWARDS_MS = 8 * HOUR_MS;
