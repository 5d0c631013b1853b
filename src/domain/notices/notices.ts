// Which notices should be open for a connection, from what is known of it. Pure: the store compares the answer with
// what is open and opens, changes or resolves the difference, so a notice goes by itself when its cause has gone.
import { LIVE } from '../connection/connection-state.js';
import { missingPermissions } from '../connection/permissions.js';
import type { ConnectionFacts } from './connection-facts.js';

export type NoticeKind =
  | 'token_expiring'
  | 'token_expired'
  | 'token_rejected'
  | 'encryption_key_missing'
  | 'permission_missing'
  | 'syslog_taken'
  | 'scope_changed'
  | 'site_unmapped'
  | 'site_missing'
  | 'sites_empty'
  | 'clock_jumped'
  | 'degraded'
  | 'rejects_seen'
  | 'workflow_restarted'
  | 'completeness_short'
  | 'license_count_mismatch'
  | 'chore_failing'
  | 'rows_unreadable'
  | 'backfill_failing'
  | 'collection_behind';

/**
 * Written by the database's `review_collection_behind`, which the api calls: whether a connection collects is not to be
 * decided by the worker that may have stopped. The worker leaves them alone.
 */
export const DECIDED_OUTSIDE_THE_WORKER: readonly NoticeKind[] = ['collection_behind'];

/** What is known of why a connection is behind; the first that holds. */
export type BehindCause = 'worker_away' | 'workflow_gone' | 'console_silent' | 'poll_failing' | 'unknown';

export type NoticeSeverity = 'low' | 'high' | 'critical';

export interface NoticeSubject {
  readonly type: 'connection' | 'site';
  readonly id: string;
}

export interface Notice {
  readonly kind: NoticeKind;
  readonly subject: NoticeSubject;
  readonly severity: NoticeSeverity;
  /** Only what changes when a person should look again: a growing count would change the notice with every page. */
  readonly details: Readonly<Record<string, string | number | null | readonly string[]>>;
}

const DAY_MS = 24 * 3600_000;
/** An outage shorter than this is over before a person has read of it. */
const DEGRADED_FOR_MS = 15 * 60_000;
/** SentinelOne answering nonsense is not an outage that passes. */
const BAD_RESPONSES = 5;
/** How long a reject counts as news: nothing is lost, it is kept raw, but somebody should have seen it. */
export const REJECTS_ARE_NEWS_DAYS = 7;
/** Somebody should ask who ended it, or what became of Temporal; nothing was lost, and it goes on by itself. */
const RESTART_IS_NEWS_MS = DAY_MS;

/** What should be open now; nothing for a connection that is not, or no longer, one. */
export function noticesFor(facts: ConnectionFacts, nowMs: number): Notice[] {
  if (!LIVE.includes(facts.state)) return [];
  const subject: NoticeSubject = { type: 'connection', id: facts.connectionId };
  const about = [
    tokenNotice,
    keyNotice,
    permissionNotice,
    scopeNotice,
    emptyNotice,
    clockNotice,
    syslogNotice,
    degradedNotice,
    rejectsNotice,
    restartNotice,
    shortNotice,
    mismatchNotice,
    choreNotice,
    unreadableNotice,
    backfillNotice,
  ];
  const ofConnection = about.flatMap((notice) => notice(facts, nowMs)).map((notice) => ({ ...notice, subject }));
  return [...ofConnection, ...siteNotices(facts), ...missingNotices(facts)];
}

type WithoutSubject = Omit<Notice, 'subject'>;

/** A warning at each of these many days before the end; the severity grows with it. */
const WARNINGS: readonly (readonly [days: number, severity: NoticeSeverity])[] = [
  [1, 'critical'],
  [3, 'high'],
  [7, 'high'],
  [14, 'low'],
  [30, 'low'],
];

