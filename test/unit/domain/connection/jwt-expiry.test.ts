import { expect, test } from 'vitest';
import { expiryOfJwt } from '../../../../src/domain/connection/jwt-expiry.js';
import { toMicros } from '../../../../src/domain/instant.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (payload: unknown) => `${encode({ alg: 'ES256' })}.${encode(payload)}.c2lnbmF0dXJl`;
const EXPIRY = '2026-06-30T12:00:00Z';
const SECONDS = Date.parse(EXPIRY) / 1000;

test.each<[string, string, string | null]>([
  ['an expiry', jwt({ exp: SECONDS }), EXPIRY],
  ['letters that base64url writes differently', jwt({ exp: SECONDS, sub: '>>>???ÿÿ' }), EXPIRY],
  ['no signature', `${encode({ alg: 'none' })}.${encode({ exp: SECONDS })}.`, EXPIRY],
  ['no expiry', jwt({}), null],
  ['an expiry that is text', jwt({ exp: String(SECONDS) }), null],
  ['an expiry with a fraction', jwt({ exp: SECONDS + 0.5 }), null],
  ['a payload that is null', jwt(null), null],
  ['a payload that is no JSON', `${encode({})}.bm9uc2Vuc2U.x`, null],
  ['two parts', jwt({ exp: SECONDS }).split('.').slice(0, 2).join('.'), null],
  ['a short form', 'a'.repeat(80), null],
  ['nothing', '', null],
])('a token with %s', (_, token, expected) => {
  expect(expiryOfJwt(token)).toBe(expected === null ? null : toMicros(expected));
});
