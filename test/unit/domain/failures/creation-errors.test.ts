import { expect, test } from 'vitest';
import {
  creationError,
  type CreationFailureCode,
  isCreationFailure,
  isTokenFailure,
  tokenError,
  type TokenFailureCode,
} from '../../../../src/domain/failures/creation-errors.js';

test.each<[CreationFailureCode, string]>([
  ['s1.syslog_in_use', 'Syslog already setup'],
  ['s1.permission_missing', 'Insufficient permissions'],
  ['s1.token_rejected', 'Invalid API token'],
  ['s1.token_expired', 'API token expired on 2026-07-01'],
  ['s1.not_account_scope', 'Token is not at Account level'],
  ['s1.unavailable', 'Console not reachable'],
  ['s1.bad_response', 'Console not reachable'],
  ['s1.bad_request', 'Console not reachable'],
  ['s1.rate_limited', 'Console not reachable'],
  ['s1.address_refused', 'Not a SentinelOne console address'],
  ['s1.already_connected', 'This SentinelOne account is already connected'],
])('%s reads "%s"', (code, reason) => {
  const error = creationError(code, '2026-07-01T00:00:00.000000Z');
  expect(error).toMatchObject({ code, reason, message: `Unable to create SentinelOne data source: ${reason}` });
  expect(error.whatToDo).toMatch(/\.$/);
  expect(error.helpAnchor).toMatch(/^[a-z-]+$/);
});

test('an expired token whose date is not known is called invalid', () => {
  expect(creationError('s1.token_expired').reason).toBe('Invalid API token');
});

test('failures of our own side are no creation errors', () => {
  expect(isCreationFailure('s1.syslog_in_use')).toBe(true);
  expect(isCreationFailure('store.unavailable')).toBe(false);
  expect(isCreationFailure('s1.other_account')).toBe(false);
});

test.each<[TokenFailureCode, string]>([
  ['s1.permission_missing', 'Insufficient permissions'],
  ['s1.token_expired', 'API token expired on 2026-07-01'],
  ['s1.other_account', 'the token belongs to another SentinelOne account; use one of the account that is connected'],
])('of a new token %s reads "%s", and that the old one stays', (code, reason) => {
  const error = tokenError(code, '2026-07-01T00:00:00.000000Z');
  expect(error).toMatchObject({ reason, message: `The new token was not accepted, the old one stays: ${reason}` });
  expect(error.whatToDo).toMatch(/\.$/);
});

test('another account refuses a new token and no creation; failures of our own side refuse neither', () => {
  expect(isTokenFailure('s1.other_account')).toBe(true);
  expect(isTokenFailure('s1.syslog_in_use')).toBe(true);
  expect(isTokenFailure('store.unavailable')).toBe(false);
  expect(isTokenFailure('no code')).toBe(false);
});