function tokenNotice(facts: ConnectionFacts, nowMs: number): WithoutSubject[] {
  const { pauseReasons, tokenExpiresAt, consoleAheadMs } = facts;
  const details = { expiresAt: tokenExpiresAt };
  const leftMs = tokenExpiresAt === null ? Infinity : Date.parse(tokenExpiresAt) - nowMs - consoleAheadMs;
  if (pauseReasons.includes('token')) {
    return [{ kind: leftMs <= 0 ? 'token_expired' : 'token_rejected', severity: 'critical', details }];
  }
  // Past its expiry by our clock it is still only expiring: SentinelOne's own refusal is what counts.
  const warning = WARNINGS.find(([days]) => leftMs <= days * DAY_MS);
  if (warning === undefined) return [];
  const [withinDays, severity] = warning;
  return [{ kind: 'token_expiring', severity, details: { ...details, withinDays: leftMs <= 0 ? 0 : withinDays } }];
}

/** Nothing is collected until the key is back, and it does not come back by itself. */
const keyNotice = ({ failureCode }: ConnectionFacts): WithoutSubject[] =>
  failureCode === 'encryption_key_missing'
    ? [{ kind: 'encryption_key_missing', severity: 'critical', details: {} }]
    : [];

function permissionNotice({ permissions, pauseReasons }: ConnectionFacts): WithoutSubject[] {
  const missing = missingPermissions(permissions ?? []);
  const isPaused = pauseReasons.includes('permission');
  if (missing.length === 0 && !isPaused) return [];
  const severity = isPaused ? 'critical' : 'high';
  return [{ kind: 'permission_missing', severity, details: { permissions: [...missing] } }];
}

const scopeNotice = ({ scopeLostAt, scopeConfirmedAt, pauseReasons }: ConnectionFacts): WithoutSubject[] =>
  scopeLostAt !== null || pauseReasons.includes('scope')
    ? [{ kind: 'scope_changed', severity: 'critical', details: { since: scopeLostAt, lastWholeAt: scopeConfirmedAt } }]
    : [];

const emptyNotice = ({ sitesEmptiedAt: since }: ConnectionFacts): WithoutSubject[] =>
  since === null ? [] : [{ kind: 'sites_empty', severity: 'high', details: { since } }];

/** A jump is news for a day; before it is believed, as long as the replies say so. */
function clockNotice({ clockJumpedAt, clockJumpMs, clockDoubtMs }: ConnectionFacts, nowMs: number): WithoutSubject[] {
  const isNews = clockJumpedAt !== null && nowMs - Date.parse(clockJumpedAt) <= DAY_MS;
  if (!isNews && clockDoubtMs === null) return [];
  const minutes = Math.round(((isNews ? clockJumpMs : clockDoubtMs) ?? 0) / 60_000);
  const details = { at: isNews ? clockJumpedAt : null, minutes };
  return [{ kind: 'clock_jumped', severity: isNews ? 'high' : 'low', details }];
}

const syslogNotice = ({ syslogTaken }: ConnectionFacts): WithoutSubject[] =>
  syslogTaken === true ? [{ kind: 'syslog_taken', severity: 'high', details: {} }] : [];

function degradedNotice(facts: ConnectionFacts, nowMs: number): WithoutSubject[] {
  const { degradedSince, failureCode, consecutiveFailures } = facts;
  if (degradedSince === null) return [];
  const isLong = nowMs - Date.parse(degradedSince) > DEGRADED_FOR_MS;
  const isNonsense = failureCode === 's1.bad_response' && consecutiveFailures >= BAD_RESPONSES;
  if (!isLong && !isNonsense && failureCode !== 's1.bad_request') return [];
  return [{ kind: 'degraded', severity: 'high', details: { since: degradedSince, code: failureCode } }];
}

const rejectsNotice = ({ lastRejectAt }: ConnectionFacts, nowMs: number): WithoutSubject[] =>
  lastRejectAt !== null && nowMs - Date.parse(lastRejectAt) <= REJECTS_ARE_NEWS_DAYS * DAY_MS
    ? [{ kind: 'rejects_seen', severity: 'low', details: {} }]
    : [];

