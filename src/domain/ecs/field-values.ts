// Turns what SentinelOne put into a field into the value that ECS wants there, or null when it is none. One function a
// kind of value; the searched columns and the full document both go through them, so that the two agree.

import { isIp } from './ip-address.js';
import { cleanText, isClean } from './sanitize.js';

/** Remembers whether a text of the event had to be changed. */
export interface Cleaning {
  sanitized: boolean;
}

/** Text or a number as text; null for what is missing, empty or neither. */
export function text(value: unknown, cleaning: Cleaning): string | null {
  if (typeof value === 'string') {
    if (value === '') return null;
    if (isClean(value)) return value;
    cleaning.sanitized = true;
    return cleanText(value);
  }
  return typeof value === 'number' ? String(value) : null;
}

/**
 * Every valid address of a text that holds one or a comma-separated list, or of a list of such; null when there is
 * none.
 */
export function addresses(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return value === '' ? null : addressesOfText(value);
  if (!Array.isArray(value)) return null;
  return atLeastOne(unique(value.flatMap((item) => (typeof item === 'string' ? (addressesOfText(item) ?? []) : []))));
}

function addressesOfText(value: string): readonly string[] | null {
  if (isIp(value)) return [value];
  const parts = value.split(',').map((part) => part.trim());
  return atLeastOne(unique(parts.filter(isIp)));
}

const unique = (values: readonly string[]) => [...new Set(values)];
const atLeastOne = (values: readonly string[]) => (values.length === 0 ? null : values);

export type HashName = 'md5' | 'sha1' | 'sha256';

const HEX = /^[0-9a-f]+$/i;
const HASH_NAMES: ReadonlyMap<number, HashName> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
]);

/** Which hash a text is, by its length; null when it is none. */
export const hashName = (value: string): HashName | null =>
  HEX.test(value) ? (HASH_NAMES.get(value.length) ?? null) : null;

/** The hash in lower case, as everybody searches it; null when the value is none. */
export const hash = (value: unknown): string | null =>
  typeof value === 'string' && hashName(value) !== null ? value.toLowerCase() : null;

// 254 is the longest address that mail servers take.
const LONGEST_EMAIL = 254;
const EMAIL = /^[^\s@\\,;]+@[^\s@\\,;]+\.[^\s@.\\,;]+$/;

export const isEmail = (value: string): boolean =>
  value.length <= LONGEST_EMAIL && value.includes('@') && EMAIL.test(value);

export interface UserName {
  readonly name: string;
  readonly domain: string | null;
}

/** `CORP\jo` → jo of CORP. A text with more than one backslash, or a drive before it, is a path and stays whole. */
export function splitUserName(value: string): UserName {
  const at = value.indexOf('\\');
  const isSplit = at > 0 && at < value.length - 1 && !value.includes('\\', at + 1) && value[at - 1] !== ':';
  return isSplit ? { name: value.slice(at + 1), domain: value.slice(0, at) } : { name: value, domain: null };
}

export type OsType = 'linux' | 'macos' | 'windows';

const OS_TYPES: ReadonlyMap<string, OsType> = new Map([
  ['linux', 'linux'],
  ['macos', 'macos'],
  ['osx', 'macos'],
  ['windows', 'windows'],
  ['windows_legacy', 'windows'],
]);

export const osType = (family: string | null): OsType | null =>
  family === null ? null : (OS_TYPES.get(family) ?? OS_TYPES.get(family.toLowerCase()) ?? null);
