// A page of activities as the ingest transaction takes it, and what became of it.
import type { KeptFrom } from '../../domain/collecting/retention.js';
import type { RejectReason } from '../../domain/ecs/read-activity.js';
import type { Checkpoint } from '../collecting/checkpoint.repository.js';
import type { PreparedActivity } from './prepare-activity.js';

export interface Reject {
  readonly text: string;
  readonly reason: RejectReason;
  /** `createdAt` where it could be read, so that the hour's count can include it. */
  readonly occurredAt: string | null;
}

export interface Page {
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
  readonly checkpoint: Checkpoint;
  /** Where the checkpoint's watermark goes, or null when this page does not move it. */
  readonly watermark: string | null;
  /** True when this page is the slice's last. */
  readonly done?: boolean;
  readonly activities: readonly PreparedActivity[];
  readonly rejects: readonly Reject[];
  /** What is older is not stored; left out, everything is. */
  readonly keptFrom?: KeptFrom;
  /** True for a backfill that collects what was discarded: rows of the discard ledger are stored and leave it. */
  readonly fromLedger?: boolean;
  /** The backfill to count the rows under. */
  readonly backfillId?: string;
}

export interface PageResult {
  readonly checkpoint: Checkpoint;
  readonly stored: number;
  readonly discarded: number;
  readonly rejected: number;
  /** Whose events were stored. */
  readonly organizationIds: readonly string[];
}
