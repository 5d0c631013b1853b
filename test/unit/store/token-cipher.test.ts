import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
import { createTokenCipher, parseEncryptionKeys } from '../../../src/store/token-cipher.js';

const OWNER = { accountId: 'a1', connectionId: 'c1' };
const TOKEN = 'eyJhbGciOi.token.of-the-console';
const key = (kid: string) => ({ kid, key: randomBytes(32) });
const [old, current] = [key('2025'), key('2026')];

describe('a token', () => {
  test('comes back for its owner and is not to be read in the text', async () => {
    const cipher = createTokenCipher([current]);
    const jwe = await cipher.encrypt(new Secret(TOKEN), OWNER);
    expect(jwe).not.toContain(TOKEN);
    expect(Buffer.from(jwe.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('token');
    expect((await cipher.decrypt(jwe, OWNER)).reveal()).toBe(TOKEN);
  });

  test('is another text each time', async () => {
    const cipher = createTokenCipher([current]);
    const encrypt = () => cipher.encrypt(new Secret(TOKEN), OWNER);
    expect(await encrypt()).not.toBe(await encrypt());
  });

  test('opens with any key listed and is made with the first', async () => {
    const before = await createTokenCipher([old]).encrypt(new Secret(TOKEN), OWNER);
    const rotated = createTokenCipher([current, old]);
    expect((await rotated.decrypt(before, OWNER)).reveal()).toBe(TOKEN);
    const after = await rotated.encrypt(new Secret(TOKEN), OWNER);
    expect((await createTokenCipher([current]).decrypt(after, OWNER)).reveal()).toBe(TOKEN);
  });

  test.each([
    ['another account', { ...OWNER, accountId: 'a2' }],
    ['another connection', { ...OWNER, connectionId: 'c2' }],
  ])('does not open for %s', async (_, other) => {
    const cipher = createTokenCipher([current]);
    const jwe = await cipher.encrypt(new Secret(TOKEN), OWNER);
    await expect(cipher.decrypt(jwe, other)).rejects.toThrow('belongs to another connection');
  });

  test('does not open with a header made for another owner', async () => {
    const cipher = createTokenCipher([current]);
    const [, ...rest] = (await cipher.encrypt(new Secret(TOKEN), OWNER)).split('.');
    const [header] = (await cipher.encrypt(new Secret(TOKEN), { ...OWNER, accountId: 'a2' })).split('.');
    await expect(cipher.decrypt([header, ...rest].join('.'), { ...OWNER, accountId: 'a2' })).rejects.toThrow(
      'decryption operation failed',
    );
  });

  test('does not open when its key is gone, or is another of the same name', async () => {
    const jwe = await createTokenCipher([old]).encrypt(new Secret(TOKEN), OWNER);
    await expect(createTokenCipher([current]).decrypt(jwe, OWNER)).rejects.toThrow('no encryption key named 2025');
    await expect(createTokenCipher([key('2025')]).decrypt(jwe, OWNER)).rejects.toThrow();
  });
});

test('no keys are a mistake at start, not at the first token', () => {
  expect(() => createTokenCipher([])).toThrow('at least one encryption key is needed');
});

describe('the list of keys', () => {
  const encoded = (bytes: number) => randomBytes(bytes).toString('base64url');

  test('has names and 32 bytes each, with white space between', () => {
    const keys = parseEncryptionKeys(`a:${encoded(32)} , b:${encoded(32)}`);
    expect(keys.map(({ kid, key: bytes }) => [kid, bytes.length])).toEqual([['a', 32], ['b', 32]]); // prettier-ignore
  });

  test('with one name twice is refused by position, without the key', () => {
    const text = `a:${encoded(32)},b:${encoded(32)},a:${encoded(32)}`;
    expect(() => parseEncryptionKeys(text)).toThrow(
      new Error('entry 3 has the name of entry 1; give each key its own'),
    );
  });

  test.each([
    ['nothing', '', 1],
    ['no name', `:${encoded(32)}`, 1],
    ['a short key', `a:${encoded(31)}`, 1],
    ['a long key', `a:${encoded(33)}`, 1],
    ['too many parts', `a:${encoded(32)}:x`, 1],
    ['an empty second entry', `a:${encoded(32)},`, 2],
  ])('with %s is refused by position, without the key', (_, text, position) => {
    const message = `entry ${position} is not kid:base64url of 32 bytes`;
    expect(() => parseEncryptionKeys(text)).toThrow(new Error(message));
  });
});
