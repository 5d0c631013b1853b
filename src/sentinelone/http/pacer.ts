// Keeps requests at least an interval apart, per token and endpoint family, as SentinelOne counts them. Even spacing
// instead of bursts: a burst right after another process's burst is what earns a 429. Turns are handed out in order
// of asking; a turn whose owner gave up is lost, which costs one interval and keeps this simple.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, PUBLISHED_REQUESTS_PER_SECOND } from '../endpoints.js';

/** Past this many paces the idle ones are forgotten: tokens change over the years that a worker may run. */
const MAX_PACES = 1000;

export interface Turn {
  /** Stands for the token without being it. */
  readonly tokenKey: string;
  readonly family: Family;
  /** The caller's part of the `/activities` pace, above 0 and up to 1; callers with the same part share one pace. */
  readonly share: number;
}

export interface Pacer {
  /** Resolves when it is the caller's turn. Rejects when the signal aborts first. */
  waitForTurn(turn: Turn, signal: AbortSignal | undefined): Promise<void>;
}

/** `activityRequestsPerSecond` 0 switches all pacing off, for benchmarks. */
export function createPacer({ activityRequestsPerSecond }: { readonly activityRequestsPerSecond: number }): Pacer {
  const nextTurnMs = new Map<string, number>();
  return {
    async waitForTurn(turn, signal) {
      if (activityRequestsPerSecond === 0) return;
      const nowMs = performance.now();
      const key = paceKey(turn);
      const turnMs = Math.max(nowMs, nextTurnMs.get(key) ?? 0);
      if (nextTurnMs.size >= MAX_PACES) forgetIdle(nextTurnMs, nowMs);
      nextTurnMs.set(key, turnMs + intervalMs(turn, activityRequestsPerSecond));
      if (turnMs > nowMs) await sleep(turnMs - nowMs, undefined, signal === undefined ? {} : { signal });
    },
  };
}

/** Milliseconds between two requests of one pace. */
export function intervalMs({ family, share }: Omit<Turn, 'tokenKey'>, activityRequestsPerSecond: number): number {
  if (family === 'activities') return 1000 / (activityRequestsPerSecond * share);
  return 1000 / PUBLISHED_REQUESTS_PER_SECOND[family];
}

const paceKey = ({ tokenKey, family, share }: Turn) =>
  family === 'activities' ? `${tokenKey} ${family} ${share}` : `${tokenKey} ${family}`;

function forgetIdle(nextTurnMs: Map<string, number>, nowMs: number): void {
  for (const [key, turnMs] of nextTurnMs) if (turnMs <= nowMs) nextTurnMs.delete(key);
}
