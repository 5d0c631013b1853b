// The tables as TypeScript sees them: camelCase, instants as text with six fraction digits, ids as strings.
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { AuditActorKind } from '../../domain/audit.js';
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import type { StatementContent } from '../../domain/billing/statement.js';
import type { CheckCause, CheckState, Stage } from '../../domain/collecting/completeness.js';
import type { ConnectionState } from '../../domain/connection/connection.js';
import type { PermissionCheck } from '../../domain/connection/permissions.js';
import type { FieldColumns } from '../../domain/ecs/fields.js';
import type { PauseReason } from '../../domain/failures/failures.js';
import type { NoticeKind, NoticeSeverity, NoticeSubject } from '../../domain/notices/notices.js';
import type { Role } from '../../domain/roles.js';

type Instant = string;
/** Set by the database when left out. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;

export interface AccountsTable {
  id: string;
  name: string;
  timeZone: Defaulted<string>;
  billingBasis: Defaulted<BillingBasis>;
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
  /** The console's clock less ours at the last good poll. */
  consoleAheadMs: Defaulted<number>;
  /** null: not asked yet, or not allowed to see it. */
  syslogTaken: boolean | null;
  createdAt: Defaulted<Instant>;
  /** When it was disconnected or refused. */
  endedAt: Instant | null;
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
  /** null while it rests. */
  runningSince: Instant | null;
  /** Of its window, when it began to run. */
  coveredBeforeMs: Defaulted<number>;
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
  kind: 'live' | 'backfill' | 'completeness';
  slice: string;
  backfillId: string | null;
  fromAt: Instant | null;
  toAt: Instant | null;
  watermark: Instant | null;
  version: Defaulted<number>;
  doneAt: Instant | null;
}

/** What follows from the activity alone is in the table of ECS fields. */
export interface EventsTable extends FieldColumns {
  accountId: string;
  organizationId: string;
  connectionId: string;
  s1AccountId: string;
  siteId: string | null;
  ingestedAt: Instant;
  mappingVersion: number;
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

/** How an account is billed from a month (`2026-02`) on. */
export interface BillingSettingsTable {
  accountId: string;
  fromMonth: string;
  basis: BillingBasis;
  timeZone: string;
  changedAt: Defaulted<Instant>;
}

/** Frozen: rows are added and never changed. */
export interface StatementsTable {
  accountId: string;
  month: string;
  revision: number;
  basis: BillingBasis;
  timeZone: string;
  total: number;
  content: JSONColumnType<StatementContent>;
  contentSha256: string;
  frozenAt: Defaulted<Instant>;
  supersedes: number | null;
}

export interface AgentCountsTable {
  accountId: string;
  connectionId: string;
  day: string;
  agents: number;
  licenses: number;
  countedAt: Defaulted<Instant>;
}

export interface IdempotencyKeysTable {
  accountId: string;
  route: string;
  key: string;
  bodySha256: Buffer;
  resourceId: string;
  status: number;
  createdAt: Defaulted<Instant>;
}

/** Append-only, for every role. */
export interface AuditLogTable {
  accountId: string;
  id: Generated<number>;
  at: Defaulted<Instant>;
  actorKind: AuditActorKind;
  /** null: nobody of the account, such as the product itself. */
  actorId: string | null;
  actorLabel: string;
  action: string;
  subjectType: string;
  subjectId: string;
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
  before: JSONColumnType<Record<string, unknown>> | null;
  after: JSONColumnType<Record<string, unknown>> | null;
  commandId: string | null;
}

export interface CompletenessChecksTable {
  accountId: string;
  connectionId: string;
  fromAt: Instant;
  toAt: Instant;
  /** SentinelOne's own count of the window; null before the first check. */
  theirs: number | null;
  ours: number | null;
  repaired: Defaulted<number>;
  state: CheckState;
  checkedAt: Instant | null;
  checks: Defaulted<number>;
  stage: Defaulted<Stage>;
  cause: CheckCause | null;
  /** Through which instant of the console the connection had collected when the window was compared last. */
  throughAt: Instant | null;
  /** null unless short. */
  shortSince: Instant | null;
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

export interface AuthUsersTable {
  id: string;
  name: string;
  email: string;
  emailVerified: Defaulted<boolean>;
  createdAt: Defaulted<Instant>;
}

/** Better Auth's: a password or an identity at an OpenID provider. Not an account of ours. */
export interface AuthAccountsTable {
  id: string;
  userId: string;
  providerId: string;
  accountId: string;
  password: string | null;
}

export interface AuthRateLimitsTable {
  id: Generated<string>;
  key: string;
  count: number;
  lastRequest: number;
}

/** The owner's alone. */
export interface BootstrappedAccountsTable {
  name: string;
  accountId: string;
}

export interface BootstrappedAdminsTable {
  accountId: string;
  email: string;
}

export interface MembershipsTable {
  accountId: string;
  userId: string;
  role: Role;
  createdAt: Defaulted<Instant>;
}

export interface MembershipOrganizationsTable {
  accountId: string;
  userId: string;
  organizationId: string;
}

export interface ApiKeysTable {
  accountId: string;
  id: string;
  key: string;
  name: string;
  role: Role;
  secretSha256: Buffer;
  createdAt: Defaulted<Instant>;
  createdBy: string;
  expiresAt: Instant | null;
  lastUsedAt: Instant | null;
  revokedAt: Instant | null;
}

export interface ApiKeyOrganizationsTable {
  accountId: string;
  apiKeyId: string;
  organizationId: string;
}

export interface InvitationsTable {
  accountId: string;
  id: string;
  email: string;
  role: Role;
  tokenSha256: Buffer;
  createdAt: Defaulted<Instant>;
  createdBy: string;
  expiresAt: Instant;
}

export interface InvitationOrganizationsTable {
  accountId: string;
  invitationId: string;
  organizationId: string;
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
  billingSettings: BillingSettingsTable;
  statements: StatementsTable;
  agentCounts: AgentCountsTable;
  idempotencyKeys: IdempotencyKeysTable;
  auditLog: AuditLogTable;
  completenessChecks: CompletenessChecksTable;
  notices: NoticesTable;
  logSources: LogSourcesView;
  authUsers: AuthUsersTable;
  authAccounts: AuthAccountsTable;
  authRateLimits: AuthRateLimitsTable;
  bootstrappedAccounts: BootstrappedAccountsTable;
  bootstrappedAdmins: BootstrappedAdminsTable;
  memberships: MembershipsTable;
  membershipOrganizations: MembershipOrganizationsTable;
  apiKeys: ApiKeysTable;
  apiKeyOrganizations: ApiKeyOrganizationsTable;
  invitations: InvitationsTable;
  invitationOrganizations: InvitationOrganizationsTable;
}
