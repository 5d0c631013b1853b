// The simulated console of `ingest`, and the windows of its history.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Window } from '../../src/domain/collecting/windows.js';
import { MICROS_PER_HOUR, toInstant } from '../../src/domain/instant.js';
import { simulatorControl } from '../../src/embedded/demo/simulator-control.js';
import { startBenchSimulator } from '../harness/servers.js';

/** A partner with twenty customers. */
const ACCOUNTS = [
  { name: 'Benchmark', sites: Array.from({ length: 20 }, (_, n) => ({ name: `Customer ${n + 1}`, agents: 25 })) },
];
/** 40,000 activities a day: a slice of six hours is ten pages long. */
const ROWS_PER_HOUR = 10_000 / 6;
/** Ten slices of two pages, enough for the collector's code to be compiled. */
const WARM_UP_ROWS = 20_000;
/** The texts of half a million activities: a real console's work is done on another machine. */
const KEEP_TEXTS_MIB = 600;

export interface BenchConsole {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** The newest so many activities, and some older ones to warm up with. */
  windows(rows: number): { readonly warmUp: Window; readonly window: Window };
  setLatency(pageLatencyMs: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startConsole(rows: number): Promise<BenchConsole> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const accounts = join(folder, 'accounts.json');
  const token = randomBytes(32).toString('hex');
  const endMicros = Math.floor(Date.now() / 1000) * 1_000_000;
  const historyRows = rows + WARM_UP_ROWS;
  await writeFile(accounts, JSON.stringify(ACCOUNTS));
  try {
    const simulator = await startBenchSimulator([
      '--accounts',
      accounts,
      '--token',
      token,
      '--live-rows-per-second',
      '0',
      '--history-rows',
      String(historyRows),
      '--history-hours',
      String(historyRows / ROWS_PER_HOUR),
      '--history-ends-at',
      toInstant(endMicros),
      '--keep-texts-mib',
      String(KEEP_TEXTS_MIB),
    ]);
    const control = simulatorControl(simulator.url);
    return {
      pid: simulator.pid,
      url: simulator.url,
      token,
      windows: (wanted) => windowsBefore(endMicros, wanted),
      setLatency: async (pageLatencyMs) => void (await control.order('configure', { pageLatencyMs })),
      stop: () => simulator.stop(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function windowsBefore(endMicros: number, rows: number): { readonly warmUp: Window; readonly window: Window } {
  const before = (micros: number, count: number) => Math.floor(micros - (count / ROWS_PER_HOUR) * MICROS_PER_HOUR);
  const fromMicros = before(endMicros, rows);
  return {
    window: { fromMicros, toMicros: endMicros },
    warmUp: { fromMicros: before(fromMicros, WARM_UP_ROWS), toMicros: fromMicros },
  };
}
