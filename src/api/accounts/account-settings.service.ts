// What an account's own admins read and change of it.
import { Problem } from '../../domain/failures/problem.js';
import { changeBillingSettings, newestBegunMonth } from '../../store/billing/billing-settings.repository.js';
import type { Database } from '../../store/database.js';
import { type AccountRow, findAccount, lockAccount, updateAccount } from '../../store/people/account.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import type { Doer, Scope } from '../http/request-facts.js';
import type { ChangeAccount } from './account.dto.js';

export type AccountSettingsService = ReturnType<typeof createAccountSettingsService>;

export function createAccountSettingsService({ database }: { readonly database: Database }) {
  return {
    find: ({ accountId, organizationIds }: Scope): Promise<AccountRow> =>
      withTenant(database, accountId, organizationIds, async (tenant) => (await findAccount(tenant)) ?? missing()),

    change: ({ principal, facts }: Doer, change: ChangeAccount): Promise<AccountRow> =>
      withTenant(database, principal.accountId, principal.organizationIds, async (tenant) => {
        const account = (await lockAccount(tenant)) ?? missing();
        const before = settingsOf(account);
        const after = { ...before, ...withoutUndefined(change) };
        if (JSON.stringify(after) === JSON.stringify(before)) return account;
        await changeBilling(tenant, before, after);
        await updateAccount(tenant, after);
        const subject = { type: 'account', id: account.id };
        await record(tenant, { principal, facts }, { action: 'account.changed', subject, before, after });
        return { ...account, ...after };
      }),
  };
}

const settingsOf = ({ name, timeZone, billingBasis }: AccountRow) => ({ name, timeZone, billingBasis });

/** What has been counted this month keeps its calendar and its rule. */
async function changeBilling(tenant: Tenant, before: Settings, { billingBasis, timeZone }: Settings): Promise<void> {
  if (billingBasis === before.billingBasis && timeZone === before.timeZone) return;
  const change = {
    ...(billingBasis !== before.billingBasis && { basis: billingBasis }),
    ...(timeZone !== before.timeZone && { timeZone }),
  };
  await changeBillingSettings(tenant, change, await newestBegunMonth(tenant, timeZone));
}

type Settings = ReturnType<typeof settingsOf>;

type Defined<T> = { [Field in keyof T]?: Exclude<T[Field], undefined> };

const withoutUndefined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;

const missing = (): never => {
  throw new Problem('not_found', 'no such account');
};
