// The arithmetic of time windows: what the next poll asks for, when history is handed to a backfill, how a backfill is
// cut into slices. All values are microseconds since 1970 by the console's clock.
import { MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_MS } from '../instant.js';

/** Read again on every poll, for rows that became visible late. Rows already stored cost one look-up. */
export const OVERLAP_MICROS = 2 * MICROS_PER_MINUTE;
/** A row dated further ahead than this waits, so that it cannot carry the watermark past rows still to come. */
const AHEAD_MICROS = MICROS_PER_MINUTE;
const SLICE_MICROS = 6 * MICROS_PER_HOUR;
const MIN_HANDOVER_LAG_MICROS = 15 * MICROS_PER_MINUTE;

/** Half open: `from` belongs to it, `to` does not. */
export interface Window {
  readonly fromMicros: number;
  readonly toMicros: number;
}

export interface LivePosition {
  readonly collectFromMicros: number;
  readonly watermarkMicros: number | null;
  readonly collectedThroughMicros: number | null;
}

/** The window of the next live chain of pages. */
export function liveWindow(position: LivePosition, consoleNowMicros: number): Window {
  return { fromMicros: overlapStart(position), toMicros: consoleNowMicros + AHEAD_MICROS };
}

/**
 * The history that a backfill should collect so that new activities need not wait behind it, or null while live keeps
 * up.
 */
export function historyToHandOver(position: LivePosition, consoleNowMicros: number, intervalMs: number): Window | null {
  const lagMicros = consoleNowMicros - livePosition(position);
  const allowedMicros = Math.max(MIN_HANDOVER_LAG_MICROS, 3 * intervalMs * MICROS_PER_MS);
  if (lagMicros <= allowedMicros) return null;
  return { fromMicros: overlapStart(position), toMicros: consoleNowMicros };
}

/** Slices of at most six hours, oldest first, that cover the window exactly. */
export function sliceWindow(window: Window): Window[] {
  const slices: Window[] = [];
  for (let fromMicros = window.fromMicros; fromMicros < window.toMicros; fromMicros += SLICE_MICROS) {
    slices.push({ fromMicros, toMicros: Math.min(fromMicros + SLICE_MICROS, window.toMicros) });
  }
  return slices;
}

function overlapStart({ collectFromMicros, watermarkMicros }: LivePosition): number {
  return watermarkMicros === null ? collectFromMicros : Math.max(collectFromMicros, watermarkMicros - OVERLAP_MICROS);
}

/** Where live stands: an idle connection has an old watermark but was collected through a moment ago. */
function livePosition({ collectFromMicros, watermarkMicros, collectedThroughMicros }: LivePosition): number {
  return Math.max(collectFromMicros, watermarkMicros ?? 0, collectedThroughMicros ?? 0);
}
