import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../web/src/api/client.js';
import { countByStatus, stateInWords } from '../../../web/src/connections/sentences.js';
import { standingOf, tokenStandingOf } from '../../../web/src/connections/status.js';

type Connection = Schema['Connection'];

const NOW_MS = Date.parse('2026-11-24T14:32:00Z');
const connection = (of: Partial<Connection> = {}): Connection => ({
  id: 'c',
  name: 'Northwind EU',
  consoleUrl: 'https://example.sentinelone.net',
  sentinelOneAccount: null,
  state: 'active',
  pauseReasons: [],
  reason: null,
  refusal: null,
  defaultOrganizationId: 'o',
  pollIntervalSeconds: 60,
  mappingVersion: 1,
  collectFrom: null,
  watermark: null,
  collectedThrough: '2026-11-24T14:31:00.000000Z',
  lagSeconds: 1,
  lastPollAt: '2026-11-24T14:31:30.000000Z',
  nextTryAt: null,
  degradedSince: null,
  failureCode: null,
  token: { expiresAt: '2027-05-21T00:00:00.000000Z', lastFour: 'abcd' },
  counts: { stored: 0, discarded: 0, rejected: 0, sites: 2, mappedSites: 2 },
  createdAt: '2026-11-01T00:00:00.000000Z',
  ...of,
});

test.each<[string, Partial<Connection>]>([
  ['Healthy', {}],
  ['Paused', { state: 'paused', pauseReasons: ['person'] }],
  ['Action needed', { state: 'paused', pauseReasons: ['person', 'token'] }],
  ['Action needed', { state: 'paused', pauseReasons: ['permission'] }],
  ['Failing', { failureCode: 's1.unavailable', nextTryAt: '2026-11-24T14:33:00.000000Z' }],
  ['Failing', { degradedSince: '2026-11-24T14:00:00.000000Z', lagSeconds: 9_000 }],
  ['Delayed', { lagSeconds: 901 }],
  ['Healthy', { lagSeconds: 1_000, pollIntervalSeconds: 600 }],
  ['Pending', { state: 'awaiting_mapping' }],
  ['Pending', { state: 'validating' }],
  ['Pending', { lastPollAt: null }],
])('%s: %j', (status, of) => {
  expect(standingOf(connection(of)).status).toBe(status);
});

test('history that is read shows once nothing is worse', () => {
  expect(standingOf(connection(), true).status).toBe('Backfilling');
  expect(standingOf(connection({ lagSeconds: 5_000 }), true).status).toBe('Delayed');
});

test.each<[object, Partial<Connection>]>([
  [{ kind: 'valid', days: 177 }, {}],
  [{ kind: 'expires_soon', days: 6 }, { token: { expiresAt: '2026-11-30T20:00:00.000000Z', lastFour: 'x' } }],
  [{ kind: 'expired' }, { token: { expiresAt: '2026-11-24T14:32:00.000000Z', lastFour: 'x' } }],
  [{ kind: 'rejected' }, { pauseReasons: ['token'] }],
  [{ kind: 'unknown' }, { token: { expiresAt: null, lastFour: 'x' } }],
  [{ kind: 'none' }, { token: null }],
])('the token is %j', (standing, of) => {
  expect(tokenStandingOf(connection(of), NOW_MS)).toEqual(standing);
});

describe('all of them in words', () => {
  test.each<[string, readonly Partial<Connection>[]]>([
    ['Nothing is connected yet.', [{ state: 'disconnected' }]],
    ['The connection is collecting.', [{}]],
    ['All 2 connections are collecting.', [{}, { lagSeconds: 2_000 }]],
    ['Kestrel: SentinelOne rejects the API token.', [{}, { name: 'Kestrel', pauseReasons: ['token'] }]],
    ['1 connection of 2 cannot collect just now.', [{}, { failureCode: 's1.unavailable' }]],
    ['1 of 2 connections is collecting.', [{}, { pauseReasons: ['person'] }]],
  ])('%s', (title, of) => {
    expect(stateInWords(of.map(connection), NOW_MS).title).toBe(title);
  });

  test('say what else there is, and what is not wrong', () => {
    const all = [
      connection({ name: 'Kestrel', pauseReasons: ['token'] }),
      connection({ name: 'Fjord', failureCode: 's1.unavailable' }),
      connection({
        counts: { stored: 0, discarded: 0, rejected: 0, sites: 46, mappedSites: 6 },
        token: { expiresAt: '2026-11-30T20:00:00.000000Z', lastFour: 'x' },
      }),
    ];
    expect(stateInWords(all, NOW_MS).rest).toBe(
      'It goes on from where it stopped, so nothing is lost. Fjord is retrying by itself. 40 sites are not mapped. ' +
        '1 token expires in 6 days.',
    );
  });

  test('who is gone is not counted', () => {
    const counts = countByStatus([
      connection(),
      connection({ state: 'refused' }),
      connection({ state: 'disconnected' }),
    ]);
    expect([...counts].filter(([, count]) => count > 0)).toEqual([['Healthy', 1]]);
  });
});
