// Waiting for something that another process brings about, with an end.
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 100;

/** The first result of `look` that is not undefined. Throws, naming `what`, when it takes longer than `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const deadlineMs = Date.now() + options.timeoutMs;
  let lastError: unknown;
  do {
    options.signal?.throwIfAborted();
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      lastError = error;
    }
    await delay(EVERY_MS);
  } while (Date.now() < deadlineMs);
  throw new Error(`gave up after ${options.timeoutMs / 1000} s waiting for ${what}`, { cause: lastError });
}

/** Whether an address answers 200; `waitFor` takes it as it is. */
export async function answersOk(url: string): Promise<true | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok ? true : undefined;
}
