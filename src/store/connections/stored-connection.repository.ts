// What the store holds of a connection that its workflow goes by. State and credential are read by one statement: at
// different moments they could be from before a rotation and from after it.
import { sql } from 'kysely';
import type { StoredConnection } from '../../domain/connection/stored-connection.js';
import { hasUnfinishedBackfill } from '../collecting/backfill.repository.js';
import type { Tenant } from '../tenant.js';
import { countSites } from './site.repository.js';

const MS_A_SECOND = 1_000;

/** Undefined when the connection has no row. */
export async function readStoredConnection(
  tenant: Tenant,
  connectionId: string,
): Promise<StoredConnection | undefined> {
  const row = await tenant.db
    .selectFrom('connections')
    .leftJoin('credentials', (join) =>
      join
        .onRef('credentials.accountId', '=', 'connections.accountId')
        .onRef('credentials.id', '=', 'connections.credentialId'),
    )
    .select(['connections.state', 'connections.pauseReasons', 'connections.stateSeq', 'connections.stateCause'])
    .select(['connections.credentialId', 'connections.mappingVersion', 'connections.pollIntervalSeconds'])
    .select('credentials.expiresAt as tokenExpiresAt')
    .select(wasMapped.as('wasMapped'))
    .where('connections.accountId', '=', tenant.accountId)
    .where('connections.id', '=', connectionId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { stateCause, pollIntervalSeconds, ...stored } = row;
  return {
    ...stored,
    cause: stateCause ?? 'created',
    sites: await countSites(tenant, connectionId),
    backfillQueued: await hasUnfinishedBackfill(tenant, connectionId),
    pollIntervalMs: pollIntervalSeconds * MS_A_SECOND,
  };
}

const wasMapped = sql<boolean>`exists (
  select from mapping_history
   where mapping_history.account_id = connections.account_id and mapping_history.connection_id = connections.id
     and site_id is not null and organization_id is not null)`;
