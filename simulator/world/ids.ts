// Identifiers as the console makes them: snowflakes whose upper bits are milliseconds since 2017, as decimal strings.
import { hex4, hex8, threeDigits } from './digits.js';
import { mix } from './random.js';

const SNOWFLAKE_EPOCH_MS = 1483228800000;
/** The low bits of a snowflake: they tell apart what was made in the same millisecond. */
export const SEQUENCE_BITS = 23;
export const SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1;
const SEQUENCE_SIZE = SEQUENCE_MASK + 1;
const MILLION = 1_000_000;

/** `(ms << 23) | sequence` in decimal, worked out in two halves that fit numbers: a BigInt costs ten times more. */
export function snowflake(ms: number, sequence: number): string {
  const sinceEpoch = ms - SNOWFLAKE_EPOCH_MS;
  const upper = Math.floor(sinceEpoch / MILLION);
  const low = (sinceEpoch - upper * MILLION) * SEQUENCE_SIZE + sequence;
  const carried = Math.floor(low / MILLION);
  const lastSix = low - carried * MILLION;
  const millions = upper * SEQUENCE_SIZE + carried;
  if (millions === 0) return String(lastSix);
  const thousands = Math.floor(lastSix / 1000);
  return `${millions}${threeDigits(thousands)}${threeDigits(lastSix - thousands * 1000)}`;
}

/** The two parts of a snowflake, or null when the text is none. */
export function readSnowflake(id: string): { readonly ms: number; readonly sequence: number } | null {
  if (!/^\d{1,19}$/.test(id)) return null;
  const value = BigInt(id);
  return { ms: Number(value >> 23n) + SNOWFLAKE_EPOCH_MS, sequence: Number(value & BigInt(SEQUENCE_MASK)) };
}

/** The id of the nth account, site, agent or user: old enough to lie before any history, about 45 minutes apart. */
export function entityId(seed: number, n: number): string {
  const madeAtMs = Date.UTC(2024, 0, 10, 8) + n * 2_700_011;
  return snowflake(madeAtMs, mix(seed, n) & SEQUENCE_MASK);
}

/** A version 4 UUID for a row. Its last eight digits hold the row's slot, so that it can be found without an index. */
export function rowUuid(seed: number, slot: number): string {
  const a = mix(seed, slot);
  const b = mix(a, 1);
  const versioned = hex4((b & 0x0fff) | 0x4000);
  const variant = hex4(((b >>> 12) & 0x3fff) | 0x8000);
  return `${hex8(a)}-${hex4(b >>> 16)}-${versioned}-${variant}-${hex4(mix(a, 2))}${hex8(slot ^ mix(seed, 0x5107))}`;
}

/** The slot that `rowUuid` put into a UUID; the caller compares the whole to be sure. */
export const slotOfUuid = (seed: number, uuid: string): number =>
  (Number.parseInt(uuid.slice(-8), 16) ^ mix(seed, 0x5107)) >>> 0;

export function randomUuid(seed: number, n: number): string {
  return rowUuid(mix(seed, 0xa9e27), n);
}
