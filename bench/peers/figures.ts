// The figures of `peers` from its repetitions.
import type { Figure } from '../harness/benchmark.js';
import { median, medianFigure } from '../harness/report.js';
import { type Cost, costFigures, microsPerRow } from '../ingest/figures.js';
import type { Comparison } from './compare.js';

/** One run of each, in the same minute. */
export interface Pair {
  readonly ours: Cost;
  readonly theirs: Cost;
  readonly comparison: Comparison;
}

const speedOf = ({ rows, seconds }: Cost): number => rows / seconds;

/** Process and PostgreSQL together; the simulator is nobody's cost. */
const cpuOf = ({ cpuSeconds, postgresCpuSeconds, rows }: Cost): number =>
  microsPerRow(cpuSeconds + (postgresCpuSeconds ?? Number.NaN), rows) ?? Number.NaN;

/** Each ratio is of the two runs of one pair. */
export function peerFigures({ name, pairs }: { readonly name: string; readonly pairs: readonly Pair[] }): Figure[] {
  const comparisons = pairs.map(({ comparison }) => comparison);
  const speeds = pairs.map(({ ours, theirs }) => speedOf(ours) / speedOf(theirs));
  const cpus = pairs.map(({ ours, theirs }) => cpuOf(theirs) / cpuOf(ours));
  const worst = (name: string, values: readonly number[], pick: (...values: number[]) => number): Figure => ({
    name,
    value: pick(...values),
    unit: 'activities',
    of: values,
  });
  return [
    ...costFigures(
      name,
      pairs.map(({ theirs }) => theirs),
    ),
    medianFigure('  ours, activities/s, by its', '×', speeds),
    known(medianFigure('  its CPU with PostgreSQL’s, by ours', '×', cpus)),
    worst(
      '  same id in both',
      comparisons.map(({ inBoth }) => inBoth),
      Math.min,
    ),
    worst(
      '  ours only, its only, or doubled by it',
      comparisons.map(({ onlyOurs, onlyTheirs, doubled }) => onlyOurs + onlyTheirs + doubled),
      Math.max,
    ),
  ];
}

/** Where this system cannot tell CPU time, no ratio can be told either. */
const known = (figure: Figure): Figure =>
  Number.isNaN(median(figure.of ?? [])) ? { name: figure.name, value: null, unit: figure.unit } : figure;
