import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import {
  noArguments,
  readChangedSettings,
  readDeadline,
  readRemapSites,
  readRotateToken,
  SIGNAL_GUARDS,
} from '../../../workflows/connection/guards.js';
import { unreadable } from '../../../workflows/connection/unreadable.js';

/** The sentence of an `invalid_arguments`; fails when the arguments were taken. */
function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'invalid_arguments' && error.nonRetryable === true) {
      return String(error.details?.[0]);
    }
    throw error;
  }
  throw new Error('the arguments were taken');
}

const change = { siteId: '1', organizationId: null };
const mapping = { version: 1, changes: [change] };

describe('arguments that are taken', () => {
  test.each([
    ['nothing', noArguments, undefined, {}],
    ['an object with what nobody asked for', noArguments, { why: 'x' }, {}],
    ['a credential', readRotateToken, { credentialId: 'c', more: 1 }, { credentialId: 'c' }],
    ['a mapping', readRemapSites, { ...mapping, more: 1 }, { ...mapping, collectDiscarded: false }],
    [
      'a mapping with discards',
      readRemapSites,
      { ...mapping, collectDiscarded: true },
      { ...mapping, collectDiscarded: true },
    ],
    [
      'no change at all',
      readRemapSites,
      { version: 0, changes: [] },
      { version: 0, changes: [], collectDiscarded: false },
    ],
    ['no setting', readChangedSettings, {}, {}],
    ['an interval', readChangedSettings, { pollIntervalMs: 50 }, { pollIntervalMs: 50 }],
    ['an organization', readChangedSettings, { defaultOrganizationId: 'o' }, { defaultOrganizationId: 'o' }],
    [
      'a stop',
      SIGNAL_GUARDS.backfillStopped,
      { code: 's1.token_rejected' },
      { code: 's1.token_rejected', credentialId: null },
    ],
  ] as const)('%s', (_, read, args, taken) => {
    expect(read(args)).toEqual(taken);
  });
});

describe('arguments that are refused name the field', () => {
  test.each([
    [readRotateToken, undefined, 'credentialId'],
    [readRotateToken, 'text', 'one JSON object'],
    [readRotateToken, [], 'one JSON object'],
    [readRotateToken, { credentialId: 7 }, 'credentialId'],
    [readRotateToken, { credentialId: '' }, 'credentialId'],
    [readRotateToken, { credentialId: 'x'.repeat(256) }, 'credentialId'],
    [readRotateToken, { credentialId: 'a b' }, 'credentialId'],
    [readRotateToken, { credentialId: '漢字' }, 'credentialId'],
    [readRemapSites, { changes: 'boom' }, 'version'],
    [readRemapSites, { version: 1, changes: 'boom' }, 'changes'],
    [readRemapSites, { version: 1.5, changes: [] }, 'version'],
    [readRemapSites, { version: 1, changes: [null] }, 'siteId'],
    [readRemapSites, { version: 1, changes: ['boom'] }, 'one JSON object'],
    [readRemapSites, { version: 1, changes: [{ siteId: '1' }] }, 'organizationId'],
    [readRemapSites, { version: 1, changes: Array.from({ length: 10_001 }, () => change) }, 'changes'],
    [readRemapSites, { ...mapping, collectDiscarded: 'yes' }, 'collectDiscarded'],
    [readChangedSettings, { pollIntervalMs: -1 }, 'pollIntervalMs'],
    [readChangedSettings, { pollIntervalMs: '30' }, 'pollIntervalMs'],
    [readChangedSettings, { pollIntervalMs: null }, 'pollIntervalMs'],
    [readChangedSettings, { defaultOrganizationId: null }, 'defaultOrganizationId'],
    [SIGNAL_GUARDS.backfillStopped, { code: 'nonsense' }, 'code'],
    [SIGNAL_GUARDS.backfillStopped, { code: 's1.unavailable', credentialId: 5 }, 'credentialId'],
    [SIGNAL_GUARDS.compareWithStore, 5, 'one JSON object'],
    [noArguments, unreadable('the encoding is weird'), 'the encoding is weird'],
  ] as const)('%#', (read, args, field) => {
    expect(problemOf(() => read(args))).toContain(field);
  });
});

describe('a deadline', () => {
  test.each([
    [undefined, undefined],
    [{}, undefined],
    [{ notAfter: null }, undefined],
    [{ notAfter: '2026-01-15T09:00:00Z' }, '2026-01-15T09:00:00Z'],
  ])('of %j is %j', (args, deadline) => {
    expect(readDeadline(args)).toBe(deadline);
  });

  test.each([[{ notAfter: 'never' }], [{ notAfter: 5 }], [{ notAfter: {} }], ['text']])('of %j is refused', (args) => {
    expect(problemOf(() => readDeadline(args))).toMatch(/notAfter|JSON object/);
  });
});
