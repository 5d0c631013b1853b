// Secrets that are accepted and that somebody could guess.
import { MIN_PASSWORD_CHARACTERS, type Secret } from './domain/secret.js';

export const MIN_KEY_SECRET_CHARACTERS = 32;

/** What of BOOTSTRAP_* is accepted and should still be replaced, one sentence each: somebody could guess it. */
export function guessableBootstrap(config: {
  readonly BOOTSTRAP_ADMIN_PASSWORD?: Secret | undefined;
  readonly BOOTSTRAP_API_KEY?: { readonly secret: Secret } | undefined;
}): string[] {
  const { BOOTSTRAP_ADMIN_PASSWORD: admin, BOOTSTRAP_API_KEY: apiKey } = config;
  const isShort = (secret: Secret | undefined, least: number) => secret !== undefined && secret.reveal().length < least;
  return [
    ...(isShort(admin, MIN_PASSWORD_CHARACTERS)
      ? [
          `BOOTSTRAP_ADMIN_PASSWORD has fewer than ${MIN_PASSWORD_CHARACTERS} characters: change it before others can reach this`,
        ]
      : []),
    ...(isShort(apiKey?.secret, MIN_KEY_SECRET_CHARACTERS)
      ? [
          `the secret of BOOTSTRAP_API_KEY has fewer than ${MIN_KEY_SECRET_CHARACTERS} characters: use one of \`openssl rand -hex 32\` before others can reach this`,
        ]
      : []),
  ];
}
