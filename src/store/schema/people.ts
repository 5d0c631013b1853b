// Accounts, their organizations and people, keys, and what was done by whom.
import type { Generated, JSONColumnType } from 'kysely';
import type { AuditActorKind } from '../../domain/audit.js';
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import type { Role } from '../../domain/roles.js';
import type { Defaulted, Instant } from './column-types.js';

export interface PeopleTables {
  accounts: AccountsTable;
  organizations: OrganizationsTable;
  memberships: MembershipsTable;
  membershipOrganizations: MembershipOrganizationsTable;
  invitations: InvitationsTable;
  invitationOrganizations: InvitationOrganizationsTable;
  apiKeys: ApiKeysTable;
  apiKeyOrganizations: ApiKeyOrganizationsTable;
  authUsers: AuthUsersTable;
  authAccounts: AuthAccountsTable;
  authRateLimits: AuthRateLimitsTable;
  bootstrappedAccounts: BootstrappedAccountsTable;
  bootstrappedAdmins: BootstrappedAdminsTable;
  idempotencyKeys: IdempotencyKeysTable;
  auditLog: AuditLogTable;
}

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
