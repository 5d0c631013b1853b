// Our collector beside dlt, the tool that most people would reach for: the same activities from the same simulator into
// the same database. Each run of dlt has one of ours beside it, first or second by turns, because a machine's speed
// drifts.
import type { Benchmark, BenchmarkContext, Report } from './harness/benchmark.js';
import { type BenchPostgres, startBenchPostgres } from './harness/servers.js';
import { openHistory } from './ingest/collect-history.js';
import { type BenchConsole, startConsole } from './ingest/console.js';
import { type Cost, costFigures } from './ingest/figures.js';
import { compareIds } from './peers/compare.js';
import { type DltVariant, runDlt } from './peers/dlt.js';
import { DLT_VERSION, openDltEnvironment } from './peers/dlt-environment.js';
import { type Pair, peerFigures } from './peers/figures.js';

/**
 * `merge` holds an id once, as we do; the others may hold it twice and show what merging costs, and INSERT instead of
 * COPY.
 */
const VARIANTS: readonly DltVariant[] = [
  { name: 'dlt, merge', dataset: 'dlt_merge', writeDisposition: 'merge', loaderFileFormat: null },
  { name: 'dlt, append', dataset: 'dlt_append', writeDisposition: 'append', loaderFileFormat: null },
  { name: 'dlt, append by COPY', dataset: 'dlt_copy', writeDisposition: 'append', loaderFileFormat: 'csv' },
];

export const peers: Benchmark = {
  name: 'peers',
  summary: 'our collector beside dlt (Python), the same activities into the same database',
  options: {
    rows: { unit: 'activities of a repetition', default: 60_000 },
    repetitions: { unit: 'times', default: 3 },
  },
  run,
};

async function run({ options, log }: BenchmarkContext): Promise<Report> {
  const { rows = 0, repetitions = 0 } = options;
  const environment = await openDltEnvironment(log);
  if (environment.kind === 'missing') return { about: `Skipped: ${environment.why}.`, figures: [] };
  const postgres = await startBenchPostgres();
  try {
    const console = await startConsole(rows);
    try {
      const bench: Bench = { postgres, console, python: environment.python, log };
      const peers = VARIANTS.map((variant) => ({ name: variant.name, variant, pairs: [] as Pair[] }));
      for (let n = 1; n <= repetitions; n++) {
        for (const { variant, pairs } of peers) pairs.push(await runPair(bench, { rows, variant, n }));
      }
      const about =
        `The activity runBackfill in a process of its own beside dlt ${DLT_VERSION} (Python ${environment.pythonVersion}) with its ` +
        `defaults. ${rows} activities, ${repetitions} repetitions, no pacing, no latency, durable PostgreSQL; console, collector ` +
        'and PostgreSQL share this machine. Medians, with every repetition in brackets; of the ids the worst repetition.';
      const ours = peers.flatMap(({ pairs }) => pairs.map((pair) => pair.ours));
      const figures = [...costFigures('our collector', ours), ...peers.flatMap(peerFigures)];
      return { about, postgres: postgres.version, figures };
    } finally {
      await console.stop();
    }
  } finally {
    await postgres.stop();
  }
}

interface Bench {
  readonly postgres: BenchPostgres;
  readonly console: BenchConsole;
  readonly python: string;
  readonly log: (line: string) => void;
}

/** Both in a database of their own, one right after the other; every second time dlt begins. */
async function runPair(
  { postgres, console, python, log }: Bench,
  { rows, variant, n }: { readonly rows: number; readonly variant: DltVariant; readonly n: number },
): Promise<Pair> {
  const name = `bench_${variant.dataset}_${n}`;
  const databaseUrl = await postgres.createDatabase(name);
  try {
    const windows = console.windows(rows);
    const options = { databaseUrl, postgresPid: postgres.pid, console, ...windows };
    const history = await openHistory({ ...options, connections: 1 });
    const runOurs = async () => logged('ours', await history.collect());
    const runTheirs = async () => logged(variant.name, await runDlt({ ...options, python }, variant));
    const early = n % 2 === 1 ? await runOurs() : undefined;
    const theirs = await runTheirs();
    const ours = early ?? (await runOurs());
    return { ours, theirs, comparison: await compareIds(databaseUrl, variant.dataset, windows.window) };
  } finally {
    await postgres.dropDatabase(name);
  }

  function logged(who: string, cost: Cost): Cost {
    log(`${who}: ${Math.round(cost.rows / cost.seconds)} activities/s`);
    return cost;
  }
}
