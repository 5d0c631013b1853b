// How the recurring work of a connection goes: what keeps failing, and what could not be read of the lists it reads.
import { sql } from 'kysely';
import type { Tenant } from '../tenant.js';

/** Rows of one list that could not be read, or not wholly. */
export interface UnreadableOfList {
  readonly endpoint: string;
  readonly left: number;
  readonly partly: number;
}

interface ChoreOf {
  readonly connectionId: string;
  /** The activity's name. */
  readonly chore: string;
}

/** Returns how often it has failed in a row. */
export async function countChoreFailure(tenant: Tenant, of: ChoreOf, code: string): Promise<number> {
  const row = await tenant.db
    .insertInto('choreHealth')
    .values({
      accountId: tenant.accountId,
      ...of,
      failures: 1,
      failureCode: code,
      failingSince: sql`now()`,
      unreadable: '[]',
    })
    .onConflict((conflict) =>
      conflict.columns(['accountId', 'connectionId', 'chore']).doUpdateSet({
        failures: sql`chore_health.failures + 1`,
        failureCode: code,
        failingSince: sql`coalesce(chore_health.failing_since, now())`,
      }),
    )
    .returning('failures')
    .executeTakeFirstOrThrow();
  return row.failures;
}

/** Returns whether anything is different now. */
export async function recordChoreDone(
  tenant: Tenant,
  of: ChoreOf,
  unreadable: readonly UnreadableOfList[],
): Promise<boolean> {
  const list = JSON.stringify(unreadable);
  const at = unreadable.length === 0 ? null : sql<string>`now()`;
  const healthy = { failures: 0, failureCode: null, failingSince: null, unreadable: list, unreadableAt: at };
  const before = await tenant.db
    .selectFrom('choreHealth')
    .select(['failures', 'unreadable'])
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', of.connectionId)
    .where('chore', '=', of.chore)
    .executeTakeFirst();
  const isSame = before === undefined ? at === null : before.failures === 0 && before.unreadable.length === 0;
  if (isSame && at === null) return false;
  await tenant.db
    .insertInto('choreHealth')
    .values({ accountId: tenant.accountId, ...of, ...healthy })
    .onConflict((conflict) => conflict.columns(['accountId', 'connectionId', 'chore']).doUpdateSet(healthy))
    .execute();
  return true;
}

export interface ChoreTrouble {
  readonly chore: string;
  readonly failures: number;
  readonly failureCode: string | null;
  readonly unreadable: readonly UnreadableOfList[];
  readonly unreadableAt: string | null;
}

/** Of the chores of a connection that have failed, or have not read everything. */
export function choreTroubles({ accountId, db }: Tenant, connectionId: string): Promise<ChoreTrouble[]> {
  return db
    .selectFrom('choreHealth')
    .select(['chore', 'failures', 'failureCode', 'unreadable', 'unreadableAt'])
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .orderBy('chore')
    .execute();
}
