// The timeline in a terminal. Pure.
import type { ConnectionState } from '../../domain/connection/connection-state.js';
import type { PauseReason } from '../../domain/failures/failures.js';
import { stateInWords } from './connection-words.js';
import { missingInWords } from './repair-words.js';
import { instant } from './words.js';

export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  /** `state`, or a command's name. */
  readonly kind: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export const timelineText = (entries: readonly TimelineEntry[]): string =>
  entries.map((entry) => `  ${instant(entry.at)}  ${entryInWords(entry)}`).join('\n');

/** `state paused (person), because of pause` or `rotateToken refused: s1.token_rejected`. */
export function entryInWords({ kind, outcome, code, details }: TimelineEntry): string {
  const { pauseReasons, cause, workflow } = details;
  if (kind === 'repair' && typeof workflow === 'string')
    return `repair ${outcome}: its workflow ${missingInWords(workflow)}`;
  const reasons = Array.isArray(pauseReasons) ? (pauseReasons as PauseReason[]) : [];
  const what = kind === 'state' ? stateInWords({ state: outcome as ConnectionState, pauseReasons: reasons }) : outcome;
  const why = code !== null ? `: ${code}` : typeof cause === 'string' ? `, because of ${cause}` : '';
  return `${kind} ${what}${why}`;
}
