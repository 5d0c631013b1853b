// Secrets of our own making: API key secrets and invitation tokens. 256 random bits need no slow hash: nobody can guess
// them, so SHA-256 at rest is enough, and checking one costs microseconds.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Passwords are hashed by Better Auth, which checks them too; how long they have to be is ours, in domain. */
export { hashPassword } from 'better-auth/crypto';

const SECRET_BYTES = 32;

export const makeSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

/** What an unknown key is compared with, so that it takes the same steps as a known one. */
const NOBODYS_HASH = hashSecret(makeSecret());

/** In constant time: both sides are digests of the same length whatever was presented. */
export const isSecretOf = (secret: string, sha256: Buffer | undefined): boolean => {
  const isEqual = timingSafeEqual(hashSecret(secret), sha256 ?? NOBODYS_HASH);
  return isEqual && sha256 !== undefined;
};
