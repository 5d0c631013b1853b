// How fast connections collect history, beside the fastest that PostgreSQL could take the same rows on the same machine
// in the same minute. Repetitions of everything alternate, because a machine's speed drifts.
import type { Benchmark, BenchmarkContext, Figure, Report } from './harness/benchmark.js';
import { type BenchPostgres, startBenchPostgres } from './harness/servers.js';
import { copyCeiling, pagesOfEvents } from './ingest/ceiling.js';
import { type Collected, type History, openHistory } from './ingest/collect-history.js';
import { type BenchConsole, startConsole } from './ingest/console.js';
import { type Ceiling, ceilingFigures, costFigures, microsPerRow, SESSIONS } from './ingest/figures.js';
import { tableFigures } from './ingest/tables.js';

const CONNECTIONS = [1, 2, 4];

export const ingest: Benchmark = {
  name: 'ingest',
  summary: 'connections collect history from the simulator, beside a bare COPY of the same rows',
  options: {
    rows: { unit: 'activities of a repetition, of all connections together', default: 100_000 },
    repetitions: { unit: 'times', default: 3 },
    'page-latency-ms': { unit: 'milliseconds that a far console takes for a page', default: 150 },
    'long-rows': { unit: 'activities of the long backfill for memory and tables; 0 leaves it out', default: 1_000_000 },
  },
  run,
};

async function run({ options, log }: BenchmarkContext): Promise<Report> {
  const { rows = 0, repetitions = 0, 'page-latency-ms': farMs = 0, 'long-rows': longRows = 0 } = options;
  const postgres = await startBenchPostgres();
  try {
    const figures = [];
    if (repetitions > 0) figures.push(...(await onConsole(rows, (bench) => bench.speed({ rows, repetitions, farMs }))));
    if (longRows > 0) figures.push(...(await onConsole(longRows, (bench) => bench.longHistory([rows, longRows]))));
    const about =
      'The activity runBackfill in a process of its own, put together as the worker does it; a stand-in for Temporal’s context, ' +
      `which a whole backfill uses for heartbeats only. ${rows} activities, ${repetitions} repetitions, no pacing, durable ` +
      'PostgreSQL; console, collector and PostgreSQL share this machine. Medians, with every repetition in brackets.';
    return { about, postgres: postgres.version, figures };
  } finally {
    await postgres.stop();
  }

  async function onConsole<T>(historyRows: number, work: (bench: IngestBench) => Promise<T>): Promise<T> {
    const console = await startConsole(historyRows);
    return work(new IngestBench({ postgres, console, log })).finally(() => console.stop());
  }
}

interface Bench {
  readonly postgres: BenchPostgres;
  readonly console: BenchConsole;
  log(line: string): void;
}

class IngestBench {
  private databases = 0;
  constructor(private readonly bench: Bench) {}

  async speed(of: { readonly rows: number; readonly repetitions: number; readonly farMs: number }): Promise<Figure[]> {
    const near = CONNECTIONS.map((): Collected[] => []);
    const far = CONNECTIONS.map((): Collected[] => []);
    const known: Collected[] = [];
    const ceilings: Ceiling[] = [];
    for (let n = 1; n <= of.repetitions; n++) {
      for (const [index, connections] of CONNECTIONS.entries()) {
        const rows = Math.round(of.rows / connections);
        await this.onHistory({ rows, connections }, async (history, databaseUrl) => {
          near[index]?.push(await this.collect(history, `${connections} near`));
          if (connections > 1) return;
          ceilings.push(await this.ceiling(databaseUrl));
          known.push(this.told(await history.readAgain(), 'known'));
        });
        await this.bench.console.setLatency(of.farMs);
        await this.onHistory({ rows, connections }, async (history) => {
          far[index]?.push(await this.collect(history, `${connections} far`));
        });
        await this.bench.console.setLatency(0);
      }
    }
    return [
      ...CONNECTIONS.flatMap((connections, n) => costFigures(nameOf(connections, 0), near[n] ?? [])),
      ...CONNECTIONS.flatMap((connections, n) => costFigures(nameOf(connections, of.farMs), far[n] ?? [])),
      ...costFigures('read again, every activity known', known),
      ...ceilingFigures(near[0] ?? [], ceilings),
      ...(await this.stages(of.rows)),
    ];
  }

