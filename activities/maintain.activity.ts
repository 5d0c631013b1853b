// Keeps the store in shape, step by step: makes partitions ahead, drops what is older than the retention, removes what
// was never accepted and what has expired. A step that fails keeps no other from being done, and the run fails at the
// end.
import { ApplicationFailure } from '@temporalio/common';
import { storeFailure } from '../src/store/pg-errors.js';
import {
  deleteAbandonedConnections,
  deletePendingCredentials,
  destroyUnusedTokens,
} from '../src/store/upkeep/abandoned.repository.js';
import { dropExpiredPartitions } from '../src/store/upkeep/expired-partitions.js';
import { deleteExpired, deleteOldBackfills, EXPIRED_ROWS, type ExpiredKind } from '../src/store/upkeep/expired-rows.js';
import { ensurePartitionsAhead } from '../src/store/upkeep/partitions.js';
import { encryptTokensAnew } from '../src/store/upkeep/stored-tokens.repository.js';
import { describeError, isCancellation } from './attempt/failure.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

/** Returns how much it did. `look` throws once the attempt has been cancelled. */
type Step = (look: () => void) => Promise<number>;

export const maintain =
  (deps: Deps): Activities['maintain'] =>
  () =>
    withHeartbeat(async (signal) => {
      const done: Record<string, number> = {};
      const failed: string[] = [];
      const codes: string[] = [];
      const look = () => signal.throwIfAborted();
      for (const [name, step] of stepsOf(deps)) {
        try {
          look();
          done[name] = await step(look);
        } catch (error) {
          if (isCancellation(error)) throw error;
          failed.push(name);
          codes.push(storeFailure(error) ?? 'internal');
          deps.log.error({ step: name, ...describeError(error) }, 'a step of maintenance failed; it is tried again');
        }
      }
      if (Object.values(done).some((count) => count > 0)) deps.log.info(done, 'maintenance');
      const [type = null] = codes;
      if (type !== null) throw ApplicationFailure.create({ type, message: type, details: [{ done, failed }] });
      return { done, failed };
    });

function* stepsOf({ database, retention, cipher, log }: Deps): Generator<[string, Step]> {
  yield ['partitionsMade', () => ensurePartitionsAhead(database)];
  if (retention !== undefined) {
    const { eventDays, discardDays } = retention;
    const drop = (table: 'events' | 'discards', days: number) => (onPartition: () => void) =>
      dropExpiredPartitions(database, { table, days, onPartition });
    yield ['monthsOfEventsDropped', drop('events', eventDays)];
    yield ['monthsOfDiscardsDropped', drop('discards', discardDays)];
  }
  yield ['connections', (onEach) => deleteAbandonedConnections(database, { onEach })];
  yield ['tokensDestroyed', (onEach) => destroyUnusedTokens(database, { onEach })];
  const onUnreadable = (token: object) =>
    log.error(token, 'a token cannot be read, so it is not encrypted anew: is its key in ENCRYPTION_KEYS?');
  yield ['tokensEncryptedAnew', (onEach) => encryptTokensAnew(database, { cipher, onEach, onUnreadable })];
  yield ['credentials', (onEach) => deletePendingCredentials(database, { onEach })];
  const eventDays = retention?.eventDays ?? null;
  yield ['backfills', (onBatch) => deleteOldBackfills(database, { eventDays, onBatch })];
  for (const kind of Object.keys(EXPIRED_ROWS) as ExpiredKind[]) {
    yield [kind, (onBatch) => deleteExpired(database, kind, { eventDays, onBatch })];
  }
}
