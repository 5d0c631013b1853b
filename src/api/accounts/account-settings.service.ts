// What an account's own admins read and change of it.
import { Problem } from '../../domain/failures/problem.js';
import {
  billingMonth,
  changeBillingSettings,
  newestBegunMonth,
} from '../../store/billing/billing-settings.repository.js';
import type { Database } from '../../store/database.js';
import { type AccountRow, findAccount, lockAccount, updateAccount } from '../../store/people/account.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import type { Doer, Scope } from '../http/request-facts.js';
import type { ChangeAccount } from './account.dto.js';

export type AccountSettingsService = ReturnType<typeof createAccountSettingsService>;

export function createAccountSettingsService({
  database,
  now,
}: {
  readonly database: Database;
  /** An instant, for tests of the ends of months; by default PostgreSQL's own. */
  readonly now?: () => string;
}) {
  return {
    find: ({ accountId, organizationIds }: Scope): Promise<AccountRow> =>
      withTenant(database, accountId, organizationIds, async (tenant) => (await findAccount(tenant)) ?? missing()),

    change: ({ principal, facts }: Doer, change: ChangeAccount): Promise<AccountRow> =>
      withTenant(database, principal.accountId, principal.organizationIds, async (tenant) => {
        const account = (await lockAccount(tenant)) ?? missing();
        const before = settingsOf(account);
        const after = { ...before, ...withoutUndefined(change) };
        if (JSON.stringify(after) === JSON.stringify(before)) return account;
        await changeBilling(tenant, { before, after, at: now?.() });
        await updateAccount(tenant, after);
        const subject = { type: 'account', id: account.id };
        await record(tenant, { principal, facts }, { action: 'account.changed', subject, before, after });
        return { ...account, ...after };
      }),
  };
}

const settingsOf = ({ name, timeZone, billingBasis }: AccountRow) => ({ name, timeZone, billingBasis });

/** What has been counted this month keeps its calendar and its rule. */
async function changeBilling(
  tenant: Tenant,
  { before, after, at }: { readonly before: Settings; readonly after: Settings; readonly at: string | undefined },
): Promise<void> {
  const { billingBasis, timeZone } = after;
  if (billingBasis === before.billingBasis && timeZone === before.timeZone) return;
  const change = {
    ...(billingBasis !== before.billingBasis && { basis: billingBasis }),
    ...(timeZone !== before.timeZone && { timeZone }),
  };
  // Without another zone it is the zone in force that counts, not one that was asked for and is still to come.
  const begun = timeZone === before.timeZone ? billingMonth(tenant, at) : newestBegunMonth(tenant, timeZone, at);
  await changeBillingSettings(tenant, change, await begun);
}

type Settings = ReturnType<typeof settingsOf>;

type Defined<T> = { [Field in keyof T]?: Exclude<T[Field], undefined> };

const withoutUndefined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;

const missing = (): never => {
  throw new Problem('not_found', 'no such account');
};
