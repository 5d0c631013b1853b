import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AllowedOrigin,
  DEFAULT_ALLOWED_ORIGINS,
  isAllowedOrigin,
  parseAllowedOrigins,
  parseConsoleAddress,
} from '../../../../src/domain/connection/console-address.js';

const listOf = (commaList: string): readonly AllowedOrigin[] => {
  const parsed = parseAllowedOrigins(commaList);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.origins;
};
const DEFAULT = listOf(DEFAULT_ALLOWED_ORIGINS);
const ORIGIN = 'https://usea1-x.sentinelone.net';

describe('a pasted console address', () => {
  test.each([
    'https://usea1-x.sentinelone.net',
    'https://usea1-x.sentinelone.net/',
    'usea1-x.sentinelone.net',
    'usea1-x.sentinelone.net/',
    '//usea1-x.sentinelone.net/login',
    'https://usea1-x.sentinelone.net/login?x',
    'https://usea1-x.sentinelone.net/login?next=/a@b&u=%40#/überblick',
    'https://usea1-x.sentinelone.net/web/api/v2.1//',
    'https://usea1-x.sentinelone.net#dashboard',
    'https://usea1-x.sentinelone.net?x=1',
    'https://usea1-x.sentinelone.net.',
    'usea1-x.sentinelone.net./login',
    'https://usea1-x.sentinelone.net:443/',
    'usea1-x.sentinelone.net:443',
    'HTTPS://USEA1-X.SentinelOne.NET/Login',
    '  https://usea1-x.sentinelone.net \r\n',
    '"https://usea1-x.sentinelone.net"',
    "'usea1-x.sentinelone.net'",
    '<https://usea1-x.sentinelone.net/login>',
    '“https://usea1-x.sentinelone.net”',
    '` https://usea1-x.sentinelone.net `',
  ])('is cut to its origin: %s', (pasted) => {
    expect(parseConsoleAddress(pasted, DEFAULT)).toEqual({ ok: true, origin: ORIGIN });
  });

  test('may have several labels under a wildcard', () => {
    expect(parseConsoleAddress('a.b-1.c.sentinelone.net', DEFAULT)).toEqual({
      ok: true,
      origin: 'https://a.b-1.c.sentinelone.net',
    });
  });

  test('is refused when its origin is longer than what Temporal and PostgreSQL keep of it', () => {
    const labels = ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63)];
    const ofLength = (characters: number) => {
      const rest = 'https://.sentinelone.net'.length + labels.join('.').length + 1;
      return `https://${labels.join('.')}.${'d'.repeat(characters - rest)}.sentinelone.net`;
    };
    expect(ofLength(255)).toHaveLength(255);
    expect(parseConsoleAddress(ofLength(255), DEFAULT)).toEqual({ ok: true, origin: ofLength(255) });
    expect(parseConsoleAddress(ofLength(256), DEFAULT)).toEqual({ ok: false, reason: 'malformed' });
  });

  test.each([
    ['', 'empty'],
    ['  ""  ', 'empty'],
    ['https://evil-sentinelone.net', 'not_allowed'],
    ['https://evilsentinelone.net', 'not_allowed'],
    ['https://sentinelone.net', 'not_allowed'],
    ['https://.sentinelone.net', 'not_allowed'],
    ['https://a..sentinelone.net', 'not_allowed'],
    ['https://-a.sentinelone.net', 'not_allowed'],
    ['https://*.sentinelone.net', 'not_allowed'],
    ['https://x.sentinelone.net.evil.com', 'not_allowed'],
    ['https://x.sentinelone.net..', 'not_allowed'],
    ['https://evil.com/x.sentinelone.net', 'not_allowed'],
    ['https://evil.com?.sentinelone.net', 'not_allowed'],
    ['https://evil.com#.sentinelone.net', 'not_allowed'],
    ['http://x.sentinelone.net', 'not_allowed'],
    ['ftp://x.sentinelone.net', 'not_allowed'],
    ['https://x.sentinelone.net:8443', 'not_allowed'],
    ['http://x.sentinelone.net:443', 'not_allowed'],
    ['https://127.0.0.1', 'not_allowed'],
    ['https://[::1]', 'not_allowed'],
    ['https://[::ffff:1.2.3.4]/x.sentinelone.net', 'malformed'],
    ['localhost', 'not_allowed'],
    ['file:///etc/passwd', 'malformed'],
    ['javascript:alert(1)', 'malformed'],
    ['https://', 'malformed'],
    ['https:// x.sentinelone.net', 'malformed'],
    ['https://2130706433', 'malformed'],
    ['https://0x7f.1', 'malformed'],
    ['https://evil.com\\.sentinelone.net', 'malformed'],
    ['https:\\\\x.sentinelone.net', 'malformed'],
    ['https://x%2esentinelone.net', 'malformed'],
    ['https://evil.com%2f.sentinelone.net', 'malformed'],
    ['https://evil.com%23.sentinelone.net', 'malformed'],
    ['https://x。sentinelone。net', 'malformed'],
    ['https://x.sentinelone．net', 'malformed'],
    ['https://x.sentinelonе.net', 'malformed'],
    ['https://ⓧ.sentinelone.net', 'malformed'],
    ['https://x.senti\u00adnelone.net', 'malformed'],
    ['https://x.senti\nnelone.net', 'malformed'],
    ['https://x.sentinelone.net\u0000.evil.com', 'malformed'],
    ['https://user@x.sentinelone.net', 'userinfo'],
    ['https://user:pass@x.sentinelone.net', 'userinfo'],
    ['https://@x.sentinelone.net', 'userinfo'],
    ['https://:@x.sentinelone.net', 'userinfo'],
    ['https://x.sentinelone.net@evil.com', 'userinfo'],
    ['https://x.sentinelone.net:443@evil.com', 'userinfo'],
    ['x.sentinelone.net@evil.com', 'userinfo'],
  ])('is refused: %s', (pasted, reason) => {
    expect(parseConsoleAddress(pasted, DEFAULT)).toEqual({ ok: false, reason });
  });

  test('is refused when it is a novel', () => {
    const pasted = `https://x.sentinelone.net/${'a'.repeat(5000)}`;
    expect(parseConsoleAddress(pasted, DEFAULT)).toEqual({ ok: false, reason: 'malformed' });
  });

  test('may be a simulator’s when that is listed, and nothing but that', () => {
    const allowed = listOf('http://127.0.0.1:9001, https://*.sentinelone.net');
    expect(parseConsoleAddress('http://127.0.0.1:9001/login', allowed)).toEqual({
      ok: true,
      origin: 'http://127.0.0.1:9001',
    });
    for (const other of [
      'http://127.0.0.1',
      'http://127.0.0.1:9002',
      'https://127.0.0.1:9001',
      'http://127.1:9001',
      'http://localhost:9001',
    ]) {
      expect(parseConsoleAddress(other, allowed).ok, other).toBe(false);
    }
  });
});

