import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { lastFour, parseApiToken, Secret } from '../../../src/domain/secret.js';

describe('a secret', () => {
  const secret = new Secret('eyJhbGciOi.payload.signature');

  test.each([
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- the mistake this is about
    ['a template string', `${secret}`],
    ['JSON', JSON.stringify({ secret })],
    ['the inspector', inspect({ nested: { secret } }, { depth: 5, showHidden: true })],
    ['string concatenation', 'token: ' + String(secret)],
    ['a spread', JSON.stringify({ ...secret })],
  ])('does not show itself in %s', (_place, shown) => {
    expect(shown).not.toContain('payload');
  });

  test('is shown only on request, and by its last four characters', () => {
    expect(secret.reveal()).toBe('eyJhbGciOi.payload.signature');
    expect(lastFour(secret)).toBe('ture');
    expect(lastFour(new Secret('short'))).toBe('');
  });
});

describe('a pasted API token', () => {
  test.each([
    ['as copied', 'abc.DEF-123_~+/=', 'abc.DEF-123_~+/='],
    ['with line breaks around it', '\r\n  abc123\n\n', 'abc123'],
    ['with a no-break space and a byte order mark', '\ufeff\u00a0abc123\u00a0', 'abc123'],
    ['with the scheme', 'ApiToken abc123', 'abc123'],
    ['with the scheme in the SDK’s spelling', 'APIToken\tabc123 ', 'abc123'],
    ['with the whole header', 'Authorization: ApiToken abc123', 'abc123'],
    ['that merely begins like the scheme', 'ApiTokenabc123', 'ApiTokenabc123'],
  ])('is accepted %s', (_case, pasted, expected) => {
    const parsed = parseApiToken(pasted);
    expect(parsed.ok && parsed.token.reveal()).toBe(expected);
  });

  test.each([
    ['nothing', '', 'empty'],
    ['white space', ' \n\t ', 'empty'],
    ['the scheme alone', 'ApiToken ', 'empty'],
    ['a space inside', 'abc 123', 'whitespace_inside'],
    ['another header smuggled in', 'abc\r\nX-Evil: 1', 'whitespace_inside'],
    ['a NUL', 'abc\u0000def', 'illegal_character'],
    ['a DEL', 'abc\u007fdef', 'illegal_character'],
    ['a letter outside ASCII', 'tökén', 'illegal_character'],
    ['a zero-width space', 'abc\u200bdef', 'illegal_character'],
    ['a novel', 'a'.repeat(8193), 'too_long'],
  ])('is refused: %s', (_case, pasted, problem) => {
    expect(parseApiToken(pasted)).toEqual({ ok: false, problem });
  });
});
