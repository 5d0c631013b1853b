// Values that come faster than anybody needs them, added up by key and handed on at most once in an interval: the first
// at once, so that a single change is seen without delay, the rest together.

export interface Coalescer<T> {
  add(key: string, value: T): void;
  /** Drops what waits. */
  close(): void;
}

interface Waiting<T> {
  readonly timer: NodeJS.Timeout;
  value: T | undefined;
}

export function createCoalescer<T>(options: {
  readonly everyMs: number;
  readonly merge: (one: T, other: T) => T;
  readonly deliver: (key: string, value: T) => void;
}): Coalescer<T> {
  const { everyMs, merge, deliver } = options;
  const waiting = new Map<string, Waiting<T>>();

  const hold = (key: string) => {
    const timer = setTimeout(() => {
      const { value } = waiting.get(key) ?? {};
      waiting.delete(key);
      if (value === undefined) return;
      hold(key);
      deliver(key, value);
    }, everyMs);
    waiting.set(key, { timer: timer.unref(), value: undefined });
  };

  return {
    add(key, value) {
      const entry = waiting.get(key);
      if (entry === undefined) {
        hold(key);
        deliver(key, value);
      } else entry.value = entry.value === undefined ? value : merge(entry.value, value);
    },
    close() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