const restartNotice = ({ workflowRestartedAt: at }: ConnectionFacts, nowMs: number): WithoutSubject[] =>
  at !== null && nowMs - Date.parse(at) <= RESTART_IS_NEWS_MS
    ? [{ kind: 'workflow_restarted', severity: 'low', details: { at } }]
    : [];

/** One lost packet is no news. */
const FAILURES_ARE_NEWS = 3;
/** A chore that reads lists comes at least once a day. */
const UNREADABLE_IS_NEWS_MS = 2 * DAY_MS;

function choreNotice({ chores }: ConnectionFacts): WithoutSubject[] {
  const failing = chores.filter(({ failures }) => failures >= FAILURES_ARE_NEWS);
  if (failing.length === 0) return [];
  const names = failing.map(({ chore, failureCode }) => `${chore}: ${failureCode ?? 'internal'}`);
  return [{ kind: 'chore_failing', severity: 'high', details: { chores: names } }];
}

function unreadableNotice({ chores }: ConnectionFacts, nowMs: number): WithoutSubject[] {
  const recent = chores.filter(
    ({ unreadableAt: at }) => at !== null && nowMs - Date.parse(at) <= UNREADABLE_IS_NEWS_MS,
  );
  const worst = new Map<string, number>();
  for (const { endpoint, left, partly } of recent.flatMap(({ unreadable }) => unreadable)) {
    worst.set(endpoint, Math.max(worst.get(endpoint) ?? 0, left + partly));
  }
  if (worst.size === 0) return [];
  const lists = [...worst].sort(([a], [b]) => (a < b ? -1 : 1)).map(([endpoint, rows]) => `${endpoint}: ${rows}`);
  return [{ kind: 'rows_unreadable', severity: 'low', details: { lists } }];
}

const backfillNotice = ({ failingBackfills }: ConnectionFacts): WithoutSubject[] =>
  failingBackfills.length === 0
    ? []
    : [
        {
          kind: 'backfill_failing',
          severity: 'high',
          details: { backfills: failingBackfills.map(({ id, failureCode }) => `${id}: ${failureCode ?? 'internal'}`) },
        },
      ];

const MISMATCH_PERCENT = 5;

/** Counts of licenses and of installed agents so far apart, in either direction, that somebody should look. */
export const licenseMismatch = (agents: number, licenses: number): boolean =>
  Math.abs(agents - licenses) * 100 > licenses * MISMATCH_PERCENT;

const mismatchNotice = ({ agentCount }: ConnectionFacts): WithoutSubject[] =>
  agentCount !== null && licenseMismatch(agentCount.agents, agentCount.licenses)
    ? [{ kind: 'license_count_mismatch', severity: 'low', details: { ...agentCount } }]
    : [];

const shortNotice = ({ shortfall }: ConnectionFacts): WithoutSubject[] =>
  shortfall === null ? [] : [{ kind: 'completeness_short', severity: 'high', details: { ...shortfall } }];

const missingNotices = ({ missingSites }: ConnectionFacts): Notice[] =>
  missingSites.map(({ siteId, siteName, since }) => ({
    kind: 'site_missing',
    subject: { type: 'site', id: siteId },
    severity: 'high',
    details: { siteName, since },
  }));

/** A site matters when it has licenses or activities; what is being thrown away matters more. */
function siteNotices({ mappingVersion, unmappedSites }: ConnectionFacts): Notice[] {
  if (mappingVersion === 0) return [];
  return unmappedSites
    .filter((site) => (site.licenseCount ?? 0) > 0 || site.discardedSince !== null)
    .map(({ siteId, siteName, licenseCount, discardedSince }) => ({
      kind: 'site_unmapped',
      subject: { type: 'site', id: siteId },
      severity: discardedSince === null ? 'low' : 'high',
      details: { siteName, licenseCount, discardedSince },
    }));
}
