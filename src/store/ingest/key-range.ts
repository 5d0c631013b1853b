// The range of ids and times that a page covers. An activity's id begins with the time at which it was made, so a page's rows
// lie side by side in the unique index, and reading that stretch costs a third of looking its ids up one by one.
import type { ActivityKey } from '../../domain/activity.js';
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
/** An id is made a moment before its row. Ids that spread wider than their rows say nothing of time: the stretch may be anything. */
const SPREAD_MS = 10 * 60_000;

/** The condition for one table: what stands for the account, the SentinelOne account, and the values of `rangeValues`. */
export const inRange = ([account, s1Account, firstId, lastId, first, last]: readonly string[]): string =>
  `account_id = ${account} and s1_account_id = ${s1Account} ` +
  `and activity_id between ${firstId} and ${lastId} and occurred_at between ${first} and ${last}`;

export const rangeValues = ({ firstId, lastId, first, last }: KeyRange): string[] => [firstId, lastId, first, last];

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
