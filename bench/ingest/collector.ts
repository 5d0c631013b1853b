// The collecting process: runs the activity `runBackfill` until nothing is queued, as the worker would, and prints one line of
// JSON with what it cost. In a process of its own, so that its CPU time and its memory are the collector's and nobody else's.
import { Session } from 'node:inspector/promises';
import { createActivities } from '../../activities/index.js';
import type { ConnectionRef } from '../../activities/contract.js';
import { runActivity } from '../../test/support/activity-run.js';
import { openParts, type PartsOptions } from './parts.js';
import { stagesOf, type StageShare } from './stages.js';

export interface CollectorJob extends PartsOptions {
  readonly ref: ConnectionRef;
  /** Samples the stacks, which costs a few per cent: figures of speed come from runs without. */
  readonly profile: boolean;
}

export interface CollectorResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
  readonly stages: readonly StageShare[];
}

const job = JSON.parse(process.argv[2] ?? '') as CollectorJob;
const parts = openParts(job);
const { runBackfill } = createActivities(parts);
const profiler = job.profile ? await startProfiler() : undefined;
const cpuBefore = process.cpuUsage();
const startedAtMs = performance.now();
while (!(await runActivity(() => runBackfill(job.ref)).result).drained);
const seconds = (performance.now() - startedAtMs) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const result: CollectorResult = {
  seconds,
  cpuSeconds: (user + system) / 1e6,
  peakRssMiB: process.resourceUsage().maxRSS / 1024,
  stages: (await profiler?.stop()) ?? [],
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await parts.close();

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