  /** Each in a database and a process of its own. Nothing but the last length may change what the process needs. */
  async longHistory(lengths: readonly number[]): Promise<Figure[]> {
    const figures: Figure[] = [];
    for (const rows of lengths) {
      await this.onHistory({ rows, connections: 1 }, async (history, databaseUrl) => {
        const run = await this.collect(history, `${rows} activities`);
        const name = `peak memory of the collecting process, ${run.rows} activities`;
        figures.push({ name, value: run.peakRssMiB, unit: 'MiB' });
        if (rows === lengths.at(-1)) figures.push(...(await tableFigures(databaseUrl)));
      });
    }
    return figures;
  }

  private collect = async (history: History, what: string): Promise<Collected> =>
    this.told(await history.collect(), what);

  private told(run: Collected, what: string): Collected {
    this.bench.log(`${what}: ${Math.round(run.rows / run.seconds)} activities/s`);
    return run;
  }

  private async ceiling(databaseUrl: string): Promise<Ceiling> {
    const server = { databaseUrl, postgresPid: this.bench.postgres.pid };
    const binary = await pagesOfEvents(databaseUrl, 'binary');
    const bareBinary = await copyCeiling(server, { pages: binary, format: 'binary' }, 1);
    const text = await pagesOfEvents(databaseUrl, 'text');
    const bare = await copyCeiling(server, { pages: text, format: 'text' }, 1);
    const side = await copyCeiling(server, { pages: text, format: 'text' }, SESSIONS);
    const rows = text.reduce((sum, page) => sum + page.rows, 0);
    this.bench.log(
      `ceiling: ${Math.round(rows / bare.seconds)} rows/s, ${Math.round(rows / bareBinary.seconds)} binary`,
    );
    return {
      one: rows / bare.seconds,
      binary: rows / bareBinary.seconds,
      side: rows / side.seconds,
      cpuMicros: microsPerRow(bare.postgresCpuSeconds, rows),
      binaryCpuMicros: microsPerRow(bareBinary.postgresCpuSeconds, rows),
    };
  }

  /** A run of its own with the profiler, whose shares are put on that run's CPU time. */
  private async stages(rows: number): Promise<Figure[]> {
    return this.onHistory({ rows, connections: 1 }, async (history) => {
      const run = await history.collect({ profile: true });
      const figure = (name: string, seconds: number): Figure => ({
        name: `  of the collecting process: ${name}`,
        value: (seconds * 1e6) / run.rows,
        unit: 's/million activities',
      });
      return [
        figure('other threads (pages, garbage, compiling)', run.cpuSeconds - run.mainThreadCpuSeconds),
        ...run.stages.map(({ stage, share }) => figure(`main thread, ${stage}`, share * run.mainThreadCpuSeconds)),
      ];
    });
  }

  private async onHistory<T>(
    { rows, connections }: { readonly rows: number; readonly connections: number },
    work: (history: History, databaseUrl: string) => Promise<T>,
  ): Promise<T> {
    const { postgres, console } = this.bench;
    const name = `bench_${++this.databases}`;
    const databaseUrl = await postgres.createDatabase(name);
    try {
      const windows = console.windows(rows);
      const history = await openHistory({ databaseUrl, postgresPid: postgres.pid, console, connections, ...windows });
      return await work(history, databaseUrl);
    } finally {
      await postgres.dropDatabase(name);
    }
  }
}

const nameOf = (connections: number, latencyMs: number): string =>
  `${connections} connection${connections === 1 ? '' : 's'}, page latency ${latencyMs} ms`;
