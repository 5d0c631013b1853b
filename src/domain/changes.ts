// What consoles are told of live: which ids changed, never what they changed to. Everybody reads again under their own
// scope. Pure: how changes add up, and what of them a caller's scope lets through.

/** What changed in one account. */
export interface Changes {
  readonly accountId: string;
  /** State, settings, health, mapping, backfills of these connections. */
  readonly connections?: readonly string[];
  /** Connections that stored, discarded or rejected something. */
  readonly counters?: readonly string[];
  /** Organizations whose events or log sources changed with those counters. */
  readonly organizations?: readonly string[];
  readonly notices?: readonly string[];
  /** Too much changed to name it. */
  readonly everything?: boolean;
  /** Somebody may see less, or more, than before. Said by triggers when it is committed. */
  readonly access?: boolean;
}

export interface ChangeEvent {
  /** `resync`: something may have been missed; read everything again. */
  readonly type: 'connection' | 'counters' | 'notice' | 'resync';
  /** Of connections or notices; of organizations for a caller who sees only some of them. */
  readonly ids: readonly string[];
}

export const RESYNC: ChangeEvent = { type: 'resync', ids: [] };

export const mergeChanges = (one: Changes, other: Changes): Changes => ({
  accountId: one.accountId,
  connections: union(one.connections, other.connections),
  counters: union(one.counters, other.counters),
  organizations: union(one.organizations, other.organizations),
  notices: union(one.notices, other.notices),
  everything: one.everything === true || other.everything === true,
  access: one.access === true || other.access === true,
});

/** Connections and notices are the account's; somebody who sees some organizations is told of their counters alone. */
export function eventsFor(changes: Changes, organizationIds: readonly string[] | 'all'): ChangeEvent[] {
  if (changes.everything === true) return [RESYNC];
  if (organizationIds !== 'all') {
    return events([['counters', (changes.organizations ?? []).filter((id) => organizationIds.includes(id))]]);
  }
  return events([
    ['connection', changes.connections ?? []],
    ['counters', changes.counters ?? []],
    ['notice', changes.notices ?? []],
  ]);
}

const events = (of: readonly (readonly [ChangeEvent['type'], readonly string[]])[]): ChangeEvent[] =>
  of.filter(([, ids]) => ids.length > 0).map(([type, ids]) => ({ type, ids }));

const union = (one: readonly string[] = [], other: readonly string[] = []) => [...new Set([...one, ...other])];
