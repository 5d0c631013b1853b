// What the store holds of a connection that its workflow goes by, and how a workflow that knows less comes to it: a new
// run begins from it, and one that was reset, or whose store was restored, adopts it. Pure and plain JSON: it is an
// activity's result.
import type { PauseReason } from '../failures/failures.js';
import { type Connection, newConnection, type Phase } from './connection.js';
import type { ConnectionState } from './connection-state.js';

export interface StoredConnection {
  readonly state: ConnectionState;
  readonly pauseReasons: readonly PauseReason[];
  readonly stateSeq: number;
  readonly cause: string;
  readonly credentialId: string | null;
  /** ISO 8601; null when SentinelOne did not say. */
  readonly tokenExpiresAt: string | null;
  readonly mappingVersion: number;
  /** Whether a site was ever mapped: it tells `active` from `awaiting_mapping` while the state says `paused`. */
  readonly wasMapped: boolean;
  readonly sites: { readonly total: number; readonly mapped: number };
  readonly backfillQueued: boolean;
  readonly pollIntervalMs: number;
}

/** The phase that the store's state stands for. */
export function phaseOf({ state, wasMapped }: Pick<StoredConnection, 'state' | 'wasMapped'>): Phase {
  if (state !== 'paused') return state;
  return wasMapped ? 'active' : 'awaiting_mapping';
}

/** What a run begins with that has nothing but the store to go by: every chore is due at once. */
export const fromStore = (stored: StoredConnection): Connection =>
  withState(withFacts(newConnection(), stored), stored);

/**
 * What belongs to the store whoever is ahead: credential, mapping, sites and queued backfills are written there by
 * activities, and the workflow only remembers what they answered.
 */
export const withFacts = (connection: Connection, stored: StoredConnection): Connection => ({
  ...connection,
  credentialId: stored.credentialId,
  tokenExpiresAt: stored.tokenExpiresAt,
  mappingVersion: stored.mappingVersion,
  sites: stored.sites,
  backfillQueued: stored.backfillQueued,
});

/** The state as the store has it: of what people asked for, the store was told by a run that knew more. */
export const withState = (connection: Connection, stored: StoredConnection): Connection => ({
  ...connection,
  phase: phaseOf(stored),
  pauses: [...stored.pauseReasons].sort(),
  stateSeq: stored.stateSeq,
  cause: stored.cause,
});
