// The tables as TypeScript sees them: camelCase, instants as text with six fraction digits, ids as strings.
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { ConnectionState } from '../domain/connection.js';
import type { PauseReason } from '../domain/failures.js';
import type { PermissionCheck } from '../domain/permissions.js';

type Instant = string;
/** Set by the database when left out. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;

export interface AccountsTable {
  id: string;
  name: string;
  timeZone: Defaulted<string>;
  createdAt: Defaulted<Instant>;
}

export interface OrganizationsTable {
  accountId: string;
  id: string;
  name: string;
  externalKey: string | null;
  createdAt: Defaulted<Instant>;
  deletedAt: Instant | null;
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
  createdAt: Defaulted<Instant>;
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
  storedCount: Defaulted<number>;
  lastEventAt: Instant | null;
  discardedCount: Defaulted<number>;
  firstDiscardedAt: Instant | null;
  lastDiscardedAt: Instant | null;
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

export interface AgentsTable {
  accountId: string;
  connectionId: string;
  agentId: string;
  /** null: SentinelOne answered without this agent. */
  siteId: string | null;
  checkedAt: Defaulted<Instant>;
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

export interface BackfillsTable {
  accountId: string;
  connectionId: string;
  id: string;
  kind: 'history' | 'requested' | 'discarded';
  fromAt: Instant;
  toAt: Instant;
  siteIds: string[] | null;
  state: Defaulted<'queued' | 'running' | 'done' | 'cancelled'>;
  pauseRequested: Defaulted<boolean>;
  cancelRequested: Defaulted<boolean>;
  createdAt: Defaulted<Instant>;
  startedAt: Instant | null;
  finishedAt: Instant | null;
  storedCount: Defaulted<number>;
  discardedCount: Defaulted<number>;
  rejectedCount: Defaulted<number>;
  unavailableCount: Defaulted<number>;
  consecutiveFailures: Defaulted<number>;
  failureCode: string | null;
  nextTryAt: Instant | null;
}

export interface CheckpointsTable {
  accountId: string;
  connectionId: string;
  kind: 'live' | 'backfill';
  slice: string;
  backfillId: string | null;
  fromAt: Instant | null;
  toAt: Instant | null;
  watermark: Instant | null;
  version: Defaulted<number>;
  doneAt: Instant | null;
}

export interface EventsTable {
  accountId: string;
  organizationId: string;
  connectionId: string;
  s1AccountId: string;
  activityId: string;
  activityType: number | null;
  siteId: string | null;
  agentId: string | null;
  occurredAt: Instant;
  ingestedAt: Instant;
  mappingVersion: number;
  message: string | null;
  sanitized: boolean;
  activity: string;
}

export interface DiscardsTable {
  accountId: string;
  connectionId: string;
  s1AccountId: string;
  activityId: string;
  occurredAt: Instant;
  discardedAt: Instant;
  siteId: string | null;
  agentId: string | null;
  siteFrom: 'activity' | 'agent';
  reason: 'site_unmapped' | 'agent_unresolved';
  mappingVersion: number;
}

export interface RejectsTable {
  accountId: string;
  connectionId: string;
  s1AccountId: string;
  sha256: Buffer;
  reason: string;
  occurredAt: Instant | null;
  receivedAt: Defaulted<Instant>;
  raw: string;
}

export interface LicenseCountsTable {
  accountId: string;
  connectionId: string;
  siteId: string;
  day: string;
  organizationId: string | null;
  firstCount: number;
  lastCount: number;
  peakCount: number;
  firstAt: Instant;
  lastAt: Instant;
}

export interface Schema {
  accounts: AccountsTable;
  organizations: OrganizationsTable;
  connections: ConnectionsTable;
  credentials: CredentialsTable;
  sites: SitesTable;
  siteMappings: SiteMappingsTable;
  mappingHistory: MappingHistoryTable;
  agents: AgentsTable;
  activityTypes: ActivityTypesTable;
  connectionTimeline: ConnectionTimelineTable;
  commands: CommandsTable;
  backfills: BackfillsTable;
  checkpoints: CheckpointsTable;
  events: EventsTable;
  discards: DiscardsTable;
  rejects: RejectsTable;
  licenseCounts: LicenseCountsTable;
}
