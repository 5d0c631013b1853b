// The comparison of what is held with SentinelOne's own count: which windows of console time are due, when a window is
// cut in two, what a comparison says. Pure. An hour is compared one hour after its beginning, when it is over, and
// again after 6 and 24 hours, because SentinelOne may show a row long after the row's own time. History that is first
// looked at later than that is compared once, a day at a time, and cut only where the numbers differ.
import { MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../instant.js';
import { OVERLAP_MICROS, type Window } from './windows.js';

/** Hours after the beginning of an hour; 0 is said of a window that was never compared. */
export const STAGES = [24, 6, 1] as const;
export type Stage = 0 | (typeof STAGES)[number];

export type CheckState = 'waiting' | 'equal' | 'repaired' | 'short' | 'surplus';

/**
 * `late_rows`: the window had been complete, and rows appeared in it afterwards. `not_listed`: SentinelOne counts rows
 * that it does not list. `not_countable`: everything listed is held, some of it without a time to count it by.
 * `count_capped`: more rows than SentinelOne counts lie in less time than a window can be cut to, so the count is only
 * a lower bound.
 */
export type CheckCause = 'late_rows' | 'not_listed' | 'not_countable' | 'count_capped';

/** A window as it was compared last. */
export interface Check {
  readonly window: Window;
  readonly stage: Stage;
  readonly state: CheckState;
  /** Console time through which the connection had collected then; null when it waits for its first comparison. */
  readonly throughMicros: number | null;
  readonly shortSinceMicros: number | null;
  /** Whether nothing was missing, also of the window that this one was cut from. */
  readonly wasComplete: boolean;
  /** Rows that were missing here and that earlier comparisons collected. */
  readonly repaired: number;
}

const DAY_MICROS = 24 * MICROS_PER_HOUR;
const SHORTEST_MICROS = MICROS_PER_SECOND;
/** Five pages: a missing row is found by counting smaller windows for less than it costs to read a full hour again. */
const MOST_ROWS_TO_READ = 5_000;
/** A window that is short after its last stage is looked at daily for this long: SentinelOne may still put it right. */
export const SHORT_IS_NEWS_DAYS = 30;

const hourOf = (micros: number) => Math.floor(micros / MICROS_PER_HOUR) * MICROS_PER_HOUR;

/** Exclusive end of the hours that have reached a stage. */
const stageEnd = (stage: Stage, throughMicros: number): number =>
  hourOf(throughMicros - OVERLAP_MICROS - stage * MICROS_PER_HOUR) + MICROS_PER_HOUR;

/** The stage of a window is that of its last hour. */
export function stageReached({ toMicros }: Window, throughMicros: number): Stage {
  return STAGES.find((stage) => toMicros <= stageEnd(stage, throughMicros)) ?? 0;
}

/** Whether a window that is on record should be compared again. */
export function isDue(check: Check, throughMicros: number): boolean {
  if (stageReached(check.window, throughMicros) > check.stage) return true;
  const { state, throughMicros: comparedAt, shortSinceMicros } = check;
  if (state !== 'short' || comparedAt === null || shortSinceMicros === null) return false;
  const isNews = throughMicros - shortSinceMicros < SHORT_IS_NEWS_DAYS * DAY_MICROS;
  return check.stage === 24 && isNews && throughMicros - comparedAt >= DAY_MICROS;
}

/**
 * Hours that have reached a stage and are on no record, oldest first: one by one while more stages await them, by the
 * day where they are past the last. A day of a large account is still below the cap of SentinelOne's count. `covered`
 * is on record already, `unfinished` is still being collected; both in order and without overlaps.
 */
export function newWindows(of: {
  readonly collectFromMicros: number;
  readonly throughMicros: number;
  readonly covered: readonly Window[];
  readonly unfinished: readonly Window[];
}): Window[] {
  const { collectFromMicros, throughMicros, covered, unfinished } = of;
  const dayOldMicros = Math.max(collectFromMicros, stageEnd(24, throughMicros));
  const history = { fromMicros: collectFromMicros, toMicros: dayOldMicros };
  const recent = { fromMicros: dayOldMicros, toMicros: stageEnd(1, throughMicros) };
  const holes = [...covered, ...unfinished.map(wholeHours)];
  return [
    ...without([history], holes).flatMap((window) => inPieces(window, DAY_MICROS)),
    ...without([recent], holes).flatMap((window) => inPieces(window, MICROS_PER_HOUR)),
  ];
}

/** An hour is compared when all of it has been collected: a hole that begins in it takes all of it. */
export const wholeHours = ({ fromMicros, toMicros }: Window): Window => ({
  fromMicros: hourOf(fromMicros),
  toMicros: hourOf(toMicros + MICROS_PER_HOUR - 1),
});

export const overlaps = (a: Window, b: Window): boolean => a.fromMicros < b.toMicros && b.fromMicros < a.toMicros;

/** What the holes leave of the windows. */
function without(windows: readonly Window[], holes: readonly Window[]): Window[] {
  let left = [...windows];
  for (const hole of holes)
    left = left.flatMap((window) => (overlaps(window, hole) ? aroundOf(window, hole) : [window]));
  return left;
}

function aroundOf(window: Window, hole: Window): Window[] {
  const before = { fromMicros: window.fromMicros, toMicros: hole.fromMicros };
  const after = { fromMicros: hole.toMicros, toMicros: window.toMicros };
  return [before, after].filter(({ fromMicros, toMicros }) => fromMicros < toMicros);
}

/** An empty window has none. */
function inPieces({ fromMicros, toMicros }: Window, longestMicros: number): Window[] {
  const pieces: Window[] = [];
  for (let from = fromMicros; from < toMicros; from = hourOf(from) + longestMicros) {
    pieces.push({ fromMicros: from, toMicros: Math.min(hourOf(from) + longestMicros, toMicros) });
  }
  return pieces;
}

/** Two halves, cut at a full hour, minute or second; null when the window is too short to be cut. */
export function halves({ fromMicros, toMicros }: Window): [Window, Window] | null {
  const middle = fromMicros + (toMicros - fromMicros) / 2;
  for (const unit of [MICROS_PER_HOUR, MICROS_PER_MINUTE, SHORTEST_MICROS]) {
    const cut = Math.round(middle / unit) * unit;
    if (cut > fromMicros && cut < toMicros)
      return [
        { fromMicros, toMicros: cut },
        { fromMicros: cut, toMicros },
      ];
  }
  return null;
}

export interface Counts {
  readonly theirs: number;
  readonly ours: number;
  /** SentinelOne stopped counting. */
  readonly isCapped: boolean;
}

/**
 * `cut`: look at both halves instead, because the count is cut off, or because the difference has to be placed: two
 * hours that differ in opposite ways look equal together. `read`: collect the window again.
 */
export function nextStep(window: Window, { theirs, ours, isCapped }: Counts): 'record' | 'cut' | 'read' {
  const canBeCut = halves(window) !== null;
  if (isCapped && canBeCut) return 'cut';
  if (theirs === ours) return 'record';
  const isLong = window.toMicros - window.fromMicros > MICROS_PER_HOUR;
  if (canBeCut && (isLong || (theirs > ours && theirs > MOST_ROWS_TO_READ))) return 'cut';
  return theirs > ours ? 'read' : 'record';
}

export interface Comparison extends Counts {
  /** Rows that were missing here and that this comparison collected. */
  readonly repairedNow: number;
  /**
   * Rows that SentinelOne listed when the window was read again, all of which are held now; null when it was not read.
   */
  readonly listed: number | null;
  /** What is on record; null for a window that was never looked at. */
  readonly before: Pick<Check, 'wasComplete' | 'repaired'> | null;
}

export interface Verdict {
  readonly state: CheckState;
  readonly cause: CheckCause | null;
  readonly ours: number;
}

/** `ours` is what is held of the window at the end. */
export function verdictOn({ theirs, ours, isCapped, repairedNow, listed, before }: Comparison): Verdict {
  const held = Math.max(ours, Math.min(listed ?? 0, theirs));
  const repaired = repairedNow + (before?.repaired ?? 0);
  const state = held < theirs ? 'short' : held > theirs ? 'surplus' : repaired > 0 ? 'repaired' : 'equal';
  const cause = (): CheckCause | null => {
    if (isCapped) return 'count_capped';
    if (state === 'short') return 'not_listed';
    if (repairedNow > 0) return before?.wasComplete === true ? 'late_rows' : null;
    return held > ours ? 'not_countable' : null;
  };
  return { state, cause: cause(), ours: held };
}
