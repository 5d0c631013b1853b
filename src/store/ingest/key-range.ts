// The range of ids and times that a page covers. An activity's id begins with the time at which it was made, so a
// page's rows lie side by side in the unique index, and reading that stretch costs a third of looking its ids up one by
// one.
import pg from 'pg';
import type { ActivityKey } from '../../domain/collecting/activity.js';
import { MICROS_PER_MS, parseInstant } from '../../domain/instant.js';

export interface KeyRange {
  readonly firstId: string;
  readonly lastId: string;
  readonly first: string;
  readonly last: string;
}

const ID = /^\d{15,20}$/;
/** How we write an instant ourselves. Such instants compare as text, and so do ids in the C collation. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** The upper bits of an id count milliseconds. */
const IDS_A_MS = 2 ** 23;
/**
 * An id is made a moment before its row. Ids that spread wider than their rows say nothing of time: the stretch may be
 * anything.
 */
const SPREAD_MS = 10 * 60_000;

/** A range of one SentinelOne account. */
export interface Stretch {
  readonly accountId: string;
  readonly s1AccountId: string;
  readonly range: KeyRange;
}

/**
 * A statement about what lies in the stretch; `select` puts the condition that it gets into its look at each table. The
 * answer is that of the last of two statements. Both are there to have the stretch read by the unique index. For a
 * range of ids together with one of times PostgreSQL 18 expects to skip through that index once per id; it would read,
 * by another index and then from the table, whatever the account holds of these times: five times as much work, and
 * more with more connections. So the time comes with an `or` whose second half says nothing new: it still tells
 * partitions apart, and only a bitmap would use it.
 */
export function selectInStretch(
  { accountId, s1AccountId, range }: Stretch,
  select: (inStretch: string) => string,
): string {
  const literal = pg.escapeLiteral;
  const first = literal(range.first);
  const inStretch =
    `account_id = ${literal(accountId)} and s1_account_id = ${literal(s1AccountId)} ` +
    `and activity_id between ${literal(range.firstId)} and ${literal(range.lastId)} ` +
    `and (occurred_at between ${first} and ${literal(range.last)} or occurred_at = ${first})`;
  return `${NO_BITMAPS}; select ${select(inStretch)}`;
}

/** Until the transaction ends. */
const NO_BITMAPS = `select set_config('enable_bitmapscan', 'off', true)`;

/** Null when there are no keys, or when they are not as SentinelOne makes them. */
export function keyRange(keys: readonly ActivityKey[]): KeyRange | null {
  const range = extremes(keys);
  if (range === null) return null;
  const { firstId, lastId, first, last } = range;
  if (![firstId, lastId].every((id) => ID.test(id)) || ![first, last].every((at) => INSTANT.test(at))) return null;
  const [from, to] = [parseInstant(first), parseInstant(last)];
  if (from === null || to === null) return null;
  const idsMs = (Number(lastId) - Number(firstId)) / IDS_A_MS;
  return idsMs <= (to - from) / MICROS_PER_MS + SPREAD_MS ? range : null;
}

function extremes(keys: readonly ActivityKey[]): KeyRange | null {
  const [start] = keys;
  if (start === undefined) return null;
  let { id: firstId, id: lastId, createdAt: first, createdAt: last } = start;
  for (const { id, createdAt } of keys) {
    if (id > lastId) lastId = id;
    else if (id < firstId) firstId = id;
    if (createdAt > last) last = createdAt;
    else if (createdAt < first) first = createdAt;
  }
  return { firstId, lastId, first, last };
}
