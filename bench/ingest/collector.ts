// The collecting process: runs the activity `runBackfill` for each connection until nothing is queued, as the worker
// would, and prints one line of JSON with what it cost. In a process of its own, so that its CPU time and its memory
// are the collector's and nobody else's. A first window is collected before anything is measured: a worker runs for
// weeks, and compiling the code of a new process costs as much as some ten thousand activities.
import { Session } from 'node:inspector/promises';
import type { ConnectionRef } from '../../activities/contract.js';
import { createActivities } from '../../activities/index.js';
import type { Window } from '../../src/domain/collecting/windows.js';
import { cpuSeconds, difference, serverCpuSeconds } from '../harness/cpu-time.js';
import { peakResidentMiB } from '../harness/memory.js';
import { runActivity } from '../harness/run-activity.js';
import { queueHistory } from './connected.js';
import { openParts, type PartsOptions } from './parts.js';
import { type StageShare, stagesOf } from './stages.js';

export interface CollectorJob extends PartsOptions {
  /** Collected side by side, each its own copy of the window. */
  readonly connections: readonly ConnectionRef[];
  readonly warmUp: Window;
  readonly window: Window;
  readonly postgresPid: number;
  readonly consolePid: number;
  /** Samples the stacks, which costs a few per cent: figures of speed come from runs without. */
  readonly profile: boolean;
}

export interface CollectorResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of them, what the main thread used; the rest is the threads that read pages, garbage collection and compiling. */
  readonly mainThreadCpuSeconds: number;
  readonly postgresCpuSeconds: number | null;
  readonly consoleCpuSeconds: number | null;
  readonly peakRssMiB: number | null;
  readonly stages: readonly StageShare[];
}

const job = JSON.parse(process.argv[2] ?? '') as CollectorJob;
const parts = openParts(job);
const { runBackfill } = createActivities(parts);

await collect(job.warmUp);
const profiler = job.profile ? await startProfiler() : undefined;
const before = readClocks();
await collect(job.window);
const after = readClocks();
const result: CollectorResult = {
  seconds: (after.ms - before.ms) / 1000,
  cpuSeconds: (after.cpuMicros - before.cpuMicros) / 1e6,
  mainThreadCpuSeconds: (after.mainThreadMicros - before.mainThreadMicros) / 1e6,
  postgresCpuSeconds: difference(after.postgres, before.postgres),
  consoleCpuSeconds: difference(after.console, before.console),
  peakRssMiB: peakResidentMiB(process.pid),
  stages: (await profiler?.stop()) ?? [],
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await parts.close();

async function collect(window: Window): Promise<void> {
  await Promise.all(
    job.connections.map(async (ref) => {
      await queueHistory(parts.database, ref, window);
      while (!(await runActivity(() => runBackfill(ref))).drained);
    }),
  );
}

function readClocks() {
  const { user, system } = process.cpuUsage();
  const mainThread = process.threadCpuUsage();
  return {
    ms: performance.now(),
    cpuMicros: user + system,
    mainThreadMicros: mainThread.user + mainThread.system,
    postgres: serverCpuSeconds(job.postgresPid),
    console: cpuSeconds(job.consolePid),
  };
}

async function startProfiler() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 1_000 });
  await session.post('Profiler.start');
  return {
    async stop(): Promise<readonly StageShare[]> {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return stagesOf(profile);
    },
  };
}
