// `Authorization: Basic base64(key:secret)`, RFC 7617.

export interface BasicCredentials {
  readonly key: string;
  readonly secret: string;
}

const HEADER = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i;
const MAX_KEY_CHARACTERS = 200;
const MAX_SECRET_CHARACTERS = 1_000;

/** Null for whatever is no pair of a key and a secret. */
export function parseBasicCredentials(header: string): BasicCredentials | null {
  const encoded = HEADER.exec(header)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return null;
  const [key, secret] = [text.slice(0, colon), text.slice(colon + 1)];
  if (key.length > MAX_KEY_CHARACTERS || secret === '' || secret.length > MAX_SECRET_CHARACTERS) return null;
  return isPrintable(key) && isPrintable(secret) ? { key, secret } : null;
}

/**
 * PostgreSQL refuses U+0000 with an error that looks like a fault of ours; other control characters are in no key
 * either.
 */
const isPrintable = (text: string): boolean => !/[\p{Cc}\uFFFD]/u.test(text);