describe('an accepted origin', () => {
  // Pieces of which attacks are made, joined in every way.
  const piece = fc.constantFrom(
    'https://',
    'http://',
    'x',
    'evil.com',
    '.sentinelone.net',
    'sentinelone.net',
    '@',
    ':',
    ':443',
    ':8443',
    '/',
    '\\',
    '?',
    '#',
    ...[
      '%2e',
      '%2f',
      '%40',
      '%00',
      '.',
      '..',
      '。',
      '．',
      '｡',
      '\t',
      '\n',
      ' ',
      '\u00ad',
      '\u200b',
      '[::1]',
      '127.0.0.1',
      '2130706433',
      '<',
      '>',
      '"',
      'ß',
      'xn--',
    ],
  );
  const pasted = fc.oneof(
    fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
    fc.webUrl(),
    fc.string({ unit: 'binary' }),
  );

  test('is always https, at the default port, under the listed domain, and stays itself', () => {
    fc.assert(
      fc.property(pasted, (text) => {
        const parsed = parseConsoleAddress(text, DEFAULT);
        if (!parsed.ok) return;
        expect(parsed.origin).toMatch(/^https:\/\/[a-z0-9_-]+(\.[a-z0-9_-]+)*\.sentinelone\.net$/);
        expect(new URL(parsed.origin).origin).toBe(parsed.origin);
        expect(isAllowedOrigin(parsed.origin, DEFAULT)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  test('never comes from a domain that only looks like a listed one', () => {
    fc.assert(
      fc.property(
        fc.domain(),
        fc.constantFrom('', '/sentinelone.net', '?.sentinelone.net', '#.sentinelone.net'),
        (domain, tail) => {
          fc.pre(!domain.endsWith('.sentinelone.net'));
          expect(parseConsoleAddress(`https://${domain}${tail}`, DEFAULT).ok).toBe(false);
        },
      ),
    );
  });
});

describe('the list of allowed origins', () => {
  test('reads wildcards, exact origins and ports', () => {
    expect(listOf(' https://*.sentinelone.net ,http://127.0.0.1:9001/,https://Console.Example:443')).toEqual([
      { scheme: 'https', host: 'sentinelone.net', anySubdomain: true, port: '' },
      { scheme: 'http', host: '127.0.0.1', anySubdomain: false, port: '9001' },
      { scheme: 'https', host: 'console.example', anySubdomain: false, port: '' },
    ]);
  });

  test.each([
    '',
    ' , ',
    '*',
    'https://*',
    'https://*.net',
    'https://*.sentinelone.net:8443',
    'https://a.*.net',
    'https://*.*.net',
    'https://*.10.0.0.1',
    'sentinelone.net',
    'https://x.sentinelone.net/login',
    'https://user@x.sentinelone.net',
    'ftp://x.sentinelone.net',
    'https://x.sentinelone.net?x',
    'https://sentinelone。net',
  ])('refuses %j', (commaList) => {
    expect(parseAllowedOrigins(commaList).ok).toBe(false);
  });
});

test('a stored origin that left the list is not allowed any more', () => {
  expect(isAllowedOrigin(ORIGIN, DEFAULT)).toBe(true);
  expect(isAllowedOrigin(ORIGIN, listOf('https://*.example.org'))).toBe(false);
  expect(isAllowedOrigin(`${ORIGIN}/`, DEFAULT)).toBe(false);
});
