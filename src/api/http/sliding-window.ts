// Counts requests in a sliding window, exactly: each key keeps the times of its last requests, so a budget is never
// spent twice around the turn of a minute. Kept in the process's memory: with several api processes each has a budget
// of its own.

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** How long until the next request would be allowed; 0 when this one was. */
  readonly retryAfterMs: number;
}

export interface SlidingWindow {
  take(key: string, nowMs?: number): Verdict;
}

export interface WindowSize {
  readonly limit: number;
  readonly windowMs: number;
  /** So that nobody fills the memory with made-up keys; the longest unused are forgotten first. */
  readonly maxKeys?: number;
}

export function createSlidingWindow({ limit, windowMs, maxKeys = 10_000 }: WindowSize): SlidingWindow {
  // In order of last use: a Map keeps the order of insertion, and every use inserts again.
  const timesByKey = new Map<string, number[]>();

  const forgetUnused = (nowMs: number) => {
    for (const [key, times] of timesByKey) {
      const isUnused = (times.at(-1) ?? 0) <= nowMs - windowMs;
      if (!isUnused && timesByKey.size <= maxKeys) return;
      timesByKey.delete(key);
    }
  };

  return {
    take(key, nowMs = performance.now()) {
      const times = (timesByKey.get(key) ?? []).filter((time) => time > nowMs - windowMs);
      const [oldest = nowMs] = times;
      const allowed = times.length < limit;
      if (allowed) times.push(nowMs);
      timesByKey.delete(key);
      timesByKey.set(key, times);
      forgetUnused(nowMs);
      const retryAfterMs = allowed ? 0 : oldest + windowMs - nowMs;
      return { allowed, limit, remaining: limit - times.length, retryAfterMs };
    },
  };
}
