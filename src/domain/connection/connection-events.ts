// What can happen to a connection, and `apply`, which turns it into the next state. Every rule about pauses is here:
// only the current credential's rejection counts, and each pause is removed by what put it right and by nothing else.
import { type FailureCode, isFailureCode, pauseFor, type PauseReason } from '../failures/failures.js';
import { type Chore, CHORES, type Connection, isCurrent, isLive, type Step, TRANSITIONS } from './connection.js';

interface Credential {
  readonly credentialId: string;
  readonly tokenExpiresAt: string | null;
}

interface Sites {
  readonly total: number;
  readonly mapped: number;
  readonly backfillQueued: boolean;
}

export type ConnectionEvent =
  | ({ readonly kind: 'accepted' } & Credential)
  | { readonly kind: 'refused'; readonly code: FailureCode }
  | { readonly kind: 'credentialSwapped'; readonly outcome: Credential }
  | { readonly kind: 'mapped'; readonly outcome: Sites & { readonly version: number } }
  | { readonly kind: 'sitesSynced'; readonly outcome: Sites }
  | { readonly kind: 'licensesCounted'; readonly outcome: { readonly sites: number } }
  | {
      readonly kind: 'polled';
      readonly outcome: {
        readonly stored: number;
        readonly discarded: number;
        readonly rejected: number;
        readonly backfillQueued: boolean;
      };
    }
  | { readonly kind: 'tokenChecked'; readonly outcome: TokenCheck }
  | {
      readonly kind: 'permissionsChecked';
      readonly outcome: { readonly credentialId: string; readonly granted: boolean };
    }
  | {
      readonly kind: 'completenessChecked';
      readonly outcome: { readonly checked: number; readonly repaired: number; readonly short: number };
    }
  | { readonly kind: 'failed'; readonly of: string; readonly code: string; readonly credentialId: string | null }
  | { readonly kind: 'backfillRequested' }
  | { readonly kind: 'pausedByPerson' }
  | { readonly kind: 'resumedByPerson' }
  | { readonly kind: 'disconnectRequested'; readonly cause: string }
  | { readonly kind: 'tornDown' };

interface TokenCheck {
  readonly credentialId: string;
  readonly status: 'alive' | 'rejected' | 'expired';
  readonly expiresAt: string | null;
  /** What the token sees of the account; left out by workers of an earlier build, which do not look. */
  readonly scope?: 'whole' | 'other' | 'unknown';
}

/**
 * What happened, applied: the next state. `at` is milliseconds since 1970. An event that means nothing here changes
 * nothing.
 */
export function apply(before: Connection, event: ConnectionEvent, at: number): Connection {
  const after = reduce(before, event, at);
  const changed = after.phase !== before.phase || after.pauses.join() !== before.pauses.join();
  return changed ? { ...after, stateSeq: before.stateSeq + 1, cause: causeOf(event) } : after;
}

function reduce(before: Connection, event: ConnectionEvent, at: number): Connection {
  switch (event.kind) {
    case 'accepted':
      return { ...ran(step(before, 'accepted'), 'tokenCheck', at), ...credentialOf(event) };
    case 'refused':
      return noted(step(before, 'refused'), 'validation', event.code, at);
    case 'credentialSwapped': {
      const swapped = {
        ...ran(without(without(before, 'token'), 'scope'), 'tokenCheck', at),
        ...credentialOf(event.outcome),
      };
      return noted(dueAtOnce(swapped), 'new token', 'accepted', at);
    }
    case 'mapped': {
      const { version, mapped, total } = event.outcome;
      const after = { ...withSites(before, event.outcome), mappingVersion: version };
      return noted(mapped > 0 ? step(after, 'mapped') : after, 'mapping', `${mapped} of ${total} sites mapped`, at);
    }
    case 'sitesSynced':
      return noted(ran(withSites(before, event.outcome), 'sites', at), 'sites', `${event.outcome.total} sites`, at);
    case 'licensesCounted':
      return noted(ran(before, 'licenseCounts', at), 'license counts', `${event.outcome.sites} sites counted`, at);
    case 'polled': {
      const { stored, discarded, rejected, backfillQueued } = event.outcome;
      const note = `${stored} stored, ${discarded} discarded, ${rejected} rejected`;
      return noted({ ...before, backfillQueued }, 'poll', note, at);
    }
    case 'tokenChecked':
      return tokenChecked(before, event.outcome, at);
    case 'permissionsChecked':
      return permissionsChecked(before, event.outcome, at);
    case 'completenessChecked': {
      const { checked, repaired, short } = event.outcome;
      const after = ran(before, 'completeness', at);
      const note = `${checked} compared, ${repaired} rows repaired, ${short} short`;
      return checked > 0 ? noted(after, 'completeness', note, at) : after;
    }
    case 'failed':
      return failed(before, event, at);
    case 'backfillRequested':
      return { ...before, backfillQueued: true };
    case 'pausedByPerson':
      return withPause(before, 'person');
    case 'resumedByPerson':
      return without(before, 'person');
    case 'disconnectRequested':
      return isLive(before) ? { ...step(before, 'disconnect'), pauses: [] } : before;
    case 'tornDown':
      return step(before, 'tornDown');
  }
}

