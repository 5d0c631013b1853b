// The life of a connection as data: phases, legal transitions and commands, pauses as a set. Pure and plain JSON,
// because the workflow carries it from run to run. How it changes is in connection-events.ts.
import type { PauseReason } from '../failures/failures.js';
import type { ConnectionState } from './connection-state.js';

/** Pauses are kept beside it. */
export type Phase = Exclude<ConnectionState, 'paused'>;

/** The recurring work besides polling; chores.ts says when each is due. */
export const CHORES = ['sites', 'licenseCounts', 'tokenCheck', 'permissionRecheck', 'completeness'] as const;
export type Chore = (typeof CHORES)[number];

export interface Connection {
  readonly phase: Phase;
  /** A set, sorted: why collection rests. Empty in every phase but `awaiting_mapping` and `active`. */
  readonly pauses: readonly PauseReason[];
  /** Counts the changes that people can see, so that a late write can never put an older state back. */
  readonly stateSeq: number;
  /** Why the latest change happened: a message's name or a failure code. */
  readonly cause: string;
  readonly credentialId: string | null;
  readonly tokenExpiresAt: string | null;
  readonly mappingVersion: number;
  readonly sites: { readonly total: number; readonly mapped: number };
  readonly backfillQueued: boolean;
  /** Milliseconds since 1970 of each chore's latest run; null is due at once. */
  readonly lastRun: Readonly<Record<Chore, number | null>>;
  readonly lastOutcome: { readonly of: string; readonly note: string; readonly at: number } | null;
}

export type Step = 'accepted' | 'refused' | 'mapped' | 'disconnect' | 'tornDown';

/** Which phase each step leads to; a step that a phase does not list changes nothing. */
export const TRANSITIONS: Readonly<Record<Phase, Partial<Record<Step, Phase>>>> = {
  validating: { accepted: 'awaiting_mapping', refused: 'refused' },
  refused: {},
  awaiting_mapping: { mapped: 'active', disconnect: 'disconnecting' },
  active: { disconnect: 'disconnecting' },
  disconnecting: { tornDown: 'disconnected' },
  disconnected: {},
};

export type CommandName =
  'rotateToken' | 'remapSites' | 'pause' | 'resume' | 'recheck' | 'syncSites' | 'changeSettings' | 'disconnect';

const LIVE_PHASES: readonly Phase[] = ['awaiting_mapping', 'active'];

/**
 * Pausing what is paused, resuming what runs and disconnecting twice are legal and change nothing: a repeat is no
 * error.
 */
export const LEGAL_PHASES: Readonly<Record<CommandName, readonly Phase[]>> = {
  rotateToken: LIVE_PHASES,
  remapSites: LIVE_PHASES,
  pause: LIVE_PHASES,
  resume: LIVE_PHASES,
  recheck: LIVE_PHASES,
  syncSites: LIVE_PHASES,
  changeSettings: LIVE_PHASES,
  disconnect: [...LIVE_PHASES, 'disconnecting'],
};

export const isLegal = (command: CommandName, connection: Connection): boolean =>
  LEGAL_PHASES[command].includes(connection.phase);

export const isLive = (connection: Connection): boolean => LIVE_PHASES.includes(connection.phase);

/** Whether activities are being collected: the poll runs exactly then. */
export const isCollecting = (connection: Connection): boolean =>
  connection.phase === 'active' && connection.pauses.length === 0;

/** SentinelOne kills the old token when it makes the new one, so only the current credential's rejection counts. */
export const isCurrent = (connection: Connection, credentialId: string | null): boolean =>
  credentialId !== null && credentialId === connection.credentialId;

export const visibleState = (connection: Connection): ConnectionState =>
  isLive(connection) && connection.pauses.length > 0 ? 'paused' : connection.phase;

export const newConnection = (): Connection => ({
  phase: 'validating',
  pauses: [],
  stateSeq: 0,
  cause: 'created',
  credentialId: null,
  tokenExpiresAt: null,
  mappingVersion: 0,
  sites: { total: 0, mapped: 0 },
  backfillQueued: false,
  lastRun: { sites: null, licenseCounts: null, tokenCheck: null, permissionRecheck: null, completeness: null },
  lastOutcome: null,
});
