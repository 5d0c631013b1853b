// All accounts, page by page, for whoever operates the product: the only look beyond one account that the api's role has.
import { sql } from 'kysely';
import type { CreatedKey } from '../created-key.js';
import type { Database } from '../database.js';

export interface AccountName extends CreatedKey {
  readonly name: string;
}

/** Oldest first, those after `after`. */
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
