// Keys of requests that create. A claim waits for another transaction's claim of the same key and then sees what it
// made.
import { sql } from 'kysely';
import type { Tenant } from '../tenant.js';

export interface IdempotencyClaim {
  readonly route: string;
  readonly key: string;
  readonly bodySha256: Buffer;
  readonly resourceId: string;
  readonly status: number;
}

const KEPT = sql<string>`now() - interval '24 hours'`;
// One claim adds a row and removes up to this many old ones, so the table cannot grow for ever and no claim takes long.
const REMOVED_AT_ONCE = 100;

/** Undefined when the key is this claim's now; else the claim that was there before. */
export async function claimIdempotencyKey(
  tenant: Tenant,
  claim: IdempotencyClaim,
): Promise<IdempotencyClaim | undefined> {
  await removeOld(tenant);
  const { accountId } = tenant;
  const claimed = await tenant.db
    .insertInto('idempotencyKeys')
    .values({ accountId, ...claim })
    .onConflict((conflict) =>
      conflict
        .columns(['accountId', 'route', 'key'])
        .doUpdateSet((eb) => ({
          bodySha256: eb.ref('excluded.bodySha256'),
          resourceId: eb.ref('excluded.resourceId'),
          status: eb.ref('excluded.status'),
          createdAt: eb.ref('excluded.createdAt'),
        }))
        .where('idempotencyKeys.createdAt', '<', KEPT),
    )
    .returning('key')
    .executeTakeFirst();
  if (claimed !== undefined) return undefined;
  return tenant.db
    .selectFrom('idempotencyKeys')
    .select(['route', 'key', 'bodySha256', 'resourceId', 'status'])
    .where('accountId', '=', accountId)
    .where('route', '=', claim.route)
    .where('key', '=', claim.key)
    .executeTakeFirstOrThrow();
}

/** Rows that another transaction is removing right now are left to it. */
async function removeOld({ accountId, db }: Tenant): Promise<void> {
  await sql`
    delete from idempotency_keys where account_id = ${accountId} and (route, key) in (
      select route, key from idempotency_keys
      where account_id = ${accountId} and created_at < ${KEPT}
      limit ${REMOVED_AT_ONCE} for update skip locked
    )`.execute(db);
}
