import { useSyncExternalStore } from 'react';

/** Ages are shown in minutes once they matter; a clock for the whole page, so that all of them move at once. */
const TICK_MS = 5_000;

let now = new Date();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = new Date();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time of the reader's clock, renewed every few seconds. */
export const useNow = (): Date => useSyncExternalStore(subscribe, () => now);
