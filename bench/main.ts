// `npm run bench -- <name> [--json] [options]`: runs one benchmark and prints what it measured. Nothing is asserted: whether a
// figure is good enough is for whoever reads it. Without a name it lists the benchmarks.
import { parseArgs } from 'node:util';
import type { Benchmark } from './harness/benchmark.js';
import { describeMachine } from './harness/machine.js';
import { printReport } from './harness/report.js';
import { idle } from './idle.bench.js';
import { ingest } from './ingest.bench.js';

const BENCHMARKS: readonly Benchmark[] = [ingest, idle];

const name = process.argv[2];
const benchmark = BENCHMARKS.find((each) => each.name === name);
if (benchmark === undefined) list();
else await run(benchmark);

function list(): void {
  for (const { name, summary, options } of BENCHMARKS) {
    process.stdout.write(`${name.padEnd(10)}${summary}\n`);
    for (const [option, { unit, default: value }] of Object.entries(options)) {
      process.stdout.write(`${''.padEnd(10)}--${option} <${unit}>, ${value} unless given\n`);
    }
  }
}

async function run(benchmark: Benchmark): Promise<void> {
  const numbers = Object.entries(benchmark.options).map(([option]) => [option, { type: 'string' }] as const);
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { json: { type: 'boolean' }, ...Object.fromEntries(numbers) },
  });
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const settings = Object.entries(benchmark.options).map(([option, { default: value }]) => {
    const number = Number(given[option] ?? value);
    if (!(number >= 0)) throw new RangeError(`--${option} must be a number`);
    return [option, number];
  });
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const report = await benchmark.run({ options: Object.fromEntries(settings) as Record<string, number>, log });
  const whole = { benchmark: benchmark.name, at: new Date().toISOString(), machine: describeMachine(), ...report };
  if (given['json'] === true) process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
  else printReport(whole, (line) => void process.stdout.write(`${line}\n`));
}
