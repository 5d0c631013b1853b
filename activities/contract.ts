// What workflows and activities say to each other. Only ids, counts, instants and codes travel here: whatever Temporal
// carries is kept in its history, so no token, activity body, personal data or free text may appear in these types.
import type { ConnectionState } from '../src/domain/connection/connection-state.js';
import type { RepairCounts } from '../src/domain/connection/repair.js';
import type { StoredConnection } from '../src/domain/connection/stored-connection.js';
import type { FailureCode, PauseReason } from '../src/domain/failures/failures.js';

export interface ConnectionRef {
  readonly accountId: string;
  readonly connectionId: string;
}

/**
 * A change of state. `commandId` is stored with the change, so an attempt that finds its own returns the stored result.
 */
export interface Command extends ConnectionRef {
  readonly commandId: string;
}

export type Verdict =
  | { readonly verdict: 'accepted'; readonly credentialId: string; readonly tokenExpiresAt: string | null }
  | { readonly verdict: 'refused'; readonly code: FailureCode };

/** Thrown by activities that met a rejected token or a missing permission: `ApplicationFailure.details[0]`. */
export interface UpstreamRejection {
  readonly credentialId: string;
}

export interface PollOutcome {
  readonly credentialId: string;
  readonly stored: number;
  readonly discarded: number;
  readonly rejected: number;
  /** The connection's newest collected `createdAt`, or null before the first row. */
  readonly watermark: string | null;
  /** Whether backfill rows wait in the table, so that the workflow makes sure that their workflow runs. */
  readonly backfillQueued: boolean;
}

export interface SitesOutcome {
  readonly credentialId: string;
  /** Of what is stored, these three, so that the workflow learns when it goes by something else. */
  readonly stateSeq: number;
  readonly mappingVersion: number;
  readonly pollIntervalMs: number;
  readonly total: number;
  readonly mapped: number;
  readonly backfillQueued: boolean;
}

export interface LicenseCountsOutcome {
  readonly credentialId: string;
  readonly sites: number;
}

export interface TokenOutcome {
  readonly credentialId: string;
  /** Of the stored state, as in SitesOutcome. */
  readonly stateSeq: number;
  readonly status: 'alive' | 'rejected' | 'expired';
  readonly expiresAt: string | null;
  /** Of a living token: whether it sees the whole account; left out of a dead one. */
  readonly scope?: 'whole' | 'other' | 'unknown';
}

export interface PermissionsOutcome {
  readonly credentialId: string;
  /** True when no required permission is missing. */
  readonly granted: boolean;
}

export interface MappingChange {
  readonly siteId: string;
  readonly organizationId: string | null;
}

export interface ApplyMapping extends Command {
  readonly version: number;
  readonly changes: readonly MappingChange[];
  readonly collectDiscarded: boolean;
}

export interface MappingOutcome {
  readonly version: number;
  readonly total: number;
  readonly mapped: number;
  readonly backfillQueued: boolean;
}

export interface SwapCredential extends Command {
  readonly credentialId: string;
}

export interface CredentialOutcome {
  readonly credentialId: string;
  readonly tokenExpiresAt: string | null;
}

export interface Poll extends ConnectionRef {
  readonly pollIntervalMs: number;
  /** Of the state in which the workflow believes the connection to be; left out by runs that an earlier build began. */
  readonly stateSeq?: number;
}

export interface ChangeSettings extends Command {
  readonly pollIntervalMs?: number;
  readonly defaultOrganizationId?: string;
}

/** Written only where the stored sequence is lower: a late retry can never put an older state back. */
export interface StatusProjection extends ConnectionRef {
  readonly stateSeq: number;
  readonly state: ConnectionState;
  readonly pauseReasons: readonly PauseReason[];
  /** Why the latest change happened: a message's name or a failure code. */
  readonly cause: string;
}

/** `superseded`: the store holds a later state, or another of the same sequence, and was left as it is. */
export type Projected =
  { readonly outcome: 'written' } | { readonly outcome: 'superseded'; readonly stored: StoredConnection };

/** `standing`: the connection is past its validation, so nothing was refused and nothing destroyed. */
export type Refusal =
  { readonly outcome: 'refused' } | { readonly outcome: 'standing'; readonly stored: StoredConnection };

export interface TimelineEntry extends Command {
  /** A message's name: `rotateToken`, `remapSites`; or `adopted`. */
  readonly kind: string;
  readonly outcome: 'applied' | 'refused';
  readonly code: string | null;
}

export interface CompletenessOutcome {
  readonly credentialId: string;
  /** Windows whose comparison was finished. */
  readonly checked: number;
  /** Rows that were missing and have been collected. */
  readonly repaired: number;
  /** Windows of which SentinelOne counts more than it lists. */
  readonly short: number;
}

