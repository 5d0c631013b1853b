// What whoever operates the product does with statements on the command line: every account with its billed sources for
// a month, freezing and revising. It looks at all accounts, so it takes the owner's database.
import { isMonth } from '../../domain/billing/month.js';
import { Problem } from '../../domain/failures/problem.js';
import { dueMonths, GRACE_HOURS } from '../../store/billing/freeze-due.repository.js';
import {
  findStatement,
  freezeStatement,
  reviseStatement,
  type StatementRow,
} from '../../store/billing/statement.repository.js';
import type { Database } from '../../store/database.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import { type Doer, operator } from '../http/request-facts.js';
import { type BilledAccount, createBilledAccounts } from './billed-accounts.service.js';

export interface OfMonth {
  readonly accountId: string;
  readonly month: string;
  /** For the audit log. */
  readonly by?: Doer;
}

export type OperatorReport = ReturnType<typeof createOperatorReport>;

export function createOperatorReport({ database, now }: { readonly database: Database; readonly now?: () => string }) {
  const billed = createBilledAccounts({ database, ...(now === undefined ? {} : { now }) });
  return {
    /** By name. An account whose calendar has not reached the month is left out. */
    async billedAccounts(month: string): Promise<BilledAccount[]> {
      checkMonth(month);
      const accounts = await database.kysely
        .selectFrom('accounts')
        .select(['id', 'name'])
        .orderBy('name')
        .orderBy('id')
        .execute();
      const found: BilledAccount[] = [];
      for (const account of accounts) {
        const one = await billed.find(account, month);
        if (one !== undefined) found.push(one);
      }
      return found;
    },

    /**
     * At once what the hourly schedule would do. Throws `illegal_state` while the month cannot be frozen, or is
     * already.
     */
    async freeze({ accountId, month, by = operator(accountId, AUTHOR) }: OfMonth): Promise<StatementRow> {
      checkMonth(month);
      const isDue = (await dueMonths(database, now?.())).some(
        (due) => due.accountId === accountId && due.month === month,
      );
      return withTenant(database, accountId, 'all', async (tenant) => {
        const isNew = isDue && (await freezeStatement(tenant, month));
        const frozen = await findStatement(tenant, month);
        if (frozen === undefined) throw new Problem('illegal_state', `${month} ${NOT_DUE}`);
        if (!isNew) throw new Problem('illegal_state', `${month} is frozen already, revision ${frozen.revision}`);
        await note(tenant, by, { action: 'statement.frozen', frozen });
        return frozen;
      });
    },

    /** A new revision of a frozen statement where the counts now say something else; null when they do not. */
    async revise({
      accountId,
      month,
      reason,
      by = operator(accountId, AUTHOR),
    }: OfMonth & { readonly reason: string }) {
      checkMonth(month);
      return withTenant(database, accountId, 'all', async (tenant) => {
        const revised = await reviseStatement(tenant, month, reason);
        if (revised !== null) await note(tenant, by, { action: 'statement.revised', frozen: revised, reason });
        return revised;
      });
    },
  };
}

const AUTHOR = 'operator';

const NOT_DUE = `cannot be frozen: nothing was read in it, or it ended less than ${GRACE_HOURS} hours ago by the account’s calendar`;

async function note(
  tenant: Tenant,
  by: Doer,
  of: { readonly action: string; readonly frozen: StatementRow; readonly reason?: string },
): Promise<void> {
  const { month, revision, total, contentSha256 } = of.frozen;
  const after = { revision, total, contentSha256, ...(of.reason === undefined ? {} : { reason: of.reason }) };
  await record(tenant, by, { action: of.action, subject: { type: 'statement', id: month }, after });
}

function checkMonth(month: string): void {
  if (!isMonth(month)) throw new Problem('invalid_input', 'month: must be a month such as 2026-01');
}
