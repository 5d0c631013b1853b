// Live changes: the stream names what changed, and what shows it is read again. One stream a tab.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { KEYS } from './queries.js';

/** What each kind of event makes out of date. */
const CHANGED: Readonly<Record<string, readonly QueryKey[]>> = {
  connection: [KEYS.connections, KEYS.logSources],
  counters: [KEYS.connections, KEYS.logSources],
  notice: [KEYS.notices],
};
/** Of many changes at once, each view is read once. */
const GATHER_MS = 1_000;

/** Returns what ends it. */
export function watchChanges(client: QueryClient): () => void {
  const stream = new EventSource('/v1/changes');
  const waiting = new Set<QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const readAgain = () => {
    timer = undefined;
    for (const queryKey of waiting) void client.invalidateQueries({ queryKey });
    waiting.clear();
  };
  for (const [kind, keys] of Object.entries(CHANGED)) {
    stream.addEventListener(kind, () => {
      for (const key of keys) waiting.add(key);
      timer ??= setTimeout(readAgain, GATHER_MS);
    });
  }
  stream.addEventListener('resync', () => void client.invalidateQueries());
  return () => {
    clearTimeout(timer);
    stream.close();
  };
}
