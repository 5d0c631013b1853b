// Which notices a connection should have open, case by case.
import { expect, test } from 'vitest';
import { checkPermissions } from '../../../../src/domain/connection/permissions.js';
import type { ConnectionFacts } from '../../../../src/domain/notices/connection-facts.js';
import { licenseMismatch, type Notice, noticesFor } from '../../../../src/domain/notices/notices.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY_MS = 24 * 3600_000;
const from = (ms: number) => new Date(NOW + ms).toISOString();
const minutesAgo = (n: number) => from(-n * 60_000);

const QUIET: ConnectionFacts = {
  connectionId: 'c',
  state: 'active',
  pauseReasons: [],
  mappingVersion: 1,
  tokenExpiresAt: from(90 * DAY_MS),
  consoleAheadMs: 0,
  permissions: checkPermissions({ effects: { 'Sites (View)': 200 }, rolePages: null }),
  syslogTaken: false,
  unmappedSites: [],
  missingSites: [],
  sitesEmptiedAt: null,
  scopeLostAt: null,
  scopeConfirmedAt: null,
  clockJumpedAt: null,
  clockJumpMs: null,
  clockDoubtMs: null,
  degradedSince: null,
  consecutiveFailures: 0,
  failureCode: null,
  lastRejectAt: null,
  workflowRestartedAt: null,
  shortfall: null,
  agentCount: null,
  chores: [],
  failingBackfills: [],
};
const CHORE = { chore: 'syncSites', failures: 0, failureCode: null, unreadable: [], unreadableAt: null };
const UNREADABLE = { unreadable: [{ endpoint: 'sites', left: 1, partly: 0 }], unreadableAt: minutesAgo(1) };
const SITE = { siteId: 's', siteName: 'Alder', licenseCount: 3, discardedSince: null };

const brief = ({ kind, severity }: Notice) => `${kind} ${severity}`;
const open = (facts: Partial<ConnectionFacts>) => noticesFor({ ...QUIET, ...facts }, NOW).map(brief);

