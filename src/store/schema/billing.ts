// What is counted for billing, and the statements made from it.
import type { JSONColumnType } from 'kysely';
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import type { StatementContent } from '../../domain/billing/statement.js';
import type { Defaulted, Instant } from './column-types.js';

export interface BillingTables {
  licenseCounts: LicenseCountsTable;
  agentCounts: AgentCountsTable;
  billingSettings: BillingSettingsTable;
  statements: StatementsTable;
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

export interface AgentCountsTable {
  accountId: string;
  connectionId: string;
  day: string;
  agents: number;
  licenses: number;
  countedAt: Defaulted<Instant>;
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
