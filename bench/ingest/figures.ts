// The figures of `ingest` from its repetitions.
import type { Figure } from '../harness/benchmark.js';
import { median, medianFigure } from '../harness/report.js';
import type { Collected } from './collect-history.js';

/** Enough to keep PostgreSQL's cores busy while one waits for the disk. */
export const SESSIONS = 4;

/**
 * Rows a second of COPY as text over one session and over several, and in binary format over one; PostgreSQL's CPU for
 * a row over one.
 */
export interface Ceiling {
  readonly one: number;
  readonly binary: number;
  readonly side: number;
  readonly cpuMicros: number | null;
  readonly binaryCpuMicros: number | null;
}

/** What collecting so many rows took. */
export type Cost = Pick<Collected, 'rows' | 'seconds' | 'cpuSeconds' | 'postgresCpuSeconds' | 'consoleCpuSeconds'>;

export const microsPerRow = (seconds: number | null, rows: number): number | null =>
  seconds === null ? null : (seconds * 1e6) / rows;

const speedOf = ({ rows, seconds }: Cost): number => rows / seconds;

/** One connection without latency, beside the ceiling of the same repetition. */
export function ceilingFigures(collected: readonly Collected[], ceilings: readonly Ceiling[]): Figure[] {
  const ones = ceilings.map(({ one }) => one);
  const sides = ceilings.map(({ side }) => side);
  const binaries = ceilings.map(({ binary }) => binary);
  const ratios = (of: readonly number[]) => collected.map((run, n) => speedOf(run) / (of[n] ?? Number.NaN));
  return [
    medianFigure('ceiling: COPY over one session', 'rows/s', ones),
    medianFigure('ceiling: COPY in binary format over one session', 'rows/s', binaries),
    medianFigure(`ceiling: COPY over ${SESSIONS} sessions side by side`, 'rows/s', sides),
    medianFigure('one connection / ceiling of one session', '', ratios(ones)),
    medianFigure('one connection / ceiling of one session, binary', '', ratios(binaries)),
    medianFigure(`one connection / ceiling of ${SESSIONS} sessions`, '', ratios(sides)),
    cpuFigure(
      'CPU of PostgreSQL, bare COPY over one session',
      ceilings.map(({ cpuMicros }) => cpuMicros),
    ),
    cpuFigure(
      'CPU of PostgreSQL, bare COPY in binary format over one session',
      ceilings.map(({ binaryCpuMicros }) => binaryCpuMicros),
    ),
  ];
}

/** A second of CPU for a million activities is a microsecond for each. */
export function costFigures(what: string, runs: readonly Cost[]): Figure[] {
  const micros = (seconds: (run: Cost) => number | null) => runs.map((run) => microsPerRow(seconds(run), run.rows));
  return [
    medianFigure(what, 'activities/s', runs.map(speedOf)),
    cpuFigure(
      '  CPU of the collecting process',
      micros((run) => run.cpuSeconds),
    ),
    cpuFigure(
      '  CPU of PostgreSQL',
      micros((run) => run.postgresCpuSeconds),
    ),
    cpuFigure(
      '  CPU of the simulator',
      micros((run) => run.consoleCpuSeconds),
    ),
  ];
}

function cpuFigure(name: string, micros: readonly (number | null)[]): Figure {
  const value = median(micros.map((each) => each ?? Number.NaN));
  return { name, value: Number.isNaN(value) ? null : value, unit: 's/million activities' };
}
