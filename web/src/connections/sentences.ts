// The state of all connections in words: the worst first, with what is not wrong.
import type { Schema } from '../api/client.js';
import { plural } from '../words.js';
import { isOver, standingOf, type Status, STATUSES, tokenStandingOf } from './status.js';

type Connection = Schema['Connection'];

export interface StateInWords {
  /** Of the worst that there is. */
  readonly status: Status | null;
  readonly title: string;
  readonly rest: string;
}

export const countByStatus = (connections: readonly Connection[]): ReadonlyMap<Status, number> => {
  const counts = new Map<Status, number>(STATUSES.map((status) => [status, 0]));
  for (const each of connections.filter((one) => !isOver(one))) {
    const { status } = standingOf(each);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
};

export function stateInWords(all: readonly Connection[], nowMs: number): StateInWords {
  const connections = all.filter((each) => !isOver(each));
  if (connections.length === 0) {
    return { status: null, title: 'Nothing is connected yet.', rest: 'Connect SentinelOne to begin collecting.' };
  }
  const rest: string[] = [];
  const urgent = connections.filter((each) => standingOf(each).status === 'Action needed');
  const failing = connections.filter((each) => standingOf(each).status === 'Failing');
  if (urgent.length > 0) rest.push('It goes on from where it stopped, so nothing is lost.');
  const retrying = failing.map((each) => each.name);
  if (retrying.length > 0)
    rest.push(
      `${listed(retrying)} ${retrying.length === 1 ? 'is' : 'are'} retrying by ${retrying.length === 1 ? 'itself' : 'themselves'}.`,
    );
  const unmapped = connections.reduce((sum, { counts }) => sum + counts.sites - counts.mappedSites, 0);
  if (unmapped > 0) rest.push(`${plural(unmapped, 'site')} ${unmapped === 1 ? 'is' : 'are'} not mapped.`);
  const expiring = connections.flatMap((each) => {
    const standing = tokenStandingOf(each, nowMs);
    return standing.kind === 'expires_soon' ? [{ name: each.name, days: standing.days }] : [];
  });
  if (expiring.length > 0) rest.push(expiringWords(expiring));
  return { ...head(connections, urgent, failing), rest: rest.join(' ') };
}

function head(all: readonly Connection[], urgent: readonly Connection[], failing: readonly Connection[]) {
  const first = urgent[0];
  if (first !== undefined) {
    const more = urgent.length > 1 ? ` ${plural(urgent.length - 1, 'other')} too.` : '';
    return { status: 'Action needed' as const, title: `${first.name}: ${standingOf(first).reason}.${more}` };
  }
  if (failing.length > 0)
    return {
      status: 'Failing' as const,
      title: `${plural(failing.length, 'connection')} of ${all.length} cannot collect just now.`,
    };
  const collecting = all.filter((each) =>
    ['Healthy', 'Backfilling', 'Delayed'].includes(standingOf(each).status),
  ).length;
  if (collecting === all.length) {
    return {
      status: 'Healthy' as const,
      title: all.length === 1 ? 'The connection is collecting.' : `All ${all.length} connections are collecting.`,
    };
  }
  return {
    status: 'Pending' as const,
    title: `${collecting} of ${plural(all.length, 'connection')} ${collecting === 1 ? 'is' : 'are'} collecting.`,
  };
}

const expiringWords = (expiring: readonly { readonly days: number }[]): string => {
  const soonest = Math.min(...expiring.map(({ days }) => days));
  return expiring.length === 1
    ? `1 token expires in ${plural(soonest, 'day')}.`
    : `${expiring.length} tokens expire soon, the first in ${plural(soonest, 'day')}.`;
};

const MOST_NAMED = 3;
function listed(names: readonly string[]): string {
  if (names.length > MOST_NAMED) return `${names.length} connections`;
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
