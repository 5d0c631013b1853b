// A connection in a terminal: its state in words, and what somebody should do next. Pure.
import type { ConnectionView } from '../../api/connections/connection.dto.js';
import type { PauseReason } from '../../domain/failures/failures.js';
import { count, counted, duration, expiry, shortId } from './words.js';

interface Stated {
  readonly state: ConnectionView['state'];
  readonly pauseReasons: readonly PauseReason[];
}

/** `paused (person, token)`. */
export const stateInWords = ({ state, pauseReasons }: Stated): string =>
  pauseReasons.length === 0 ? state.replace('_', ' ') : `${state} (${pauseReasons.join(', ')})`;

export const lagInWords = ({ lagSeconds }: Pick<ConnectionView, 'lagSeconds'>): string =>
  lagSeconds === null ? '-' : duration(lagSeconds);

export function tokenInWords({ token }: Pick<ConnectionView, 'token'>, now: string): string {
  if (token === null) return '-';
  return token.expiresAt === null ? 'unknown' : expiry(token.expiresAt, now);
}

export const countersInWords = ({ counts }: Pick<ConnectionView, 'counts'>): string =>
  `events ${count(counts.stored)}, discarded ${count(counts.discarded)}, rejected ${count(counts.rejected)}`;

type Needy = Stated & Pick<ConnectionView, 'id' | 'failureCode' | 'counts' | 'refusal'>;

/** One sentence for each thing that waits for a person; empty when all is well. */
export function nextSteps(connection: Needy): string[] {
  const { state, pauseReasons, refusal, counts } = connection;
  const id = shortId(connection.id);
  const unmapped = counts.sites - counts.mappedSites;
  return [
    ...(refusal === null ? [] : [[refusal.message, refusal.whatToDo].filter((each) => each !== null).join('. ')]),
    ...(pauseReasons.includes('token') ? [`the token is rejected: connection token ${id} --token-file FILE`] : []),
    ...(pauseReasons.includes('permission') ? [`permissions are missing: connection show ${id} names them`] : []),
    ...(pauseReasons.includes('scope')
      ? [`the token no longer sees the whole account: widen its scope, then connection recheck ${id}`]
      : []),
    ...(pauseReasons.includes('person') ? [`somebody paused it: connection resume ${id}`] : []),
    ...(state === 'awaiting_mapping' ? [`nothing is collected before a site is mapped: connection sites ${id}`] : []),
    ...(state === 'active' && unmapped > 0
      ? [`${counted(unmapped, 'unmapped site')} of ${count(counts.sites)}, discarded: connection sites ${id}`]
      : []),
  ];
}
