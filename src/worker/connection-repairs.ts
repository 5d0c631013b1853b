// How a worker repairs connections: as the owner of the tables, which sees every account, and saying what it did.
import type { Client } from '@temporalio/client';
import type { RepairConnections } from '../../activities/deps.js';
import type { Logger } from '../log.js';
import { connectionsOfAll } from '../store/connections/repair.repository.js';
import type { Database } from '../store/database.js';
import { createConnectionRepair } from '../temporal/connection-repair.js';
import { createRepairAll, failureCode } from '../temporal/repair-all.js';

export interface ConnectionRepairsDeps {
  /** The owner's. */
  readonly database: Database;
  readonly temporal: Client;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Where connections run; tests use queues of their own. */
  readonly taskQueue?: string;
}

export function createConnectionRepairs({
  database,
  temporal,
  log,
  taskQueue,
}: ConnectionRepairsDeps): RepairConnections {
  const repair = createConnectionRepair({ database, temporal, ...(taskQueue === undefined ? {} : { taskQueue }) });
  const repairAll = createRepairAll({
    temporal,
    repair,
    connections: () => connectionsOfAll(database),
    onFailure: ({ accountId, connectionId }, error) =>
      log.warn({ accountId, connectionId, code: failureCode(error) }, 'a connection could not be repaired this time'),
  });
  return async (options) => {
    const report = await repairAll(options);
    for (const { accountId, connectionId, workflow, outcome } of report.items) {
      if (outcome === 'nothing' || outcome === 'failed') continue;
      log.warn({ accountId, connectionId, workflow, outcome }, 'a connection’s workflow was gone');
    }
    return report;
  };
}
