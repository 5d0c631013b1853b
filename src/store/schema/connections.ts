// A connection, its tokens, sites and mapping, and what is told of it.
import type { Generated, JSONColumnType } from 'kysely';
import type { ConnectionState } from '../../domain/connection/connection-state.js';
import type { PermissionCheck } from '../../domain/connection/permissions.js';
import type { PauseReason } from '../../domain/failures/failures.js';
import type { NoticeKind, NoticeSeverity, NoticeSubject } from '../../domain/notices/notices.js';
import type { Defaulted, Instant } from './column-types.js';

export interface ConnectionTables {
  connections: ConnectionsTable;
  credentials: CredentialsTable;
  sites: SitesTable;
  siteAbsences: SiteAbsencesTable;
  siteMappings: SiteMappingsTable;
  mappingHistory: MappingHistoryTable;
  logSources: LogSourcesView;
  activityTypes: ActivityTypesTable;
  connectionTimeline: ConnectionTimelineTable;
  commands: CommandsTable;
  notices: NoticesTable;
  workers: WorkersTable;
  choreHealth: ChoreHealthTable;
}

export interface ConnectionsTable {
  accountId: string;
  id: string;
  name: string;
  consoleUrl: string;
  defaultOrganizationId: string;
  s1AccountId: string | null;
  s1AccountName: string | null;
  credentialId: string | null;
  collectFrom: Instant | null;
  pollIntervalSeconds: number;
  mappingVersion: Defaulted<number>;
  permissions: JSONColumnType<PermissionCheck[]> | null;
  state: Defaulted<ConnectionState>;
  stateSeq: Defaulted<number>;
  pauseReasons: Defaulted<PauseReason[]>;
  stateCause: string | null;
  refusalCode: string | null;
  collectedThrough: Instant | null;
  lastPollAt: Instant | null;
  consecutiveFailures: Defaulted<number>;
  degradedSince: Instant | null;
  failureCode: string | null;
  nextTryAt: Instant | null;
  storedCount: Defaulted<number>;
  discardedCount: Defaulted<number>;
  rejectedCount: Defaulted<number>;
  /** The console's clock less ours at the last good poll. */
  consoleAheadMs: Defaulted<number>;
  /** null: not asked yet, or not allowed to see it. */
  syslogTaken: boolean | null;
  createdAt: Defaulted<Instant>;
  /** When it was disconnected or refused. */
  endedAt: Instant | null;
  /** When its workflow was last found gone and started again. */
  workflowRestartedAt: Instant | null;
  /** Since when Temporal has no workflow of it; null: it has. */
  workflowMissingSince: Instant | null;
  /** When the token was last seen to see the whole account: by our clock, and by the console's. */
  scopeConfirmedAt: Instant | null;
  scopeConfirmedThrough: Instant | null;
  /** Since when the token is known to have another scope; null: it has not. */
  scopeLostAt: Instant | null;
  /** Since when SentinelOne lists no site at all; null: it lists some. */
  sitesEmptiedAt: Instant | null;
  clockJumpedAt: Instant | null;
  clockJumpMs: number | null;
  /** How far had been collected for sure before the console's clock last jumped. */
  clockSureThrough: Instant | null;
  /** How far the replies of the latest poll were off the clock that is gone by; null: they were not. */
  clockDoubtMs: number | null;
}

export interface CredentialsTable {
  accountId: string;
  id: string;
  connectionId: string;
  tokenJwe: string | null;
  lastFour: string;
  expiresAt: Instant | null;
  createdAt: Defaulted<Instant>;
  pendingUntil: Instant | null;
  destroyedAt: Instant | null;
  /** Of a token that was refused for them. */
  permissions: JSONColumnType<PermissionCheck[]> | null;
}

export interface SitesTable {
  accountId: string;
  connectionId: string;
  siteId: string;
  name: string | null;
  state: Defaulted<string>;
  activeLicenses: number | null;
  firstSeenAt: Defaulted<Instant>;
  syncedAt: Instant | null;
  /** When it was first seen to be deleted; null while it is not. */
  deletedAt: Instant | null;
  storedCount: Defaulted<number>;
  lastEventAt: Instant | null;
  discardedCount: Defaulted<number>;
  firstDiscardedAt: Instant | null;
  lastDiscardedAt: Instant | null;
}

/** From when to when a site was not listed, or listed as deleted, before it came back. */
export interface SiteAbsencesTable {
  accountId: string;
  connectionId: string;
  siteId: string;
  goneAt: Instant;
  returnedAt: Instant;
}

export interface SiteMappingsTable {
  accountId: string;
  connectionId: string;
  siteId: string;
  organizationId: string;
}

export interface MappingHistoryTable {
  accountId: string;
  connectionId: string;
  version: number;
  /** null: the row says the default organization of this version. */
  siteId: string | null;
  organizationId: string | null;
  committedAt: Instant;
  commandId: string;
}

/** A view: mapped sites of living connections, scoped by itself. */
export interface LogSourcesView {
  accountId: string;
  connectionId: string;
  siteId: string;
  organizationId: string;
  organizationName: string;
  siteName: string | null;
  siteState: string;
  activeLicenses: number | null;
  storedCount: number;
  lastEventAt: Instant | null;
  connectionName: string;
  connectionState: ConnectionState;
}

export interface ActivityTypesTable {
  accountId: string;
  connectionId: string;
  activityType: number;
  name: string;
  fetchedAt: Defaulted<Instant>;
}

export interface ConnectionTimelineTable {
  accountId: string;
  connectionId: string;
  id: Generated<number>;
  at: Defaulted<Instant>;
  kind: string;
  outcome: string;
  code: string | null;
  commandId: string | null;
  details: JSONColumnType<Record<string, unknown>, string | undefined>;
}

export interface CommandsTable {
  accountId: string;
  connectionId: string;
  commandId: string;
  kind: string;
  result: JSONColumnType<Record<string, unknown>>;
  at: Defaulted<Instant>;
}

export interface NoticesTable {
  accountId: string;
  id: string;
  connectionId: string | null;
  kind: NoticeKind;
  subjectType: NoticeSubject['type'];
  subjectId: string;
  severity: NoticeSeverity;
  state: Defaulted<'open' | 'resolved'>;
  details: JSONColumnType<Record<string, unknown>>;
  openedAt: Defaulted<Instant>;
  updatedAt: Defaulted<Instant>;
  resolvedAt: Instant | null;
}

/** Worker processes, of no account; the api sees none. */
export interface WorkersTable {
  identity: string;
  startedAt: Defaulted<Instant>;
  seenAt: Defaulted<Instant>;
}

/** Of an activity that recurs; a chore that was never in trouble has no row. */
export interface ChoreHealthTable {
  accountId: string;
  connectionId: string;
  chore: string;
  failures: Defaulted<number>;
  failureCode: string | null;
  failingSince: Instant | null;
  unreadable: JSONColumnType<{ endpoint: string; left: number; partly: number }[]>;
  unreadableAt: Instant | null;
}
