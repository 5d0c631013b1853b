// A value that cannot print itself: logs, JSON, template strings and the inspector all show `[secret]`.
// Whoever needs the text says so with `reveal()`, which makes every such place easy to find.

const SHOWN = '[secret]';

/** Longer than any token SentinelOne makes (a JWT of about 1 KB), short enough to stay one header line everywhere. */
const MAX_TOKEN_CHARACTERS = 8192;

/** How long a password has to be, whoever sets it: a person at an invitation, or the operator in the environment. */
export const MIN_PASSWORD_CHARACTERS = 12;
export const MAX_PASSWORD_CHARACTERS = 128;

/** Below this the last four characters would give away too much of the whole. */
const MIN_CHARACTERS_TO_SHOW_FOUR = 8;

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  /**
   * What `console.log` and error messages of Node print; the registered symbol spares an import that workflows cannot
   * have.
   */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}

/** The end of a secret, by which a person recognises it; empty when the secret is too short to show any of it. */
export function lastFour(secret: Secret): string {
  const text = secret.reveal();
  return text.length < MIN_CHARACTERS_TO_SHOW_FOUR ? '' : text.slice(-4);
}

export type ApiTokenProblem = 'empty' | 'too_long' | 'whitespace_inside' | 'illegal_character';

export type ParsedApiToken =
  { readonly ok: true; readonly token: Secret } | { readonly ok: false; readonly problem: ApiTokenProblem };

/**
 * An API token as a person pastes it: white space and line breaks around it are dropped, and so is the header's own
 * `Authorization: ApiToken `. Neither length nor alphabet is checked beyond what a header line can carry, because
 * SentinelOne has two forms of token and documents neither; what a header cannot carry would be header injection.
 */
export function parseApiToken(pasted: string): ParsedApiToken {
  const text = pasted
    .trim()
    .replace(/^(?:authorization:\s*)?apitoken(?:\s+|$)/i, '')
    .trim();
  if (text === '') return { ok: false, problem: 'empty' };
  if (text.length > MAX_TOKEN_CHARACTERS) return { ok: false, problem: 'too_long' };
  if (/\s/.test(text)) return { ok: false, problem: 'whitespace_inside' };
  if (!/^[\x21-\x7e]+$/.test(text)) return { ok: false, problem: 'illegal_character' };
  return { ok: true, token: new Secret(text) };
}
