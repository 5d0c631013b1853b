// How late polls come, read from what each poll writes down when it ends (`last_poll_at`). A poll is due one interval
// after the one before; whatever passes beyond that is its lateness: the poll's own duration, waiting in Temporal, in
// the worker, and the jitter of a tenth after a poll that found something. A poll that is still missing at the end
// counts with the lateness that it has by then, or a machine that has stopped polling would seem punctual.
import { setTimeout as delay } from 'node:timers/promises';
import type { Services } from '../../src/embedded/services.js';
import { percentile } from './percentile.js';

/** Two polls never fall between two looks, and looking costs next to nothing. */
const LOOKS_PER_INTERVAL = 20;
/** What anybody would call late: less is noise of a busy machine. */
const LATE_MS = 1000;

export interface Lateness {
  /** Milliseconds of every poll that ended, or was overdue at the end. */
  readonly ofPolls: readonly number[];
  /** Polls that were overdue and had not come when watching ended. */
  readonly missing: number;
  /** Connections whose last poll failed. */
  readonly failing: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Parts of one. */
  readonly lateShare: number;
  readonly beyondIntervalShare: number;
}

interface Poll {
  readonly id: string;
  readonly at: number;
  readonly now: number;
  readonly failing: boolean;
}

/** Looks at all connections until `until` settles. */
export async function watchPolls(
  services: Services,
  { intervalMs, until }: { readonly intervalMs: number; readonly until: Promise<unknown> },
): Promise<Lateness> {
  const ended = until.then(() => true);
  let latest = new Map<string, number>();
  let polls: readonly Poll[] = [];
  const ofPolls: number[] = [];
  for (let isOver = false; !isOver;) {
    polls = await lastPolls(services);
    for (const { id, at } of polls) {
      const before = latest.get(id);
      if (before !== undefined && at > before) ofPolls.push(Math.max(0, at - before - intervalMs));
    }
    latest = new Map(polls.map(({ id, at }) => [id, at]));
    isOver = await Promise.race([ended, delay(intervalMs / LOOKS_PER_INTERVAL, false)]);
  }
  const overdue = polls.map(({ at, now }) => now - at - intervalMs).filter((ms) => ms > LATE_MS);
  const all = [...ofPolls, ...overdue];
  const share = (limitMs: number) => all.filter((ms) => ms > limitMs).length / all.length;
  return {
    ofPolls: all,
    missing: overdue.length,
    failing: polls.filter(({ failing }) => failing).length,
    p50Ms: percentile(all, 0.5),
    p99Ms: percentile(all, 0.99),
    lateShare: share(LATE_MS),
    beyondIntervalShare: share(intervalMs),
  };
}

/** Until every connection has polled, for so long at most; returns how many have not. */
export async function firstPolls(services: Services, { timeoutMs }: { readonly timeoutMs: number }): Promise<number> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const { rows } = await services.owner.pool.query<{ waiting: number }>(
      'select count(*)::int as waiting from connections where last_poll_at is null',
    );
    const waiting = rows[0]?.waiting ?? 0;
    if (waiting === 0 || Date.now() > deadlineMs) return waiting;
    await delay(500);
  }
}

/** A connection that never polled is overdue since it was made. */
async function lastPolls({ owner }: Services): Promise<readonly Poll[]> {
  const { rows } = await owner.pool.query<Poll>(`
    select id, consecutive_failures > 0 as failing,
      (extract(epoch from coalesce(last_poll_at, created_at)) * 1000)::float8 as at,
      (extract(epoch from now()) * 1000)::float8 as now
    from connections where state = 'active'`);
  return rows;
}