export interface BackfillOutcome {
  readonly credentialId: string | null;
  /**
   * True when no queued row is left to work on, or the connection is not collecting: both end the backfill workflow.
   */
  readonly drained: boolean;
}

export interface FreezeOutcome {
  /** Statements; those that were there already are not counted. */
  readonly frozen: number;
}

/** How much each step of maintenance did: partitions made and dropped, rows deleted, tokens destroyed. */
export interface MaintenanceOutcome {
  readonly done: Readonly<Record<string, number>>;
  /** Steps that could not be finished; never any in a result, only in the details of a failure. */
  readonly failed: readonly string[];
}

/** How many connections: looked at; started again; started to be torn down; creations ended; not repaired. */
export interface ReconcileOutcome extends RepairCounts {
  /** Workflows that show another state than their row and were told to compare. */
  readonly compared: number;
}

/**
 * Every activity by name. Errors are `ApplicationFailure` with a `FailureCode` as type; details as `UpstreamRejection`
 * where a token or permission is concerned.
 */
export interface Activities {
  /**
   * All checks of a new connection, in the order in which a person would mend what they find. Writes what it learned;
   * an upstream outage is a refusal here.
   */
  readonly validateConnection: (input: Command) => Promise<Verdict>;
  /**
   * Marks the connection refused with its code and destroys the credential, but only while its row is still
   * `validating`: a run that was reset to its beginning comes here again.
   */
  readonly refuseConnection: (input: Command & { readonly code: FailureCode }) => Promise<Refusal>;
  /** What the store holds. Fails with `connection_gone` when there is no row. */
  readonly readConnection: (input: ConnectionRef) => Promise<StoredConnection>;
  /**
   * One chain of pages. Finding nothing new is a retryable BENIGN failure of type `idle` whose `nextRetryDelay` is the
   * interval. Fails with `state_differs`, and asks SentinelOne nothing, when the store's state is not of `stateSeq`.
   */
  readonly pollActivities: (input: Poll) => Promise<PollOutcome>;
  /**
   * Fails with `s1.scope_changed`, and believes nothing that is listed, when the token sees less than the account. So
   * does `recordLicenseCounts`.
   */
  readonly syncSites: (input: ConnectionRef) => Promise<SitesOutcome>;
  readonly recordLicenseCounts: (input: ConnectionRef) => Promise<LicenseCountsOutcome>;
  /**
   * Asks `/system/info`, reads the expiry and what the token sees. Never fails for a dead token or another scope: that
   * is its answer.
   */
  readonly checkToken: (input: ConnectionRef) => Promise<TokenOutcome>;
  readonly checkPermissions: (input: ConnectionRef) => Promise<PermissionsOutcome>;
  /**
   * Compares windows that are due with SentinelOne's own count and collects what is missing: some requests, about a
   * minute.
   */
  readonly checkCompleteness: (input: ConnectionRef) => Promise<CompletenessOutcome>;
  /** One transaction under the connection's exclusive lock. */
  readonly applyMapping: (input: ApplyMapping) => Promise<MappingOutcome>;
  /** Checks the new token, makes it current, destroys the old one here. Refused: the old one stays. */
  readonly swapCredential: (input: SwapCredential) => Promise<CredentialOutcome>;
  readonly changeSettings: (input: ChangeSettings) => Promise<void>;
  /** Fails with `connection_gone` when there is no row. */
  readonly projectStatus: (input: StatusProjection) => Promise<Projected>;
  readonly recordTimeline: (input: TimelineEntry) => Promise<void>;
  /** Destroys the tokens, cancels what is queued. Twice is harmless. */
  readonly tearDown: (input: Command) => Promise<void>;
  /** Works on the connection's oldest unfinished backfill row until it is done, paused, cancelled or interrupted. */
  readonly runBackfill: (input: ConnectionRef) => Promise<BackfillOutcome>;
  /** ISO 8601: when Temporal committed the workflow task that asked for it. No I/O; every attempt says the same. */
  readonly readCommitTime: () => Promise<string>;
  /**
   * Every account's months that are over. Twice is harmless; fails, retryably, when one of them could not be frozen.
   */
  readonly freezeStatements: () => Promise<FreezeOutcome>;
  /**
   * Every step, whatever became of the others; twice is harmless. Fails, retryably, when a step did: `details[0]` is
   * the outcome.
   */
  readonly maintain: () => Promise<MaintenanceOutcome>;
  /**
   * Starts again every connection's workflow that is gone, and has those compare that show another state than their
   * row. One that cannot be repaired keeps no other from being; twice, or two at once, is harmless. Fails, retryably,
   * while Temporal or PostgreSQL is away.
   */
  readonly reconcile: () => Promise<ReconcileOutcome>;
}
