// Whom a session waits for. PostgreSQL can say so only while it waits, so somebody has to look from beside it.
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

export interface LockHolder {
  readonly pid: number;
  readonly application: string;
  /** As in pg_stat_activity; null when the migrating role may not see it. */
  readonly state: string | null;
  readonly transactionSeconds: number | null;
}

/** Enough to act on; behind them there may be a queue. */
const MOST = 5;

const HOLDERS = `
  select pid, application_name as application, state,
         extract(epoch from clock_timestamp() - xact_start)::int as "transactionSeconds"
    from pg_stat_activity where pid = any(pg_blocking_pids($1)) order by xact_start limit ${MOST}`;

/**
 * Looks every `everyMs` whom `pid` waits for, until stopped; `stop` returns those seen last. Only this may use
 * `session` meanwhile. That it breaks is for its owner to notice.
 */
export function watchLockHolders(
  session: pg.Client,
  watch: {
    readonly pid: number;
    readonly everyMs: number;
    readonly onSeen: (holders: readonly LockHolder[]) => void;
  },
): { stop(): Promise<readonly LockHolder[]> } {
  const stopping = new AbortController();
  let last: readonly LockHolder[] = [];
  const look = async () => {
    const { rows } = await session.query<LockHolder>(HOLDERS, [watch.pid]);
    if (rows.length === 0) return;
    last = rows;
    watch.onSeen(rows);
  };
  const watching = (async () => {
    for (;;) {
      await delay(watch.everyMs, undefined, { signal: stopping.signal });
      await look();
    }
  })().catch(() => undefined);
  return {
    async stop() {
      stopping.abort();
      await watching;
      return last;
    },
  };
}

/** `psql (process 812, idle in transaction for 340 s)`, one after the other. */
export const describeHolders = (holders: readonly LockHolder[]): string =>
  holders.length === 0 ? 'somebody who was not seen' : holders.map(describe).join(', ');

function describe({ pid, application, state, transactionSeconds }: LockHolder): string {
  const since = transactionSeconds === null ? '' : ` for ${transactionSeconds} s`;
  const doing = state === null ? '' : `, ${state}${since}`;
  return `${application === '' ? 'a program without a name' : application} (process ${pid}${doing})`;
}
