// The account itself: what its admins may read and change of it, and the list of all for whoever operates the product.
import { sql } from 'kysely';
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import type { Database } from '../database.js';
import type { CreatedKey } from '../schema/column-types.js';
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

export interface AccountName extends CreatedKey {
  readonly name: string;
}

/** Oldest first, those after `after`: the only look beyond one account that the api's role has. */
export async function listAccountsAfter(
  { kysely }: Database,
  { after, limit }: { readonly after: CreatedKey | null; readonly limit: number },
): Promise<AccountName[]> {
  const { rows } = await sql<AccountName>`
    select id, name, created_at
      from accounts_after(${after?.createdAt ?? null}::timestamptz, ${after?.id ?? null}::uuid, ${limit}::integer)
     order by created_at, id`.execute(kysely);
  return rows;
}
