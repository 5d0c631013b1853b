// One run of a backfill, as its steps share it.
import type { BackfillRow } from '../../src/store/collecting/backfill.repository.js';
import type { ConnectionSession } from '../attempt/connection-session.js';
import type { ConnectionRef } from '../contract.js';
import type { ReadTypeNames } from './type-names.js';

export interface BackfillRun {
  readonly ref: ConnectionRef;
  readonly backfill: BackfillRow;
  readonly upstream: ConnectionSession;
  readonly s1AccountId: string;
  /** The backfill's sites that SentinelOne can be asked about; null for all of the account. */
  readonly siteIds: readonly string[] | null;
  readonly typeNames: ReadTypeNames;
  /** Throws when the run should stop between two pages. */
  readonly onPage: () => void;
  /** The first good page ends a row of failures. */
  readonly afterPage: () => Promise<void>;
}
