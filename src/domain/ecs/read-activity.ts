// Reads what every activity must have, its id and its time, and what decides where it goes. An activity without them is
// a reject: kept raw with the reason, never guessed at. Nothing here throws, whatever SentinelOne sent.

import type { ActivityValue, RawActivity } from '../collecting/activity.js';
import { parseConsoleInstant, toInstant } from '../instant.js';
import { type Cleaning, text } from './field-values.js';

export type RejectReason = 'not_an_object' | 'no_id' | 'no_time' | 'time_out_of_range' | 'other_account';

/** The activity's free part. Ids above 2^53 come as strings. */
export type ActivityData = Readonly<Record<string, unknown>>;

export interface ReadActivity {
  readonly id: string;
  /** ISO 8601 in UTC with six fraction digits. */
  readonly createdAt: string;
  readonly createdAtMicros: number;
  /** Null when it is missing or no whole number that a PostgreSQL integer holds. */
  readonly activityType: number | null;
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly groupId: string | null;
  readonly agentId: string | null;
  readonly userId: string | null;
  readonly threatId: string | null;
  readonly data: ActivityData;
  /** Whether U+0000 or a lone surrogate was replaced in one of the texts above. */
  readonly sanitized: boolean;
  readonly raw: RawActivity;
}

export interface TimeBounds {
  readonly earliestMicros: number;
  readonly latestMicros: number;
}

export interface Expected extends TimeBounds {
  /** The SentinelOne account that was asked about; left out, rows of any account are read. */
  readonly s1AccountId?: string;
}

export type ReadResult =
  { readonly ok: true; readonly activity: ReadActivity } | { readonly ok: false; readonly reason: RejectReason };

const ACTIVITY_ID = /^[\w-]{1,64}$/;
// Far above any real id (19 digits), far below what a PostgreSQL index entry holds.
const LONGEST_ID = 64;
const LARGEST_TYPE = 2 ** 31 - 1;
const NO_DATA: ActivityData = Object.freeze({});

/**
 * Both ends of the times are still in range. A row that names another account than the one that was asked about is
 * nobody's here: by its site it would become an unmapped site of this one, without a site it would be taken for the
 * account's own. A row that names no account is of the one that was asked about.
 */
export function readActivity(raw: RawActivity, expected: Expected): ReadResult {
  const value: unknown = raw.value;
  if (!isRecord(value)) return reject('not_an_object');
  const id = activityId(value.id);
  if (id === null) return reject('no_id');
  const createdAtMicros = typeof value.createdAt === 'string' ? parseConsoleInstant(value.createdAt) : null;
  if (createdAtMicros === null) return reject('no_time');
  if (createdAtMicros < expected.earliestMicros || createdAtMicros > expected.latestMicros)
    return reject('time_out_of_range');
  const activity = read(raw, value, id, createdAtMicros);
  const { s1AccountId = activity.accountId } = expected;
  if (activity.accountId !== null && activity.accountId !== s1AccountId) return reject('other_account');
  return { ok: true, activity };
}

function read(raw: RawActivity, value: ActivityValue, id: string, createdAtMicros: number): ReadActivity {
  const data = isRecord(value.data) ? value.data : NO_DATA;
  const cleaning: Cleaning = { sanitized: false };
  return {
    id,
    createdAt: instantText(value.createdAt, createdAtMicros),
    createdAtMicros,
    activityType: activityType(value.activityType),
    accountId: scopeId(value.accountId, cleaning),
    accountName: text(value.accountName, cleaning) ?? text(data.accountName, cleaning),
    siteId: scopeId(value.siteId, cleaning),
    siteName: text(value.siteName, cleaning) ?? text(data.siteName, cleaning),
    groupId: scopeId(value.groupId, cleaning),
    agentId: scopeId(value.agentId, cleaning),
    userId: scopeId(value.userId, cleaning),
    threatId: scopeId(value.threatId, cleaning),
    data,
    sanitized: cleaning.sanitized,
    raw,
  };
}

const CANONICAL_LENGTH = '2026-01-15T09:00:00.123456Z'.length;

/**
 * Nearly every instant comes as we write it; only hour 24, which means the next day, has the same form and another
 * text.
 */
function instantText(value: unknown, micros: number): string {
  const isCanonical =
    typeof value === 'string' && value.length === CANONICAL_LENGTH && value.endsWith('Z') && !value.includes('T24');
  return isCanonical ? value : toInstant(micros);
}

const reject = (reason: RejectReason): ReadResult => ({ ok: false, reason });

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function activityId(value: unknown): string | null {
  const id = typeof value === 'number' ? wholeNumber(value) : value;
  return typeof id === 'string' && isActivityId(id) ? id : null;
}

/** An id has a digit in it: that keeps words like `None` and `null` from passing for one. */
export const isActivityId = (id: string): boolean => ACTIVITY_ID.test(id) && /\d/.test(id);

/**
 * An id that decides where the activity goes. Only missing, null and empty mean that there is none; anything else stays
 * something, however odd, because an activity that loses its site would go to the default organization.
 */
function scopeId(value: unknown, cleaning: Cleaning): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return text(value.slice(0, LONGEST_ID), cleaning);
  return typeof value === 'number' ? String(value) : `not an id: ${typeof value}`;
}

function activityType(value: unknown): number | null {
  const type = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof type === 'number' && Number.isInteger(type) && type >= 0 && type <= LARGEST_TYPE ? type : null;
}

const wholeNumber = (value: number) => (Number.isSafeInteger(value) && value >= 0 ? String(value) : null);
