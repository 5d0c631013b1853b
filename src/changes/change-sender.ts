// Tells consoles what changed, at most once a second for an account, after the transaction that changed it. Nobody
// waits for it and nothing depends on it: a change that could not be told is seen when the console reads the next time.
import { type Changes, mergeChanges } from '../domain/changes.js';
import type { Logger } from '../log.js';
import { announceChanges } from '../store/change-channel.js';
import type { Database } from '../store/database.js';
import { createCoalescer } from './coalesce.js';

const EVERY_MS = 1_000;

export interface ChangeSender {
  send(changes: Changes): void;
  close(): void;
}

export function createChangeSender(deps: {
  readonly database: Database;
  readonly log: Pick<Logger, 'warn'>;
}): ChangeSender {
  const { database, log } = deps;
  const coalescer = createCoalescer<Changes>({
    everyMs: EVERY_MS,
    merge: mergeChanges,
    deliver: (accountId, changes) => {
      announceChanges(database, changes).catch(() => log.warn({ accountId }, 'consoles could not be told of a change'));
    },
  });
  return { send: (changes) => coalescer.add(changes.accountId, changes), close: () => coalescer.close() };
}
