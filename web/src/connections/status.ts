// Which one word says how a connection is doing: the first of the list that fits. The token's days are a second axis.
import type { Schema } from '../api/client.js';

export const STATUSES = ['Action needed', 'Failing', 'Delayed', 'Backfilling', 'Pending', 'Healthy', 'Paused'] as const;
export type Status = (typeof STATUSES)[number];

export interface Standing {
  readonly status: Status;
  /** Why, in a short sentence. */
  readonly reason: string;
  /** Instant since when, where it is known. */
  readonly since: string | null;
}

type Connection = Schema['Connection'];

/** Behind by more than this, new events come noticeably late. Seconds. */
const LATE_S = 15 * 60;

/** `backfilling`: whether history is being read just now. */
export function standingOf(connection: Connection, backfilling = false): Standing {
  const { state, pauseReasons, degradedSince, failureCode, lagSeconds } = connection;
  if (state === 'disconnected') return { status: 'Paused', reason: 'Disconnected', since: null };
  if (state === 'disconnecting') return { status: 'Pending', reason: 'Disconnecting', since: null };
  if (state === 'refused') return actionNeeded(connection.refusal?.message ?? 'It could not be connected', null);
  if (state === 'validating') return { status: 'Pending', reason: 'The token is being checked', since: null };
  if (pauseReasons.includes('token'))
    return actionNeeded('SentinelOne rejects the API token', connection.collectedThrough);
  if (pauseReasons.includes('permission')) return actionNeeded('A permission is missing', connection.collectedThrough);
  if (pauseReasons.includes('scope')) return actionNeeded('The token sees too little', connection.collectedThrough);
  if (pauseReasons.includes('person')) {
    return { status: 'Paused', reason: 'Paused by a person; nothing is lost', since: connection.collectedThrough };
  }
  if (state === 'awaiting_mapping') return { status: 'Pending', reason: 'Map a site to begin collecting', since: null };
  if (degradedSince !== null || failureCode !== null) {
    return { status: 'Failing', reason: failureWords(failureCode), since: degradedSince };
  }
  if (connection.lastPollAt === null) return { status: 'Pending', reason: 'It has not collected yet', since: null };
  if ((lagSeconds ?? 0) > Math.max(LATE_S, connection.pollIntervalSeconds * 5)) {
    return { status: 'Delayed', reason: 'Events come late', since: connection.collectedThrough };
  }
  if (backfilling) return { status: 'Backfilling', reason: 'History is being read', since: null };
  return { status: 'Healthy', reason: 'Nothing to do', since: null };
}

const actionNeeded = (reason: string, since: string | null): Standing => ({ status: 'Action needed', reason, since });

const FAILURES: Readonly<Record<string, string>> = {
  's1.unavailable': 'SentinelOne does not answer',
  's1.rate_limited': 'SentinelOne asks for fewer requests',
  's1.bad_response': 'SentinelOne answers what cannot be read',
  'store.unavailable': 'Our database did not answer',
  encryption_key_missing: 'The stored token cannot be decrypted',
};
const failureWords = (code: string | null): string => FAILURES[code ?? ''] ?? 'The last poll failed and is tried again';

export type TokenStanding =
  | { readonly kind: 'unknown' | 'rejected' | 'expired' | 'none' }
  | { readonly kind: 'expires_soon' | 'valid'; readonly days: number };

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

export function tokenStandingOf({ token, pauseReasons }: Connection, nowMs: number): TokenStanding {
  if (token === null) return { kind: 'none' };
  if (pauseReasons.includes('token')) return { kind: 'rejected' };
  if (token.expiresAt === null) return { kind: 'unknown' };
  const leftMs = Date.parse(token.expiresAt) - nowMs;
  if (leftMs <= 0) return { kind: 'expired' };
  const days = Math.floor(leftMs / DAY_MS);
  return { kind: days <= SOON_DAYS ? 'expires_soon' : 'valid', days };
}

export const isOver = ({ state }: Connection): boolean => state === 'disconnected' || state === 'refused';
