// Tokens at rest: JWE (direct key, AES-256-GCM). The protected header names the account and connection the token was
// given for and is checked on decryption, so a row copied to another tenant does not open. The first key encrypts;
// every key listed decrypts, which is how keys are rotated.
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from 'jose';
import { Secret } from '../domain/secret.js';
import { EncryptionKeyMissing } from './errors.js';

export interface EncryptionKey {
  readonly kid: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export interface TokenOwner {
  readonly accountId: string;
  readonly connectionId: string;
}

export interface TokenCipher {
  encrypt(token: Secret, owner: TokenOwner): Promise<string>;
  /** Throws `EncryptionKeyMissing` when the key is not listed, and when text or owner are not those of then. */
  decrypt(jwe: string, owner: TokenOwner): Promise<Secret>;
  /** The name of the key that encrypts. */
  readonly kid: string;
}

/** The name of the key that a token is encrypted with; nobody has vouched for it yet. */
export const kidOf = (jwe: string): string => String(decodeProtectedHeader(jwe).kid);

export function createTokenCipher(keys: readonly EncryptionKey[]): TokenCipher {
  const [first] = keys;
  if (first === undefined) throw new Error('at least one encryption key is needed');
  const byKid = new Map(keys.map(({ kid, key }) => [kid, key]));
  return {
    async encrypt(token, { accountId, connectionId }) {
      return new CompactEncrypt(new TextEncoder().encode(token.reveal()))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.kid, accountId, connectionId })
        .encrypt(first.key);
    },
    async decrypt(jwe, owner) {
      const kid = kidOf(jwe);
      const key = byKid.get(kid);
      if (key === undefined) throw new EncryptionKeyMissing(kid);
      const { plaintext, protectedHeader } = await compactDecrypt(jwe, key);
      if (protectedHeader['accountId'] !== owner.accountId || protectedHeader['connectionId'] !== owner.connectionId) {
        throw new Error('the credential belongs to another connection');
      }
      return new Secret(new TextDecoder().decode(plaintext));
    },
    kid: first.kid,
  };
}

/** `kid:base64url32[,kid:…]`. Throws a sentence that names the entry by position, never its key. */
export function parseEncryptionKeys(text: string): EncryptionKey[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const positions = new Map<string, number>();
  return entries.map((entry, index) => {
    const [kid = '', encoded = '', ...rest] = entry.split(':');
    const key = Buffer.from(encoded, 'base64url');
    if (kid === '' || rest.length > 0 || key.length !== 32) {
      throw new Error(`entry ${index + 1} is not kid:base64url of 32 bytes`);
    }
    // The later one would decrypt what the earlier one has encrypted, and fail at it.
    const same = positions.get(kid);
    if (same !== undefined) throw new Error(`entry ${index + 1} has the name of entry ${same}; give each key its own`);
    positions.set(kid, index + 1);
    return { kid, key };
  });
}
