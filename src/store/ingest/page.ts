// The stages of a page once its rows are known: prepared (read, without what is in the database already), to be stored
// (with where its chain stands), stored. Before them it is an `ActivityPage`, as SentinelOne sent it, and an
// `OpenPage`, while it is read.
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

export interface PreparedPage {
  readonly activities: readonly PreparedActivity[];
  readonly rejects: readonly Reject[];
  /** The newest time among the rows that are known, or null when none is. */
  readonly newestKnown: string | null;
}

/** What the ingest transaction takes. */
export interface PageToStore extends Pick<PreparedPage, 'activities' | 'rejects'> {
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
  readonly checkpoint: Checkpoint;
  /** Where the checkpoint's watermark goes, or null when this page does not move it. */
  readonly watermark: string | null;
  /** True when this page is the slice's last. */
  readonly done?: boolean;
  /** What is older is not stored; left out, everything is. */
  readonly keptFrom?: KeptFrom;
  /** True for a backfill that collects what was discarded: rows of the discard ledger are stored and leave it. */
  readonly fromLedger?: boolean;
  /** The backfill to count the rows under. */
  readonly backfillId?: string;
}

export interface StoredPage {
  readonly checkpoint: Checkpoint;
  readonly stored: number;
  readonly discarded: number;
  readonly rejected: number;
  /** Whose events were stored. */
  readonly organizationIds: readonly string[];
}
