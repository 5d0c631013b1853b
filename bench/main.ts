// `npm run bench -- <name> [--json] [options]`: runs one benchmark and prints what it measured. Nothing is asserted:
// whether a figure is good enough is for whoever reads it. Without a name it lists the benchmarks.
import { parseArgs } from 'node:util';
import { connections } from './connections.bench.js';
import type { Benchmark } from './harness/benchmark.js';
import { describeMachine } from './harness/machine.js';
import { printReport } from './harness/report.js';
import { idle } from './idle.bench.js';
import { ingest } from './ingest.bench.js';
import { latency } from './latency.bench.js';
import { peers } from './peers.bench.js';

const BENCHMARKS: readonly Benchmark[] = [ingest, idle, peers, latency, connections];

const NAME_WIDTH = 13;

const name = process.argv[2];
const benchmark = BENCHMARKS.find((each) => each.name === name);
if (benchmark === undefined) list();
else await run(benchmark);

function list(): void {
  for (const { name, summary, options, lists } of BENCHMARKS) {
    process.stdout.write(`${name.padEnd(NAME_WIDTH)}${summary}\n`);
    for (const [option, { unit, default: value }] of Object.entries({ ...options, ...lists })) {
      process.stdout.write(`${''.padEnd(NAME_WIDTH)}--${option} <${unit}>, ${String(value)} unless given\n`);
    }
  }
}

async function run(benchmark: Benchmark): Promise<void> {
  const { options, lists = {} } = benchmark;
  const texts = Object.keys({ ...options, ...lists }).map((option) => [option, { type: 'string' }] as const);
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { json: { type: 'boolean' }, ...Object.fromEntries(texts) },
  });
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const numbers = Object.entries(options).map(([option, { default: value }]) => {
    return [option, readNumber(option, given[option] ?? value)] as const;
  });
  const series = Object.entries(lists).map(([option, { default: values }]) => {
    return [option, given[option] === undefined ? values : readCounts(option, String(given[option]))] as const;
  });
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const report = await benchmark.run({ options: Object.fromEntries(numbers), lists: Object.fromEntries(series), log });
  const whole = { benchmark: benchmark.name, at: new Date().toISOString(), machine: describeMachine(), ...report };
  if (given['json'] === true) process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
  else printReport(whole, (line) => void process.stdout.write(`${line}\n`));
}

function readNumber(option: string, value: unknown): number {
  const number = Number(value);
  if (!(number >= 0)) throw new RangeError(`--${option} must be a number`);
  return number;
}

function readCounts(option: string, text: string): readonly number[] {
  const counts = text.split(',').map(Number);
  if (counts.every((each) => Number.isInteger(each) && each > 0)) return counts;
  throw new RangeError(`--${option} must be whole numbers above 0 with commas between them`);
}
