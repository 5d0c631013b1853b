// The account itself: what its admins may read and change of it.
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import type { Tenant } from '../tenant.js';

export interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly billingBasis: BillingBasis;
  readonly createdAt: string;
}

const account = ({ db, accountId }: Tenant) =>
  db.selectFrom('accounts').select(['id', 'name', 'timeZone', 'billingBasis', 'createdAt']).where('id', '=', accountId);

export const findAccount = (tenant: Tenant): Promise<AccountRow | undefined> => account(tenant).executeTakeFirst();

export const lockAccount = (tenant: Tenant): Promise<AccountRow | undefined> =>
  account(tenant).forUpdate().executeTakeFirst();

export async function updateAccount(
  { db, accountId }: Tenant,
  settings: Pick<AccountRow, 'name' | 'timeZone' | 'billingBasis'>,
): Promise<void> {
  await db.updateTable('accounts').set(settings).where('id', '=', accountId).execute();
}
