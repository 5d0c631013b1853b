// Our own processes: killed at once, started again a moment later.
import type { PROCESS_KINDS } from '../kinds.js';
import type { Restartable } from '../restartable.js';
import { between, type Inject, lasting, type Run } from '../run.js';

/** `SIGQUIT` is PostgreSQL's immediate stop: sessions are torn, nothing is written, the next start recovers. */
const killed =
  (whichOf: (run: Run, n: number) => readonly Restartable[], signal: NodeJS.Signals): Inject =>
  (run, fault) => {
    const parts = whichOf(run, between(fault, 0, 0, run.stack.workers.length - 1));
    return lasting(run, {
      fault,
      partners: run.partners,
      begin: async () => void (await Promise.all(parts.map((part) => part.crash(signal)))),
      end: async () => void (await Promise.all(parts.map((part) => part.restart()))),
    });
  };

export const PROCESSES: Readonly<Record<(typeof PROCESS_KINDS)[number], Inject>> = {
  'worker-killed': killed(({ stack }, n) => stack.workers.slice(n, n + 1), 'SIGKILL'),
  'both-workers-killed': killed(({ stack }) => stack.workers, 'SIGKILL'),
  'api-killed': killed(({ stack }) => [stack.api], 'SIGKILL'),
  'postgres-stopped': killed(({ stack }) => [stack.postgres], 'SIGQUIT'),
  'temporal-killed': killed(({ stack }) => [stack.temporal], 'SIGKILL'),
};
