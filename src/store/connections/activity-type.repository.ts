// SentinelOne's own names of activity types, from `/activities/types`. The list is one console's, so it is kept by
// connection.
import { sql } from 'kysely';
import { actionName, type TypeNames } from '../../domain/ecs/activity-types.js';
import type { Tenant } from '../tenant.js';

export interface ActivityTypeName {
  readonly activityType: number;
  readonly name: string;
}

export async function saveActivityTypes(
  tenant: Tenant,
  connectionId: string,
  types: readonly ActivityTypeName[],
): Promise<void> {
  // The console's list is not promised to name a type once, and one statement may touch a row once.
  const once = [...new Map(types.map((type) => [type.activityType, type])).values()];
  if (once.length === 0) return;
  await tenant.db
    .insertInto('activityTypes')
    .values(once.map((type) => ({ accountId: tenant.accountId, connectionId, ...type })))
    .onConflict((conflict) =>
      conflict
        .columns(['accountId', 'connectionId', 'activityType'])
        .doUpdateSet((row) => ({ name: row.ref('excluded.name'), fetchedAt: sql`now()` })),
    )
    .execute();
}

/** The names as event actions, ready for normalisation. */
export async function readTypeNames(tenant: Tenant, connectionId: string): Promise<TypeNames> {
  const rows = await tenant.db
    .selectFrom('activityTypes')
    .select(['activityType', 'name'])
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .execute();
  return new Map(rows.map((row) => [row.activityType, actionName(row.name)]));
}

/** Hours since the list was fetched; null when it never was. */
export async function activityTypesAgeHours(tenant: Tenant, connectionId: string): Promise<number | null> {
  const { rows } = await sql<{ hours: number | null }>`
    select extract(epoch from now() - max(fetched_at))::float8 / 3600 as hours from activity_types
     where account_id = ${tenant.accountId} and connection_id = ${connectionId}`.execute(tenant.db);
  return rows[0]?.hours ?? null;
}
