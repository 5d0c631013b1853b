// One line every few seconds that shows that collecting goes on: events, discards, connections by state.
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../store/database.js';

const EVERY_MS = 5_000;

export interface Totals {
  readonly stored: number;
  readonly discarded: number;
  readonly rejected: number;
  /** `2 active`, `1 paused`. */
  readonly connections: readonly string[];
}

export async function readTotals(owner: Database): Promise<Totals> {
  const { rows } = await sql<{ state: string; count: number; stored: number; discarded: number; rejected: number }>`
    select state, count(*) as count, sum(stored_count)::bigint as stored, sum(discarded_count)::bigint as discarded,
           sum(rejected_count)::bigint as rejected
      from connections group by state order by state`.execute(owner.kysely);
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    stored: sum((row) => row.stored),
    discarded: sum((row) => row.discarded),
    rejected: sum((row) => row.rejected),
    connections: rows.map((row) => `${row.count} ${row.state.replace('_', ' ')}`),
  };
}

/** `10:42:05  events 5,124 (+12)   discarded 811   connections: 1 active`. */
export function statusLine(now: Totals, before: Totals, at: Date): string {
  const number = (count: number) => count.toLocaleString('en-US');
  const gained = now.stored - before.stored;
  const rejected = now.rejected > 0 ? `   rejected ${number(now.rejected)}` : '';
  const connections = now.connections.length > 0 ? now.connections.join(', ') : 'none';
  const time = at.toISOString().slice(11, 19);
  return `${time}  events ${number(now.stored)} (+${number(gained)})   discarded ${number(now.discarded)}${rejected}   connections: ${connections}`;
}

/** Prints until the signal; a database that is away for a moment is told, not fatal. */
export async function printStatus(owner: Database, print: (line: string) => void, signal: AbortSignal): Promise<void> {
  let before = await readTotals(owner);
  while (!signal.aborted) {
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const now = await readTotals(owner);
      print(statusLine(now, before, new Date()));
      before = now;
    } catch {
      print('PostgreSQL does not answer; trying again');
    }
  }
}
