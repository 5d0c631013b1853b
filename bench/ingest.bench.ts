// How fast one connection collects history, beside the fastest that PostgreSQL could take the same rows on the same machine in
// the same minute. Repetitions of both alternate, because a machine's speed drifts.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Window } from '../src/domain/collecting.js';
import { MICROS_PER_HOUR, toInstant } from '../src/domain/instant.js';
import { simulatorControl } from '../src/embedded/simulator-control.js';
import type { Benchmark, BenchmarkContext, Figure, Report } from './harness/benchmark.js';
import { startBenchPostgres, startBenchSimulator, type BenchPostgres, type BenchSimulator } from './harness/servers.js';
import { copyCeiling, pagesOfEvents } from './ingest/ceiling.js';
import { collectHistory, type Collected } from './ingest/collect-history.js';
import { microsPerRow, SESSIONS, speedFigures, type Ceiling } from './ingest/figures.js';

/** A partner with twenty customers. */
const ACCOUNTS = [
  { name: 'Benchmark', sites: Array.from({ length: 20 }, (_, n) => ({ name: `Customer ${n + 1}`, agents: 25 })) },
];
/** 40,000 activities a day: a slice of six hours is ten pages long. */
const ROWS_PER_HOUR = 10_000 / 6;
const WINDOW_FACTOR = 10;

export const ingest: Benchmark = {
  name: 'ingest',
  summary: 'one connection collects history from the simulator, beside a bare COPY of the same rows',
  options: {
    rows: { unit: 'activities of a repetition', default: 100_000 },
    repetitions: { unit: 'times', default: 3 },
    'page-latency-ms': { unit: 'milliseconds that the console takes for a page', default: 0 },
    'small-window-rows': { unit: 'activities of the smaller window for memory; 0 leaves memory out', default: 25_000 },
  },
  run,
};

async function run({ options, log }: BenchmarkContext): Promise<Report> {
  const {
    rows = 0,
    repetitions = 0,
    'page-latency-ms': pageLatencyMs = 0,
    'small-window-rows': smallRows = 0,
  } = options;
  const postgres = await startBenchPostgres();
  const historyRows = Math.max(rows, smallRows * WINDOW_FACTOR);
  const history = { endMicros: Math.floor(Date.now() / 1000) * 1_000_000, rows: historyRows };
  const simulator = await startConsole(history);
  try {
    if (pageLatencyMs > 0) await simulatorControl(simulator.url).order('configure', { pageLatencyMs });
    const bench = new IngestBench({ postgres, simulator, endMicros: history.endMicros, log });
    const figures = [...(await bench.speed({ rows, repetitions })), ...(await bench.memory(smallRows))];
    return { about: about({ rows, repetitions, pageLatencyMs }), postgres: postgres.version, figures };
  } finally {
    await simulator.stop();
    await postgres.stop();
  }
}

const about = (of: { readonly rows: number; readonly repetitions: number; readonly pageLatencyMs: number }) =>
  `The activity runBackfill in a process of its own, put together as the worker does it; a stand-in for Temporal's context, ` +
  `which a whole backfill uses for heartbeats only. ${of.rows} activities, ${of.repetitions} repetitions, page latency ` +
  `${of.pageLatencyMs} ms, no pacing, durable PostgreSQL; console, collector and PostgreSQL share this machine.`;

async function startConsole(history: { readonly endMicros: number; readonly rows: number }): Promise<BenchSimulator> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const accounts = join(folder, 'accounts.json');
  await writeFile(accounts, JSON.stringify(ACCOUNTS));
  try {
    return await startBenchSimulator([
      ...['--accounts', accounts, '--token', TOKEN, '--live-rows-per-second', '0'],
      ...['--history-rows', String(history.rows), '--history-hours', String(history.rows / ROWS_PER_HOUR)],
      ...['--history-ends-at', toInstant(history.endMicros)],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const TOKEN = randomBytes(32).toString('hex');

interface Bench {
  readonly postgres: BenchPostgres;
  readonly simulator: BenchSimulator;
  readonly endMicros: number;
  log(line: string): void;
}

class IngestBench {
  private databases = 0;
  constructor(private readonly bench: Bench) {}

  async speed({ rows, repetitions }: { readonly rows: number; readonly repetitions: number }): Promise<Figure[]> {
    const collected: Collected[] = [];
    const ceilings: Ceiling[] = [];
    const known: number[] = [];
    for (let n = 1; n <= repetitions; n++) {
      await this.onDatabase(async (databaseUrl) => {
        const history = await this.openHistory(databaseUrl, rows);
        const run = await history.collect();
        const pages = await pagesOfEvents(databaseUrl);
        const server = { databaseUrl, postgresPid: this.bench.postgres.pid };
        const bare = await copyCeiling(server, pages, 1);
        const one = run.stored / bare.seconds;
        const side = run.stored / (await copyCeiling(server, pages, SESSIONS)).seconds;
        const again = await history.collect();
        collected.push(run);
        ceilings.push({ one, side, cpuMicros: microsPerRow(bare.postgresCpuSeconds, run.stored) });
        known.push(run.rows / again.seconds);
        this.bench.log(
          `repetition ${n}: ${Math.round(run.rows / run.seconds)} activities/s, ceiling ${Math.round(one)}`,
        );
      });
    }
    return speedFigures({ collected, ceilings, known, stages: await this.stages(rows) });
  }

  /** A run of its own with the profiler, whose shares are put on that run's CPU time. */
  private async stages(rows: number): Promise<Figure[]> {
    return this.onDatabase(async (databaseUrl) => {
      const run = await (await this.openHistory(databaseUrl, rows)).collect({ profile: true });
      const perRow = (run.cpuSeconds * 1e6) / run.rows;
      return run.stages.map(({ stage, share }) => ({
        name: `  of it ${stage}`,
        value: share * perRow,
        unit: 'µs/activity',
      }));
    });
  }

  async memory(smallRows: number): Promise<Figure[]> {
    if (smallRows === 0) return [];
    const figures = [];
    for (const rows of [smallRows, smallRows * WINDOW_FACTOR]) {
      const peak = await this.onDatabase(async (databaseUrl) => {
        const run = await (await this.openHistory(databaseUrl, rows)).collect();
        return {
          name: `peak memory of the collecting process, ${run.rows} activities`,
          value: run.peakRssMiB,
          unit: 'MiB',
        };
      });
      this.bench.log(`${peak.name}: ${Math.round(peak.value)} MiB`);
      figures.push(peak);
    }
    return figures;
  }

  private openHistory(databaseUrl: string, rows: number) {
    const { simulator, postgres, endMicros } = this.bench;
    const fromMicros = Math.floor(endMicros - (rows / ROWS_PER_HOUR) * MICROS_PER_HOUR);
    const window: Window = { fromMicros, toMicros: endMicros };
    return collectHistory({
      databaseUrl,
      postgresPid: postgres.pid,
      console: { pid: simulator.pid, url: simulator.url, token: TOKEN },
      window,
    });
  }

  private async onDatabase<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
    const { postgres } = this.bench;
    const name = `bench_${++this.databases}`;
    const url = await postgres.createDatabase(name);
    try {
      return await work(url);
    } finally {
      await postgres.dropDatabase(name);
    }
  }
}
