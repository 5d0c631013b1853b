// What can be said to a connection workflow, for both sides. Everything is plain JSON of ids, counts, times and codes.
// The API uses updates; signals are for operators and for when no worker is up.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { MappingChange } from '../../activities/contract.js';
import type { Intervals } from '../../src/domain/connection/chores.js';
import type { CommandName, Connection } from '../../src/domain/connection/connection.js';
import type { ConnectionState } from '../../src/domain/connection/connection-state.js';
import type { FailureCode, PauseReason } from '../../src/domain/failures/failures.js';
import { COMPARE_WITH_STORE_SIGNAL } from '../../src/domain/temporal-names.js';
import type { Answer } from './answers.js';

/**
 * 2: comparison with the console's own count; commands ask when Temporal took their acceptance.
 * 3: arguments are read by guards; what the store holds is adopted; what a person waits for has a queue of its own.
 */
export const SCHEMA_VERSION = 3;

/** As this build writes it; what earlier ones wrote, input.ts reads. */
export interface ConnectionInput {
  readonly schemaVersion: number;
  readonly accountId: string;
  readonly connectionId: string;
  /** The console's origin, for the search attribute. */
  readonly console: string;
  /** ISO 8601; a workflow that first runs later than this was given up by its starter and closes itself. */
  readonly notAfter: string;
  readonly settings: Intervals;
  /** Set by continue-as-new only. */
  readonly carried?: CarriedState;
}

export interface CarriedState {
  readonly connection: Connection;
  readonly answers: readonly Answer[];
  readonly inbox: readonly InboxEntry[];
}

export type SignalName = 'rotateToken' | 'remapSites' | 'backfillQueued' | 'backfillStopped' | 'compareWithStore';

/** A signal that has arrived and was not yet worked on. */
export interface InboxEntry {
  readonly commandId: string;
  /** Any other name has been refused. */
  readonly signal: SignalName | (string & {});
  readonly args: unknown;
  /** It could not be read: nothing is left to do but to say so in the timeline. */
  readonly refusedWith?: FailureCode;
}

/** `cause`: who or what asked for the end: `disconnect`, `cancelled`, `connection_gone`. Earlier builds did not say. */
export type ConnectionResult =
  | { readonly state: 'refused'; readonly code: FailureCode }
  | { readonly state: 'disconnected'; readonly cause?: string };

/**
 * ISO 8601, the request's time + 4 s: an update that its client gave up must not be accepted later. Left out by a
 * person who waits: then there is no deadline.
 */
export interface Expiring {
  readonly notAfter?: string;
}

export interface StateView {
  readonly state: ConnectionState;
  readonly pauseReasons: readonly PauseReason[];
  readonly stateSeq: number;
}

export interface RotateToken {
  readonly credentialId: string;
}

export interface RotateTokenResult extends StateView {
  readonly credentialId: string;
  readonly tokenExpiresAt: string | null;
}

export interface RemapSites {
  readonly version: number;
  readonly changes: readonly MappingChange[];
  readonly collectDiscarded: boolean;
}

export interface RemapSitesResult extends StateView {
  readonly version: number;
  readonly total: number;
  readonly mapped: number;
}

export interface RecheckResult extends StateView {
  readonly token: 'alive' | 'rejected' | 'expired';
  /** Null when the token is dead, so that nothing could be asked. */
  readonly permissionsGranted: boolean | null;
}

export interface SyncSitesResult extends StateView {
  readonly total: number;
  readonly mapped: number;
}

export interface ChangedSettings {
  readonly pollIntervalMs?: number;
  readonly defaultOrganizationId?: string;
}

export interface ConnectionStatus extends StateView, Omit<Connection, 'stateSeq' | 'pauses'> {
  readonly intervals: Intervals;
}

/** Sent by the backfill workflow when its activity met a rejection. */
export interface BackfillStopped {
  readonly code: FailureCode;
  readonly credentialId: string | null;
}

/** Sent together with the start: the verdict on a new connection, as result or as the refusal's code. */
export const awaitVerdict = defineUpdate<StateView, [Expiring]>('awaitVerdict');

export const rotateToken = command<RotateTokenResult, RotateToken>('rotateToken');
export const remapSites = command<RemapSitesResult, RemapSites>('remapSites');
export const pause = command<StateView>('pause');
export const resume = command<StateView>('resume');
export const recheck = command<RecheckResult>('recheck');
export const syncSites = command<SyncSitesResult>('syncSites');
export const changeSettings = command<StateView, ChangedSettings>('changeSettings');
export const disconnect = command<StateView>('disconnect');

export const rotateTokenSignal = defineSignal<[RotateToken]>('rotateToken');
export const remapSitesSignal = defineSignal<[RemapSites]>('remapSites');

/** Whoever writes a row of `backfills` says so, and the backfill workflow is made to run. */
export const backfillQueued = defineSignal('backfillQueued');
export const backfillStopped = defineSignal<[BackfillStopped]>('backfillStopped');

/** Whoever sees that store and workflow disagree about the connection says so. */
export const compareWithStore = defineSignal(COMPARE_WITH_STORE_SIGNAL);

export const status = defineQuery<ConnectionStatus>('status');

function command<Result, Args = unknown>(name: CommandName) {
  return defineUpdate<Result, [Args & Expiring], CommandName>(name);
}
