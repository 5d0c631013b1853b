// Repairing connections at once, for whoever operates the product; a schedule does the same every two minutes. What was
// done is in the audit log of the connection's account.
import type { Repaired } from '../../domain/connection/repair.js';
import { Problem } from '../../domain/failures/problem.js';
import { accountOfConnection } from '../../store/connections/repair.repository.js';
import type { Database } from '../../store/database.js';
import { withTenant } from '../../store/tenant.js';
import type { RepairConnection } from '../../temporal/connection-repair.js';
import type { RepairAll, RepairReport } from '../../temporal/repair-all.js';
import { record } from '../audit/audit.service.js';
import { operator, type RequestFacts } from '../http/request-facts.js';

export interface RepairParts {
  readonly repair: RepairConnection;
  readonly repairAll: RepairAll;
}

/** What the audit log names. */
export interface RepairAuthor {
  readonly label: string;
  readonly facts: RequestFacts;
}

export type ConnectionRepairService = ReturnType<typeof createConnectionRepairService>;

export function createConnectionRepairService(parts: RepairParts & { readonly database: Database }) {
  const { database, repair, repairAll } = parts;
  const note = async ({ label, facts }: RepairAuthor, { accountId, connectionId: id, ...found }: Repaired) => {
    if (found.outcome === 'nothing' || found.outcome === 'failed') return;
    const { principal } = operator(accountId, label);
    const { workflow, outcome } = found;
    const entry = { action: 'connection.repaired', subject: { type: 'connection', id }, after: { workflow, outcome } };
    await withTenant(database, accountId, 'all', (tenant) => record(tenant, { principal, facts }, entry));
  };

  return {
    /** Throws `not_found`, or `temporal_unavailable` when nobody can say how the workflow is. */
    async one(author: RepairAuthor, connectionId: string): Promise<Repaired> {
      const accountId = await accountOfConnection(database, connectionId);
      const repaired = accountId === null ? undefined : await repair({ accountId, connectionId });
      if (repaired === undefined) throw new Problem('not_found', 'no such connection');
      await note(author, repaired);
      return repaired;
    },

    /** One that fails is among the items with its code, and keeps no other from being repaired. */
    async all(author: RepairAuthor): Promise<Omit<RepairReport, 'compared'>> {
      const { compared: _compared, ...report } = await repairAll();
      for (const item of report.items) await note(author, item);
      return report;
    },
  };
}