function tokenChecked(before: Connection, outcome: TokenCheck, at: number): Connection {
  if (!isCurrent(before, outcome.credentialId)) return before;
  const checked = noted(ran(before, 'tokenCheck', at), 'token check', outcome.status, at);
  const after = { ...checked, tokenExpiresAt: outcome.expiresAt };
  if (outcome.status !== 'alive') return withPause(after, 'token');
  const living = scoped(without(after, 'token'), outcome);
  return living.pauses.length < before.pauses.length ? dueAtOnce(living) : living;
}

/** A scope that could not be read says nothing about it. */
function scoped(before: Connection, { scope }: TokenCheck): Connection {
  if (scope === 'whole') return without(before, 'scope');
  return scope === 'other' ? withPause(before, 'scope') : before;
}

function permissionsChecked(
  before: Connection,
  outcome: { readonly credentialId: string; readonly granted: boolean },
  at: number,
): Connection {
  if (!isCurrent(before, outcome.credentialId)) return before;
  const note = outcome.granted ? 'granted' : 'missing';
  const checked = noted(ran(before, 'permissionRecheck', at), 'permission check', note, at);
  return outcome.granted ? without(checked, 'permission') : withPause(checked, 'permission');
}

function failed(before: Connection, event: ConnectionEvent & { kind: 'failed' }, at: number): Connection {
  const pause = isFailureCode(event.code) ? pauseFor(event.code) : null;
  if (pause !== null && !isCurrent(before, event.credentialId)) return before;
  const after = noted(isChore(event.of) ? ran(before, event.of, at) : before, event.of, event.code, at);
  if (pause === null || before.pauses.includes(pause)) return after;
  // The rejection was a check of its own: the first probe or re-check comes a full interval later.
  return withPause(ran(after, pause === 'permission' ? 'permissionRecheck' : 'tokenCheck', at), pause);
}

const isChore = (name: string): name is Chore => (CHORES as readonly string[]).includes(name);

const step = (before: Connection, by: Step): Connection => ({
  ...before,
  phase: TRANSITIONS[before.phase][by] ?? before.phase,
});

const withPause = (before: Connection, reason: PauseReason): Connection =>
  isLive(before) && !before.pauses.includes(reason) ? { ...before, pauses: [...before.pauses, reason].sort() } : before;

const without = (before: Connection, reason: PauseReason): Connection => ({
  ...before,
  pauses: before.pauses.filter((each) => each !== reason),
});

const ran = (before: Connection, chore: Chore, at: number): Connection => ({
  ...before,
  lastRun: { ...before.lastRun, [chore]: at },
});

/** What a working token makes possible again, or may see differently, is looked at without waiting for its turn. */
const dueAtOnce = (before: Connection): Connection => ({
  ...before,
  lastRun: { ...before.lastRun, sites: null, licenseCounts: null, permissionRecheck: null },
});

const noted = (before: Connection, of: string, note: string, at: number): Connection => ({
  ...before,
  lastOutcome: { of, note, at },
});

const credentialOf = ({ credentialId, tokenExpiresAt }: Credential): Credential => ({ credentialId, tokenExpiresAt });

const withSites = (before: Connection, { total, mapped, backfillQueued }: Sites): Connection => ({
  ...before,
  sites: { total, mapped },
  backfillQueued,
});

const causeOfCheck = ({ status, scope }: TokenCheck): string =>
  status !== 'alive' ? `s1.token_${status}` : scope === 'other' ? 's1.scope_changed' : 'token_alive';

function causeOf(event: ConnectionEvent): string {
  switch (event.kind) {
    case 'refused':
    case 'failed':
      return event.code;
    case 'disconnectRequested':
      return event.cause;
    case 'tokenChecked':
      return causeOfCheck(event.outcome);
    case 'permissionsChecked':
      return event.outcome.granted ? 'permissions_granted' : 's1.permission_missing';
    case 'mapped':
      return 'remapSites';
    case 'credentialSwapped':
      return 'rotateToken';
    case 'pausedByPerson':
      return 'pause';
    case 'resumedByPerson':
      return 'resume';
    default:
      return event.kind;
  }
}
