// One server for a whole vitest run, however many projects ask for it. Each project loads its global setup in a module
// graph of its own, so the count is kept on globalThis. The last project to finish stops the server.
export interface SharedServer<T> {
  readonly value: T;
  readonly release: () => Promise<void>;
}

interface Started<T> {
  readonly value: T;
  readonly stop: () => Promise<void>;
}

interface Entry<T> {
  readonly started: Promise<Started<T>>;
  users: number;
}

export async function shareServer<T>(name: string, start: () => Promise<Started<T>>): Promise<SharedServer<T>> {
  const shelf = globalThis as unknown as Record<symbol, Entry<T> | undefined>;
  const key = Symbol.for(`sentinelone-log-source/test/${name}`);
  const entry = (shelf[key] ??= { started: start(), users: 0 });
  entry.users += 1;
  const server = await entry.started;
  const release = async () => {
    entry.users -= 1;
    if (entry.users > 0) return;
    shelf[key] = undefined;
    await server.stop();
  };
  return { value: server.value, release };
}
