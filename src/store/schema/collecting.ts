// How far a connection has collected, and what became of the activities that are not events.
import type { CheckCause, CheckState, Stage } from '../../domain/collecting/completeness.js';
import type { Defaulted, Instant } from './column-types.js';
import type { EventsTable } from './events.js';

export interface CollectingTables {
  checkpoints: CheckpointsTable;
  backfills: BackfillsTable;
  events: EventsTable;
  completenessChecks: CompletenessChecksTable;
  agents: AgentsTable;
  discards: DiscardsTable;
  rejects: RejectsTable;
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

export interface AgentsTable {
  accountId: string;
  connectionId: string;
  agentId: string;
  /** null: SentinelOne answered without this agent. */
  siteId: string | null;
  checkedAt: Defaulted<Instant>;
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
