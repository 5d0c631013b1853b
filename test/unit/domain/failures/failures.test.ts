import { expect, test } from 'vitest';
import {
  type FailureCode,
  FAILURES,
  isFailureCode,
  NON_RETRYABLE,
  pauseFor,
} from '../../../../src/domain/failures/failures.js';

const CODES = Object.keys(FAILURES) as FailureCode[];

test('exactly the failures that only a person can mend are not tried again', () => {
  expect([...NON_RETRYABLE].sort()).toEqual(CODES.filter((code) => !FAILURES[code].retryable).sort());
  const tried = CODES.filter((code) => FAILURES[code].retryable);
  expect(tried.sort()).toEqual([
    'checkpoint.conflict',
    'encryption_key_missing',
    's1.bad_request',
    's1.bad_response',
    's1.rate_limited',
    's1.unavailable',
    'store.conflict',
    'store.unavailable',
  ]);
});

test('exactly a rejected token, a missing permission and another scope pause a connection, and never a failure that is tried again', () => {
  const pausing = CODES.flatMap((code) => {
    const pause = pauseFor(code);
    return pause === null ? [] : [[code, pause]];
  });
  expect(pausing).toEqual([
    ['s1.token_rejected', 'token'],
    ['s1.token_expired', 'token'],
    ['s1.permission_missing', 'permission'],
    ['s1.scope_changed', 'scope'],
  ]);
  expect(CODES.filter((code) => FAILURES[code].retryable && pauseFor(code) !== null)).toEqual([]);
});

test.each([
  ['s1.unavailable', true],
  ['internal', false],
  ['toString', false],
  ['', false],
])('%j is a code: %j', (code, expected) => {
  expect(isFailureCode(code)).toBe(expected);
});
