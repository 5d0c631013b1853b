// The embedded stack as `npm start` brings it up, in a temporary folder, for one benchmark's work.
import { rm } from 'node:fs/promises';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { type RunningStack, startOneMachineStack } from '../../src/embedded/one-machine-stack.js';
import { supervise } from '../../src/embedded/processes/supervisor.js';

export interface StackSettings {
  readonly log: (line: string) => void;
  /**
   * Done before the stack starts; returns more of the simulated console's options. It has no history and nothing
   * happens there.
   */
  readonly prepare?: (dataDir: string) => Promise<readonly string[]>;
}

/**
 * Brings the stack up, does the work, and takes everything down again, also when the work fails or somebody stops it.
 */
export async function withStack<T>(
  { log, prepare }: StackSettings,
  work: (running: RunningStack, dataDir: string) => Promise<T>,
): Promise<T> {
  const dataDir = await temporaryDataDir();
  let result: { readonly value: T } | undefined;
  try {
    const simulatorArgs = (await prepare?.(dataDir)) ?? [];
    const exitCode = await supervise({
      log,
      start: async (stack) => {
        const running = await startOneMachineStack(stack, {
          dataDir,
          environment: process.env,
          temporalNamespace: 'default',
          port: 8080,
          workerPort: 9464,
          apiMetricsPort: 9465,
          allowedOrigins: 'https://*.sentinelone.net',
          simulatorArgs: [...simulatorArgs, '--history-rows', '0', '--live-rows-per-second', '0'],
          announce: log,
        });
        result = { value: await Promise.race([work(running, dataDir), failWhenAborted(stack.signal)]) };
        return 0;
      },
    });
    if (exitCode !== 0 || result === undefined)
      throw new Error(`the stack ended with ${exitCode} before everything was measured`);
    return result.value;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** A part that dies, or whoever stops the benchmark, must not wait for the work to end. */
function failWhenAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const fail = () => void reject(new Error('the stack is stopping'));
  if (signal.aborted) fail();
  else signal.addEventListener('abort', fail, { once: true });
  return promise;
}
