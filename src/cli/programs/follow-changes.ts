// What has changed between two looks at a connection, as entries to print. Pure.
import type { ConnectionView } from '../../api/connections/connection.dto.js';
import type { Changes } from '../../domain/changes.js';
import { countersInWords, lagInWords, stateInWords } from '../text/connection-words.js';
import { entryInWords, type TimelineEntry } from '../text/timeline-words.js';
import { count } from '../text/words.js';

/** Whether an announcement speaks of this connection: the channel is everybody's. */
export const concerns = (
  { accountId, everything, connections, counters }: Changes,
  of: { readonly accountId: string; readonly connectionId: string },
): boolean =>
  accountId === of.accountId &&
  (everything === true || [connections, counters].some((ids) => ids?.includes(of.connectionId) === true));

export interface Look {
  readonly connection: ConnectionView;
  /** What the look before had not seen, oldest first. */
  readonly timeline: readonly TimelineEntry[];
}

export interface FollowEntry {
  readonly type: 'connection' | 'counters' | 'health' | 'timeline';
  readonly value: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The first look tells everything as it is. */
export function changesBetween(before: ConnectionView | undefined, { connection: now, timeline }: Look): FollowEntry[] {
  return [
    ...(before === undefined ? [first(now)] : []),
    ...timeline.map((entry) => ({ type: 'timeline' as const, value: { entry }, text: entryInWords(entry) })),
    ...(before === undefined ? [] : changed(before, now)),
    ...(before !== undefined && health(before) !== health(now) ? [healthEntry(now)] : []),
    ...(before !== undefined && counters(before) !== counters(now) ? [gained(before, now)] : []),
  ];
}

const first = (now: ConnectionView): FollowEntry => ({
  type: 'connection',
  value: { connection: now },
  text: `${now.name} is ${stateInWords(now)}; ${countersInWords(now)}; lag ${lagInWords(now)}${failing(now)}`,
});

/** What changes only by somebody's doing, each in words; told when the words differ. */
const FACTS: readonly ((connection: ConnectionView) => string)[] = [
  (connection) => `${connection.name} is ${stateInWords(connection)}`,
  ({ counts, mappingVersion }) =>
    `${count(counts.mappedSites)} of ${count(counts.sites)} sites mapped, version ${mappingVersion}`,
  ({ token }) =>
    token === null
      ? 'no token'
      : `token ends in ${token.lastFour}, expires ${token.expiresAt?.slice(0, 10) ?? 'unknown'}`,
  ({ pollIntervalSeconds }) => `polled every ${pollIntervalSeconds} s`,
  ({ defaultOrganizationId }) => `default organization ${defaultOrganizationId}`,
];

function changed(before: ConnectionView, now: ConnectionView): FollowEntry[] {
  const news = FACTS.filter((inWords) => inWords(before) !== inWords(now)).map((inWords) => inWords(now));
  return news.length === 0 ? [] : [{ type: 'connection', value: { connection: now }, text: news.join('; ') }];
}

const health = ({ failureCode, degradedSince }: ConnectionView): string => JSON.stringify([failureCode, degradedSince]);

const healthEntry = (now: ConnectionView): FollowEntry => {
  const { failureCode, degradedSince, nextTryAt } = now;
  return {
    type: 'health',
    value: { failureCode, degradedSince, nextTryAt },
    text: failureCode === null ? 'SentinelOne answers again' : `trouble${failing(now)}`,
  };
};

const failing = ({ failureCode, nextTryAt }: ConnectionView): string =>
  failureCode === null ? '' : `: ${failureCode}${nextTryAt === null ? '' : `, next try ${nextTryAt.slice(11, 19)}`}`;

const counters = ({ counts: { stored, discarded, rejected } }: ConnectionView): string =>
  JSON.stringify([stored, discarded, rejected]);

function gained({ counts: before }: ConnectionView, now: ConnectionView): FollowEntry {
  const { stored, discarded, rejected } = now.counts;
  const gain = {
    stored: stored - before.stored,
    discarded: discarded - before.discarded,
    rejected: rejected - before.rejected,
  };
  return {
    type: 'counters',
    value: { stored, discarded, rejected, gained: gain, lagSeconds: now.lagSeconds },
    text: `${countersInWords(now)} (${signed(gain.stored)}, ${signed(gain.discarded)}, ${signed(gain.rejected)}); lag ${lagInWords(now)}`,
  };
}

/** Discards that were collected afterwards are no discards any more. */
const signed = (number: number): string => (number < 0 ? count(number) : `+${count(number)}`);