test.each<[string, Partial<ConnectionFacts>, string[]]>([
  ['agents and licenses that are close', { agentCount: { agents: 105, licenses: 100 } }, []],
  ['agents and licenses that are not', { agentCount: { agents: 106, licenses: 100 } }, ['license_count_mismatch low']],
  ['nothing when all is well', {}, []],
  ['a token whose key is missing', { failureCode: 'encryption_key_missing' }, ['encryption_key_missing critical']],
  ['a chore that failed twice', { chores: [{ ...CHORE, failures: 2 }] }, []],
  ['a chore that keeps failing', { chores: [{ ...CHORE, failures: 3 }] }, ['chore_failing high']],
  ['rows that could not be read', { chores: [{ ...CHORE, ...UNREADABLE }] }, ['rows_unreadable low']],
  ['rows that could be read since', { chores: [{ ...CHORE, ...UNREADABLE, unreadableAt: from(-3 * DAY_MS) }] }, []],
  ['a backfill that keeps failing', { failingBackfills: [{ id: 'b', failureCode: null }] }, ['backfill_failing high']],
  ['a workflow that was started again', { workflowRestartedAt: from(-DAY_MS) }, ['workflow_restarted low']],
  ['nothing of it a day later', { workflowRestartedAt: from(-DAY_MS - 1) }, []],
  ['nothing of it once disconnected', { workflowRestartedAt: from(0), state: 'disconnected' }, []],
  ['nothing of an expiry that nobody told', { tokenExpiresAt: null }, []],
  ['nothing 31 days before the expiry', { tokenExpiresAt: from(31 * DAY_MS) }, []],
  ['30 days before', { tokenExpiresAt: from(30 * DAY_MS) }, ['token_expiring low']],
  ['14 days before', { tokenExpiresAt: from(14 * DAY_MS) }, ['token_expiring low']],
  ['7 days before', { tokenExpiresAt: from(7 * DAY_MS) }, ['token_expiring high']],
  ['3 days before', { tokenExpiresAt: from(3 * DAY_MS) }, ['token_expiring high']],
  ['1 day before', { tokenExpiresAt: from(DAY_MS) }, ['token_expiring critical']],
  ['past the expiry while SentinelOne still takes it', { tokenExpiresAt: minutesAgo(1) }, ['token_expiring critical']],
  ['expired', { state: 'paused', pauseReasons: ['token'], tokenExpiresAt: minutesAgo(1) }, ['token_expired critical']],
  [
    'expired by the clock of its console',
    { pauseReasons: ['token'], tokenExpiresAt: from(DAY_MS), consoleAheadMs: 2 * DAY_MS },
    ['token_expired critical'],
  ],
  ['rejected before its time', { state: 'paused', pauseReasons: ['token'] }, ['token_rejected critical']],
  [
    'rejected, expiry unknown',
    { pauseReasons: ['person', 'token'], tokenExpiresAt: null },
    ['token_rejected critical'],
  ],
  ['paused by a person', { state: 'paused', pauseReasons: ['person'] }, []],
  [
    'a missing permission',
    { permissions: checkPermissions({ effects: { 'Sites (View)': 403 }, rolePages: null }) },
    ['permission_missing high'],
  ],
  [
    'an optional permission is not missed',
    { permissions: checkPermissions({ effects: { 'Users (View)': 403 }, rolePages: null }) },
    [],
  ],
  ['paused for a permission', { state: 'paused', pauseReasons: ['permission'] }, ['permission_missing critical']],
  ['syslog taken over', { syslogTaken: true }, ['syslog_taken high']],
  ['syslog that may not be seen', { syslogTaken: null }, []],
  ['degraded a moment', { degradedSince: minutesAgo(15), failureCode: 's1.unavailable' }, []],
  ['degraded for long', { degradedSince: minutesAgo(16), failureCode: 's1.unavailable' }, ['degraded high']],
  ['nonsense four times', { degradedSince: minutesAgo(1), failureCode: 's1.bad_response', consecutiveFailures: 4 }, []],
  [
    'nonsense five times',
    { degradedSince: minutesAgo(1), failureCode: 's1.bad_response', consecutiveFailures: 5 },
    ['degraded high'],
  ],
  [
    'a request that SentinelOne calls bad',
    { degradedSince: minutesAgo(0), failureCode: 's1.bad_request' },
    ['degraded high'],
  ],
  ['a reject of last week', { lastRejectAt: from(-7 * DAY_MS) }, ['rejects_seen low']],
  ['a shortfall that stays', { shortfall: { since: minutesAgo(2_000), missing: 3 } }, ['completeness_short high']],
  ['a reject of long ago', { lastRejectAt: from(-7 * DAY_MS - 1) }, []],
  ['an unmapped site with licenses', { unmappedSites: [SITE] }, ['site_unmapped low']],
  [
    'one with discards',
    { unmappedSites: [{ ...SITE, licenseCount: 0, discardedSince: minutesAgo(9) }] },
    ['site_unmapped high'],
  ],
  ['an empty unmapped site', { unmappedSites: [{ ...SITE, licenseCount: 0 }] }, []],
  ['a site whose licenses nobody told', { unmappedSites: [{ ...SITE, licenseCount: null }] }, []],
  ['sites before the first mapping', { state: 'awaiting_mapping', mappingVersion: 0, unmappedSites: [SITE] }, []],
  [
    'a token that expires while nothing is mapped',
    { state: 'awaiting_mapping', tokenExpiresAt: from(1) },
    ['token_expiring critical'],
  ],
  [
    'everything of a connection that was disconnected',
    { state: 'disconnected', syslogTaken: true, unmappedSites: [SITE] },
    [],
  ],
  ['everything of one that was refused', { state: 'refused', tokenExpiresAt: from(1) }, []],
])('%s', (_, facts, expected) => {
  expect(open(facts)).toEqual(expected);
});

test('the details name what to mend, and change only when there is news', () => {
  const permissions = checkPermissions({ effects: { 'Sites (View)': 403, 'Activity (View)': 403 }, rolePages: null });
  const facts = {
    ...QUIET,
    permissions,
    tokenExpiresAt: from(5 * DAY_MS),
    unmappedSites: [SITE, { ...SITE, siteId: 't' }],
  };
  expect(noticesFor(facts, NOW)).toMatchObject([
    {
      kind: 'token_expiring',
      subject: { type: 'connection', id: 'c' },
      details: { withinDays: 7, expiresAt: facts.tokenExpiresAt },
    },
    { kind: 'permission_missing', details: { permissions: ['Activity (View)', 'Sites (View)'] } },
    { kind: 'site_unmapped', subject: { type: 'site', id: 's' }, details: { siteName: 'Alder', licenseCount: 3 } },
    { kind: 'site_unmapped', subject: { type: 'site', id: 't' } },
  ]);
  expect(noticesFor(facts, NOW + DAY_MS)).toEqual(noticesFor(facts, NOW));
});

test.each([
  [100, 100, false],
  [105, 100, false],
  [106, 100, true],
  [95, 100, false],
  [94, 100, true],
  [0, 0, false],
  [1, 0, true],
])('%i agents beside %i licenses: a difference worth a look is %s', (agents, licenses, expected) => {
  expect(licenseMismatch(agents, licenses)).toBe(expected);
});
