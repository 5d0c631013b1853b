// What notices are decided from.
import type { ConnectionState } from '../connection/connection-state.js';
import type { PermissionCheck } from '../connection/permissions.js';
import type { PauseReason } from '../failures/failures.js';

export interface UnmappedSite {
  readonly siteId: string;
  readonly siteName: string | null;
  readonly licenseCount: number | null;
  /** The oldest activity that was discarded; null when none was. */
  readonly discardedSince: string | null;
}

export interface MissingSite {
  readonly siteId: string;
  readonly siteName: string | null;
  readonly since: string | null;
}

export interface ChoreFacts {
  readonly chore: string;
  /** In a row. */
  readonly failures: number;
  readonly failureCode: string | null;
  readonly unreadable: readonly { readonly endpoint: string; readonly left: number; readonly partly: number }[];
  readonly unreadableAt: string | null;
}

/** What the store knows of one connection. Instants are ISO 8601. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly state: ConnectionState;
  readonly pauseReasons: readonly PauseReason[];
  /** 0 until somebody saved a mapping: until then every site is unmapped, and the state says so. */
  readonly mappingVersion: number;
  /** By the console's clock, which is this much ahead of ours. */
  readonly tokenExpiresAt: string | null;
  readonly consoleAheadMs: number;
  readonly permissions: readonly PermissionCheck[] | null;
  readonly syslogTaken: boolean | null;
  readonly unmappedSites: readonly UnmappedSite[];
  /** Mapped, and SentinelOne no longer lists them, or lists them as deleted. */
  readonly missingSites: readonly MissingSite[];
  /** Since when SentinelOne lists no site at all; null: it lists some. */
  readonly sitesEmptiedAt: string | null;
  /** Since when the token has another scope; null: it has not. */
  readonly scopeLostAt: string | null;
  /** Before that it was last seen to see the whole account; null: nobody had looked. */
  readonly scopeConfirmedAt: string | null;
  /** The latest jump of the console's clock that was believed, and by how much; null when there was none. */
  readonly clockJumpedAt: string | null;
  readonly clockJumpMs: number | null;
  /** How far its latest replies were off the clock that is gone by; null when they were not. */
  readonly clockDoubtMs: number | null;
  readonly degradedSince: string | null;
  readonly consecutiveFailures: number;
  readonly failureCode: string | null;
  /** The newest reject; null when there is none that is recent. */
  readonly lastRejectAt: string | null;
  /** When its workflow was last found gone and started again; null when it never was. */
  readonly workflowRestartedAt: string | null;
  /**
   * What SentinelOne counts and does not list, a day after its time: since when, and how many. Null when nothing is.
   */
  readonly shortfall: { readonly since: string; readonly missing: number } | null;
  /** Of recurring work: what keeps failing, and of which lists not everything could be read, since when. */
  readonly chores: readonly ChoreFacts[];
  /** Backfills that have failed several times in a row. */
  readonly failingBackfills: readonly { readonly id: string; readonly failureCode: string | null }[];
  /** The latest comparison of a day; null before there is one. */
  readonly agentCount: { readonly agents: number; readonly licenses: number } | null;
}
