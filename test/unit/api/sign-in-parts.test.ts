import { describe, expect, test } from 'vitest';
import { parseBasicCredentials } from '../../../src/api/auth/basic-credentials.js';
import { clientAddress } from '../../../src/api/auth/client-address.js';
import { requireSameOrigin, trustedOrigins } from '../../../src/api/auth/same-origin.js';
import { hashSecret, isSecretOf, makeSecret } from '../../../src/api/auth/secrets.js';
import { reachProblem } from '../../../src/domain/roles.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  [basic('key:secret'), { key: 'key', secret: 'secret' }],
  [basic('key:with:colons'), { key: 'key', secret: 'with:colons' }],
  [basic('key:schlüssel'), { key: 'key', secret: 'schlüssel' }],
  [basic('key:secret').replace('Basic', 'basic '), { key: 'key', secret: 'secret' }],
  [basic('key:secret').replace(/=+$/, ''), { key: 'key', secret: 'secret' }],
  [basic(':secret'), null],
  [basic('key:'), null],
  [basic('key'), null],
  [basic('key:a\nb'), null],
  [basic('k\0y:secret'), null],
  [`${basic('key:secret')} more`, null],
  ['Basic', null],
  ['Digest abc', null],
  ['', null],
])('%s', (header, credentials) => {
  expect(parseBasicCredentials(header)).toEqual(credentials);
});

describe('a secret', () => {
  test('fits its own hash and no other', () => {
    const [one, two] = [makeSecret(), makeSecret()];
    expect(isSecretOf(one, hashSecret(one))).toBe(true);
    expect(isSecretOf(one, hashSecret(two))).toBe(false);
    expect(isSecretOf('', hashSecret(one))).toBe(false);
  });

  test('of an unknown key fits nothing', () => {
    expect(isSecretOf(makeSecret(), undefined)).toBe(false);
  });
});

test.each([
  ['http://127.0.0.1:8080', ['http://127.0.0.1:8080', 'http://localhost:8080']],
  ['http://localhost:8080', ['http://127.0.0.1:8080', 'http://localhost:8080']],
  ['https://siem.example.com', ['https://siem.example.com']],
  ['https://siem.example.com:8443', ['https://siem.example.com:8443']],
])('pages of %s are those of %s', (publicUrl, origins) => {
  expect(trustedOrigins(new URL(publicUrl))).toEqual(origins);
});

test.each([
  ['POST', { origin: 'https://a.example' }, true],
  ['POST', { origin: 'https://a.example.evil' }, false],
  ['POST', { origin: 'http://a.example' }, false],
  ['POST', { origin: 'null' }, false],
  ['POST', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, false],
  ['POST', { 'sec-fetch-site': 'same-origin' }, true],
  ['POST', { 'sec-fetch-site': 'none' }, false],
  ['POST', {}, false],
  ['DELETE', {}, false],
  ['GET', { origin: 'https://evil.example' }, true],
])('%s with %o passes: %s', (method, headers, passes) => {
  const check = () => requireSameOrigin({ method, headers }, ['https://a.example']);
  if (passes) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code: 'csrf_refused' }));
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  [undefined, 'unknown'],
])('%s counts as %s', (ip, address) => {
  expect(clientAddress(ip)).toBe(address);
});

test.each([
  ['admin', [], true],
  ['org_user', ['o'], true],
  ['org_user', [], false],
  ['finance', ['o'], false],
] as const)('%s with organizations %o is possible: %s', (role, organizationIds, isPossible) => {
  expect(reachProblem({ role, organizationIds }) === null).toBe(isPossible);
});
