// What bootstrap remembers of what it made. Only the owner reads and writes it.
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../schema/schema.js';
import type { Tenant } from '../tenant.js';

/** The account that bootstrap has made under this name, whatever its people call it now. */
export async function findBootstrappedAccount(db: Kysely<Schema>, name: string): Promise<string | undefined> {
  const found = await db
    .selectFrom('bootstrappedAccounts')
    .select('accountId')
    .where('name', '=', name)
    .executeTakeFirst();
  return found?.accountId;
}

export async function insertBootstrappedAccount(
  db: Transaction<Schema>,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  await db.insertInto('accounts').values({ id, name }).execute();
  await db.insertInto('bootstrappedAccounts').values({ name, accountId: id }).execute();
}

/** False when it was noted before: then this admin was made once, and whoever is not there any more was removed. */
export async function noteBootstrappedAdmin({ db, accountId }: Tenant, email: string): Promise<boolean> {
  const noted = await db
    .insertInto('bootstrappedAdmins')
    .values({ accountId, email })
    .onConflict((conflict) => conflict.doNothing())
    .returning('email')
    .executeTakeFirst();
  return noted !== undefined;
}
