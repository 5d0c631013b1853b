// One run of a backfill, as its steps share it.
import type { TypeNames } from '../src/domain/ecs/action-name.js';
import type { BackfillRow } from '../src/store/backfill.repository.js';
import type { ConnectionSession } from './connection-session.js';
import type { ConnectionRef } from './contract.js';

export interface BackfillRun {
  readonly ref: ConnectionRef;
  readonly backfill: BackfillRow;
  readonly upstream: ConnectionSession;
  readonly s1AccountId: string;
  readonly typeNames: TypeNames;
  /** Throws when the run should stop between two pages. */
  readonly onPage: () => void;
  /** The first good page ends a row of failures. */
  afterPage(): Promise<void>;
}
