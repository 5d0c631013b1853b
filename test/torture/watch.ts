// Looks several times a second at how collecting goes on: when each partner's poll reached its end, how many rows are
// held, when it rests because it is paused. PostgreSQL is away now and then, and a look that fails is no look.
import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from './run.js';
import type { Span } from './stalls.js';

export interface Watch {
  /** By partner, in order: when a poll that went well was seen to have ended. */
  readonly advances: ReadonlyMap<number, readonly number[]>;
  /** By partner, in order: when it was shown as paused, or nothing could be seen. */
  readonly rests: ReadonlyMap<number, readonly Span[]>;
  readonly rows: number;
  /** Whether the last look saw anything. */
  readonly sees: boolean;
  stop(): Promise<void>;
}

const EVERY_MS = 200;

const LOOK = `
  select id, state, last_poll_at, consecutive_failures,
         stored_count + discarded_count + rejected_count as rows
    from connections`;

export function watchCollecting(run: Run): Watch {
  const advances = new Map<number, number[]>(run.partners.map(({ n }) => [n, []]));
  const rests = new Map<number, Span[]>(run.partners.map(({ n }) => [n, []]));
  const lastLookMs = new Map<number, number>();
  const last = new Map<number, number>();
  const rowsOf = new Map<number, number>();
  const watch = { rows: 0, sees: false };
  let stopped = false;

  const look = async () => {
    const { rows } = await run.stack.services.owner.pool.query<Record<string, unknown>>(LOOK);
    const nowMs = Date.now();
    for (const { n, connectionId } of run.partners) {
      const row = rows.find(({ id }) => id === connectionId);
      if (row === undefined) continue;
      rowsOf.set(n, Number(row['rows']));
      if (row['state'] !== 'active') rests.get(n)?.push({ fromMs: lastLookMs.get(n) ?? nowMs, toMs: nowMs });
      lastLookMs.set(n, nowMs);
      const polledAt = Date.parse(String(row['last_poll_at']));
      // A restored PostgreSQL shows an earlier poll, which is no advance.
      if (row['consecutive_failures'] !== 0 || Number.isNaN(polledAt) || polledAt <= (last.get(n) ?? 0)) continue;
      if (last.has(n)) advances.get(n)?.push(nowMs);
      last.set(n, polledAt);
    }
    watch.rows = [...rowsOf.values()].reduce((sum, each) => sum + each, 0);
  };
  const looking = (async () => {
    while (!stopped && !run.signal.aborted) {
      watch.sees = await look().then(
        () => true,
        () => false,
      );
      await delay(EVERY_MS);
    }
  })();
  return {
    advances,
    rests,
    get rows() {
      return watch.rows;
    },
    get sees() {
      return watch.sees;
    },
    async stop() {
      stopped = true;
      await looking;
    },
  };
}
