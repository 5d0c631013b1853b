// The figures of `ingest` from its repetitions.
import type { Figure } from '../harness/benchmark.js';
import { median, medianFigure } from '../harness/report.js';
import type { Collected } from './collect-history.js';

/** As many as a backfill keeps busy. */
export const SESSIONS = 4;

/** Rows a second over one session and over several; PostgreSQL's CPU for a row over one. */
export interface Ceiling {
  readonly one: number;
  readonly side: number;
  readonly cpuMicros: number | null;
}

export const microsPerRow = (seconds: number | null, rows: number): number | null =>
  seconds === null ? null : (seconds * 1e6) / rows;

export function speedFigures(of: {
  readonly collected: readonly Collected[];
  readonly ceilings: readonly Ceiling[];
  /** Activities a second when every one was known. */
  readonly known: readonly number[];
  readonly stages: readonly Figure[];
}): Figure[] {
  const { collected, ceilings, known, stages } = of;
  const speeds = collected.map((run) => run.rows / run.seconds);
  const ones = ceilings.map(({ one }) => one);
  const sides = ceilings.map(({ side }) => side);
  const ratios = (of: readonly number[]) => of.map((ceiling, n) => (speeds[n] ?? Number.NaN) / ceiling);
  const cpuOf = (seconds: (run: Collected) => number | null) =>
    collected.map((run) => microsPerRow(seconds(run), run.rows));
  const bareCopy = ceilings.map(({ cpuMicros }) => cpuMicros);
  return [
    medianFigure('collected', 'activities/s', speeds),
    medianFigure('ceiling: COPY over one session', 'rows/s', ones),
    medianFigure(`ceiling: COPY over ${SESSIONS} sessions side by side`, 'rows/s', sides),
    medianFigure('collected / ceiling of one session', '', ratios(ones)),
    medianFigure(`collected / ceiling of ${SESSIONS} sessions`, '', ratios(sides)),
    medianFigure('read again, every activity known', 'activities/s', known),
    cpuFigure(
      'CPU of the simulator',
      cpuOf((run) => run.consoleCpuSeconds),
    ),
    cpuFigure(
      'CPU of PostgreSQL',
      cpuOf((run) => run.postgresCpuSeconds),
    ),
    cpuFigure('  for comparison: of the bare COPY over one session', bareCopy),
    cpuFigure(
      'CPU of the collecting process',
      cpuOf((run) => run.cpuSeconds),
    ),
    ...stages,
  ];
}

function cpuFigure(name: string, micros: readonly (number | null)[]): Figure {
  const value = median(micros.map((each) => each ?? Number.NaN));
  return { name, value: Number.isNaN(value) ? null : value, unit: 'µs/activity' };
}
