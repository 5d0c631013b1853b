// The recurring work of a connection besides polling, and when each piece is due. Pure: the workflow's loops ask, wait
// until then, and do it. A chore that does not apply in the present state is due never (null).
import { type Chore, type Connection, isCollecting, isLive } from './connection.js';
import { POLL_INTERVAL_SECONDS } from './poll-interval.js';

export interface Intervals {
  readonly pollIntervalMs: number;
  readonly sitesIntervalMs: number;
  readonly licenseCountsIntervalMs: number;
  readonly tokenCheckIntervalMs: number;
  readonly permissionRecheckIntervalMs: number;
  readonly tokenProbeIntervalMs: number;
  readonly completenessIntervalMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const DEFAULT_INTERVALS: Intervals = {
  pollIntervalMs: POLL_INTERVAL_SECONDS.usual * 1000,
  sitesIntervalMs: 10 * MINUTE_MS,
  licenseCountsIntervalMs: HOUR_MS,
  tokenCheckIntervalMs: 24 * HOUR_MS,
  permissionRecheckIntervalMs: 15 * MINUTE_MS,
  tokenProbeIntervalMs: HOUR_MS,
  completenessIntervalMs: 10 * MINUTE_MS,
};

export interface DueChore {
  readonly chore: Chore;
  /** Milliseconds since 1970; in the past when overdue, 0 when it never ran. */
  readonly at: number;
}

/** The earliest due of `chores`, the first named of equals; null when none applies. */
export function nextChore(chores: readonly Chore[], connection: Connection, intervals: Intervals): DueChore | null {
  const due = chores
    .map((chore) => ({ chore, at: dueAt(chore, connection, intervals) }))
    .filter((each): each is DueChore => each.at !== null);
  return due.reduce<DueChore | null>((first, each) => (first === null || each.at < first.at ? each : first), null);
}

/**
 * Sites and license counts go on while a person or a missing permission pauses collection, because a bill needs every
 * day; a dead token stops everything but its own probe, and so does one that sees less than the account, of which half
 * a list would be believed. Counts are compared only while activities are collected.
 */
export function dueAt(chore: Chore, connection: Connection, intervals: Intervals): number | null {
  if (!isLive(connection)) return null;
  const tokenDead = connection.pauses.includes('token');
  const scopeLost = connection.pauses.includes('scope');
  const last = connection.lastRun[chore];
  const after = (intervalMs: number) => (last === null ? 0 : last + intervalMs);
  switch (chore) {
    case 'sites':
      return tokenDead || scopeLost ? null : after(intervals.sitesIntervalMs);
    case 'licenseCounts':
      return tokenDead || scopeLost ? null : after(intervals.licenseCountsIntervalMs);
    case 'completeness':
      return isCollecting(connection) ? after(intervals.completenessIntervalMs) : null;
    case 'permissionRecheck':
      return tokenDead || scopeLost || !connection.pauses.includes('permission')
        ? null
        : after(intervals.permissionRecheckIntervalMs);
    case 'tokenCheck':
      if (tokenDead) return after(intervals.tokenProbeIntervalMs);
      if (scopeLost) return after(intervals.permissionRecheckIntervalMs);
      return Math.min(after(intervals.tokenCheckIntervalMs), expiryNotYetChecked(connection.tokenExpiresAt, last));
  }
}

/** The expiry passing by our clock is a reason to ask the console at once, and nothing more. */
function expiryNotYetChecked(expiresAt: string | null, lastCheck: number | null): number {
  if (expiresAt === null || lastCheck === null) return Infinity;
  const expiry = Date.parse(expiresAt);
  return expiry > lastCheck ? expiry : Infinity;
}
