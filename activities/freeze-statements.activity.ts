// Freezes every month that is over and not frozen yet. One account that fails keeps no other from being frozen.
import { Context } from '@temporalio/activity';
import { type DueMonth, dueMonths } from '../src/store/billing/freeze-due.repository.js';
import { freezeStatement } from '../src/store/billing/statement.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { applicationFailure, describeError } from './attempt/failure.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const freezeStatements =
  (deps: Deps): Activities['freezeStatements'] =>
  async () => {
    let [frozen, failed] = [0, 0];
    for (const due of await dueMonths(deps.database)) {
      Context.current().cancellationSignal.throwIfAborted();
      Context.current().heartbeat();
      const result = await freeze(deps, due);
      if (result === 'frozen') frozen += 1;
      if (result === 'failed') failed += 1;
    }
    if (failed > 0) throw applicationFailure('internal');
    return { frozen };
  };

async function freeze(deps: Deps, { accountId, month }: DueMonth): Promise<'frozen' | 'there already' | 'failed'> {
  try {
    const isNew = await withTenant(deps.database, accountId, 'all', (tenant) => freezeStatement(tenant, month));
    if (isNew) deps.log.info({ accountId, month }, 'a statement was frozen');
    return isNew ? 'frozen' : 'there already';
  } catch (error) {
    deps.log.error({ accountId, month, ...describeError(error) }, 'a statement could not be frozen; it is tried again');
    return 'failed';
  }
}
