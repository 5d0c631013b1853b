// How many connections one machine holds with the embedded stack before their polls come late by more than one
// interval, what each costs, and whom. The connections are idle: they poll and do their chores.
import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark, BenchmarkContext, Figure, Report } from './harness/benchmark.js';
import { cpuSeconds, difference, serverCpuSeconds } from './harness/cpu-time.js';
import { type Fleet, withFleet } from './harness/fleet.js';
import { firstPolls, type Lateness, watchPolls } from './harness/lateness.js';
import { residentMiB } from './harness/memory.js';

const PARTS = ['worker', 'temporal', 'postgres', 'simulator', 'api'] as const;
type PartName = (typeof PARTS)[number];
type Cpu = Readonly<Record<PartName, number | null>>;

export const connections: Benchmark = {
  name: 'connections',
  summary: 'connections that one machine holds until polls come late by more than one interval, and what each costs',
  options: {
    seconds: { unit: 'seconds to watch each step', default: 180 },
    'interval-seconds': { unit: 'seconds between two polls of a connection', default: 60 },
  },
  lists: { steps: { unit: 'connections, growing', default: [100, 200, 400, 800] } },
  run,
};

async function run({ options, lists, log }: BenchmarkContext): Promise<Report> {
  const { seconds = 0, 'interval-seconds': intervalSeconds = 0 } = options;
  const steps = (lists['steps'] ?? []).toSorted((a, b) => a - b);
  const intervalMs = intervalSeconds * 1000;
  const settings = { capacity: Math.max(...steps), intervals: { pollIntervalMs: intervalMs }, log };
  return withFleet(settings, async (fleet) => {
    const emptyMiB = residentMiB(pidOf(fleet, 'worker'));
    const figures: Figure[] = [{ name: 'memory of the worker without connections', value: emptyMiB, unit: 'MiB' }];
    let held = 0;
    let first: { readonly size: number; readonly workerMiB: number | null } | undefined;
    let isTooMany = false;
    for (const size of steps) {
      const made = await fleet.growTo(size);
      figures.push({ name: `${size}: seconds to make those that were missing`, value: made, unit: 's' });
      const step = made === null ? null : await measure(fleet, { size, seconds, intervalMs, log });
      figures.push(...(step?.figures ?? []));
      if (step !== null && first !== undefined) {
        const addedMiB = difference(step.workerMiB, first.workerMiB);
        const value = addedMiB === null ? null : (addedMiB * 1024) / (size - first.size);
        figures.push({ name: `${size}: of it for each beyond the first ${first.size}`, value, unit: 'KiB/connection' });
      }
      first ??= step === null ? undefined : { size, workerMiB: step.workerMiB };
      isTooMany = step === null || step.lateness.p99Ms > intervalMs;
      if (isTooMany) break;
      held = size;
    }
    figures.push({
      name: isTooMany ? 'held; the next step was too many' : 'held; no step was too many',
      value: held,
      unit: 'connections',
    });
    const about =
      `The embedded stack with one worker, a poll every ${intervalSeconds} s that finds nothing, all chores as in production. Each step ` +
      `watched for ${seconds} s after everybody had polled; it is too many when p99 of the lateness exceeds the interval.`;
    return { about, postgres: fleet.postgresVersion, figures };
  });
}

interface Step {
  readonly size: number;
  readonly seconds: number;
  readonly intervalMs: number;
  readonly log: (line: string) => void;
}

interface Measured {
  readonly figures: readonly Figure[];
  readonly lateness: Lateness;
  readonly workerMiB: number | null;
}

async function measure(fleet: Fleet, step: Step): Promise<Measured> {
  const { size, seconds, intervalMs, log } = step;
  const waiting = await firstPolls(fleet.services, { timeoutMs: 3 * intervalMs });
  log(`${size} connections, ${waiting} of them have not polled yet: watching for ${seconds} s`);
  const before = cpuOf(fleet);
  const startedAtMs = performance.now();
  const lateness = await watchPolls(fleet.services, { intervalMs, until: delay(seconds * 1000) });
  const minutes = (performance.now() - startedAtMs) / 60_000;
  const after = cpuOf(fleet);
  const named = (name: string, value: number | null, unit: string) => ({ name: `${size}: ${name}`, value, unit });
  const cpu = PARTS.map((part) => {
    const used = difference(after[part], before[part]);
    return named(`CPU of ${part}`, used === null ? null : (used / size / minutes) * 1000, 'ms/connection-minute');
  });
  const workerMiB = residentMiB(pidOf(fleet, 'worker'));
  const figures = [
    named('polls', lateness.ofPolls.length, 'polls'),
    named('polls late by more than a second', lateness.lateShare * 100, '%'),
    named('polls late by more than the interval', lateness.beyondIntervalShare * 100, '%'),
    named('polls that had not come at the end', lateness.missing, 'polls'),
    named('lateness, p50', lateness.p50Ms / 1000, 's'),
    named('lateness, p99', lateness.p99Ms / 1000, 's'),
    named('connections whose last poll failed', lateness.failing, 'connections'),
    ...cpu,
    named('memory of the worker', workerMiB, 'MiB'),
  ];
  log(`${size} connections: lateness p50 ${Math.round(lateness.p50Ms)} ms, p99 ${Math.round(lateness.p99Ms)} ms`);
  return { figures, lateness, workerMiB };
}

function cpuOf(fleet: Fleet): Cpu {
  const seconds = (part: PartName) =>
    part === 'postgres' ? serverCpuSeconds(pidOf(fleet, part)) : cpuSeconds(pidOf(fleet, part));
  return Object.fromEntries(PARTS.map((part) => [part, seconds(part)])) as Cpu;
}

function pidOf({ pids }: Fleet, part: PartName): number {
  const pid = pids[part];
  if (pid === undefined) throw new Error(`the stack has no part ${part}`);
  return pid;
}
