// How far a backfill is, and when it may be done. By time covered, because how many rows SentinelOne holds of a window
// is known only when it has been read. An estimate is given once there is something to go by, and none while it rests.

export interface BackfillFacts {
  readonly state: 'queued' | 'running' | 'done' | 'cancelled';
  readonly pauseRequested: boolean;
  readonly cancelRequested: boolean;
  readonly totalMs: number;
  /** Of the window, in milliseconds of it, up to each slice's watermark. */
  readonly coveredMs: number;
  /** Since when it has been running without a rest; null while it rests. */
  readonly runningSinceMs: number | null;
  /** What of the window was covered then. */
  readonly coveredBeforeMs: number;
  /** When SentinelOne last failed it: time that says nothing of its speed. */
  readonly isFailing: boolean;
}

export type BackfillState = 'queued' | 'running' | 'paused' | 'cancelling' | 'done' | 'cancelled';

export interface BackfillProgress {
  readonly state: BackfillState;
  /** 0 to 100, one decimal; 100 only when it is done. */
  readonly percent: number;
  readonly secondsLeft: number | null;
}

/**
 * A twentieth of the window in ten seconds or more, or whatever a minute has brought: before that an estimate is a
 * guess.
 */
const MIN_SHARE = 0.05;
const MIN_RUNNING_MS = 10_000;
const LONG_ENOUGH_MS = 60_000;

export function backfillProgress(facts: BackfillFacts, nowMs: number): BackfillProgress {
  const state = shownState(facts);
  const share = facts.totalMs > 0 ? Math.min(1, facts.coveredMs / facts.totalMs) : 0;
  const percent = facts.state === 'done' ? 100 : Math.min(99.9, Math.floor(share * 1000) / 10);
  return { state, percent, secondsLeft: state === 'running' ? secondsLeft(facts, nowMs) : null };
}

function shownState({ state, pauseRequested, cancelRequested }: BackfillFacts): BackfillState {
  if (state === 'done' || state === 'cancelled') return state;
  if (cancelRequested) return 'cancelling';
  return pauseRequested ? 'paused' : state;
}

/** By the speed since it last began to run: pauses and outages before say nothing of it. */
function secondsLeft(facts: BackfillFacts, nowMs: number): number | null {
  const { runningSinceMs, coveredBeforeMs, coveredMs, totalMs, isFailing } = facts;
  if (runningSinceMs === null || isFailing) return null;
  const runningMs = nowMs - runningSinceMs;
  const gainedMs = coveredMs - coveredBeforeMs;
  if (gainedMs <= 0 || runningMs < MIN_RUNNING_MS) return null;
  if (gainedMs < MIN_SHARE * totalMs && runningMs < LONG_ENOUGH_MS) return null;
  return Math.ceil((runningMs * Math.max(0, totalMs - coveredMs)) / gainedMs / 1000);
}
