// Figures as a person reads them, and the median that most of them are.
import type { Figure, Report } from './benchmark.js';
import type { Machine } from './machine.js';

const NAME_WIDTH = 58;
const VALUE_WIDTH = 10;

export function printReport(
  report: Report & { readonly benchmark: string; readonly at: string; readonly machine: Machine },
  print: (line: string) => void,
): void {
  const { machine, postgres } = report;
  const versions = [`Node ${machine.node}`, ...(postgres === undefined ? [] : [`PostgreSQL ${postgres}`])].join(', ');
  print(`${report.benchmark}, ${report.at}`);
  print(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, ${versions}`);
  print(`${report.about}\n`);
  for (const figure of report.figures) print(lineOf(figure));
}

function lineOf({ name, value, unit, of }: Figure): string {
  const runs = of === undefined ? '' : `   (${of.map(readable).join(', ')})`;
  return `${name.padEnd(NAME_WIDTH)}${(value === null ? 'n/a' : readable(value)).padStart(VALUE_WIDTH)} ${unit}${runs}`;
}

/** Three digits are more than the noise of any machine leaves. */
const readable = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median of the repetitions, with all of them beside it. */
export const medianFigure = (name: string, unit: string, of: readonly number[]): Figure => ({
  name,
  value: median(of),
  unit,
  of,
});
