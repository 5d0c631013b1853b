// Which addresses a connection may talk to. A person may paste anything that names a console; what comes out is one
// origin that equals an entry of the operator's list, or a refusal. The token is sent wherever this says yes, so it
// compares what the URL parser understood with what was typed and refuses whatever the two could read differently:
// user names, backslashes, percent-encoded or non-ASCII hosts, numbers that turn into IP addresses.

export const DEFAULT_ALLOWED_ORIGINS = 'https://*.sentinelone.net';

export interface AllowedOrigin {
  readonly scheme: 'https' | 'http';
  /** Lower case; without the `*.` when that stands for one or more labels in front. */
  readonly host: string;
  readonly anySubdomain: boolean;
  /** Empty for the scheme's default, as in WHATWG URL. */
  readonly port: string;
}

export type ParsedAllowedOrigins =
  { readonly ok: true; readonly origins: readonly AllowedOrigin[] } | { readonly ok: false; readonly problem: string };

export type AddressProblem = 'empty' | 'malformed' | 'userinfo' | 'not_allowed';

export type ParsedConsoleAddress =
  { readonly ok: true; readonly origin: string } | { readonly ok: false; readonly reason: AddressProblem };

/** Longer than any console's login link; a bound on what the parser is given. */
const MAX_ADDRESS_CHARACTERS = 4096;
/** Connections are found by their console in Temporal, whose keywords and PostgreSQL columns hold no more. */
export const MAX_ORIGIN_CHARACTERS = 255;

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const HOST_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Reads `SENTINELONE_ALLOWED_ORIGINS`: origins separated by commas, a leading `*.` for any subdomain. */
export function parseAllowedOrigins(commaList: string): ParsedAllowedOrigins {
  const entries = commaList
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return { ok: false, problem: 'the list names no origin' };
  const origins: AllowedOrigin[] = [];
  for (const entry of entries) {
    const origin = parseEntry(entry);
    if (origin === null) return { ok: false, problem: `not an origin such as ${DEFAULT_ALLOWED_ORIGINS}: ${entry}` };
    origins.push(origin);
  }
  return { ok: true, origins };
}

/** The console's origin behind whatever a person pasted, when the list allows it. */
export function parseConsoleAddress(pasted: string, allowed: readonly AllowedOrigin[]): ParsedConsoleAddress {
  const text = unwrap(pasted);
  if (text === '') return { ok: false, reason: 'empty' };
  if (text.length > MAX_ADDRESS_CHARACTERS || hasAmbiguousCharacter(text)) return { ok: false, reason: 'malformed' };
  const address = SCHEME.test(text) ? text : `https://${text.replace(/^\/\//, '')}`;
  if (!URL.canParse(address)) return { ok: false, reason: 'malformed' };
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || typedAuthority(address).includes('@')) {
    return { ok: false, reason: 'userinfo' };
  }
  const host = withoutTrailingDot(url.hostname);
  if (!isTypedHost(address, host)) return { ok: false, reason: 'malformed' };
  if (!allowed.some((entry) => matches(entry, url.protocol, host, url.port)))
    return { ok: false, reason: 'not_allowed' };
  const origin = `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}`;
  return origin.length > MAX_ORIGIN_CHARACTERS ? { ok: false, reason: 'malformed' } : { ok: true, origin };
}

/**
 * Whether a stored origin is still on the list: asked again before every request, because the list may have changed.
 */
export function isAllowedOrigin(origin: string, allowed: readonly AllowedOrigin[]): boolean {
  const parsed = parseConsoleAddress(origin, allowed);
  return parsed.ok && parsed.origin === origin;
}

function parseEntry(entry: string): AllowedOrigin | null {
  const anySubdomain = /^https?:\/\/\*\./i.test(entry);
  const plain = anySubdomain ? entry.replace('*.', '') : entry;
  if (!/^https?:\/\/[^/?#@\\%*\s]+\/?$/i.test(plain) || !URL.canParse(plain)) return null;
  const url = new URL(plain);
  const host = url.hostname;
  if (!isTypedHost(plain, host)) return null;
  // A wildcard over a whole top-level domain, over an IP address or at an odd port is a mistake, not a console.
  if (anySubdomain && (url.port !== '' || !host.includes('.') || /^[\d.]+$|^\[/.test(host))) return null;
  return { scheme: url.protocol === 'https:' ? 'https' : 'http', host, anySubdomain, port: url.port };
}

function matches(entry: AllowedOrigin, protocol: string, host: string, port: string): boolean {
  if (protocol !== `${entry.scheme}:` || port !== entry.port) return false;
  if (!entry.anySubdomain) return host === entry.host;
  if (host.length > 253 || !host.endsWith(`.${entry.host}`)) return false;
  const labels = host.slice(0, -entry.host.length - 1).split('.');
  return labels.every((label) => HOST_LABEL.test(label));
}

/** White space, then one pair of quotes or angle brackets, as mail programs and documents wrap an address. */
function unwrap(pasted: string): string {
  const trimmed = pasted.trim();
  const wrapped = /^(?:"(.*)"|'(.*)'|<(.*)>|`(.*)`|“(.*)”|‘(.*)’)$/s.exec(trimmed);
  const inner = wrapped?.slice(1).find((group) => group !== undefined);
  return (inner ?? trimmed).trim();
}

/**
 * Browsers drop tabs and line breaks and read a backslash as a slash; nobody types those into an address on purpose.
 */
const hasAmbiguousCharacter = (text: string) => /[\s\\\p{Cc}\p{Cf}]/u.test(text);

/** What stands between the scheme and the first slash, question mark or hash, as typed. */
const typedAuthority = (address: string) => /^[^/]*\/\/([^/?#]*)/.exec(address)?.[1] ?? '';

/** The parser's host must be the typed one letter for letter: it decodes, maps Unicode and completes IP addresses. */
function isTypedHost(address: string, host: string): boolean {
  const typed = typedAuthority(address).toLowerCase().replace(/:\d*$/, '');
  return host !== '' && withoutTrailingDot(typed) === host;
}

const withoutTrailingDot = (host: string) => (host.endsWith('.') ? host.slice(0, -1) : host);
