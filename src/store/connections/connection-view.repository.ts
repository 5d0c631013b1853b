// A connection with everything that a person looks at beside it: its token's dates, its watermark, its sites. One
// statement for lists and for one, so that the two never show different things.
import { sql } from 'kysely';
import { NEVER_ACCEPTED } from '../../domain/connection/connection-state.js';
import { LIVE_SLICE } from '../collecting/checkpoint.repository.js';
import type { CreatedKey } from '../schema/column-types.js';
import type { Tenant } from '../tenant.js';
import type { ConnectionRow } from './connection.repository.js';

export interface ConnectionViewRow extends ConnectionRow {
  readonly tokenExpiresAt: string | null;
  readonly tokenLastFour: string | null;
  readonly watermark: string | null;
  /** Whole seconds by the console's clock; null before the first chain of pages has ended. */
  readonly lagSeconds: number | null;
  readonly sites: number;
  readonly mappedSites: number;
}

export function findConnectionView(tenant: Tenant, connectionId: string): Promise<ConnectionViewRow | undefined> {
  return views(tenant).where('connections.id', '=', connectionId).executeTakeFirst();
}

/** Oldest first; connections that were never accepted are not listed. */
export function listConnectionViews(
  tenant: Tenant,
  page: { readonly after: CreatedKey | null; readonly limit: number },
): Promise<ConnectionViewRow[]> {
  let query = views(tenant).where('connections.state', 'not in', NEVER_ACCEPTED);
  if (page.after !== null) {
    const { createdAt, id } = page.after;
    query = query.where(
      sql<boolean>`(connections.created_at, connections.id) > (${createdAt}::timestamptz, ${id}::uuid)`,
    );
  }
  return query.orderBy('connections.createdAt').orderBy('connections.id').limit(page.limit).execute();
}

function views({ accountId, db }: Tenant) {
  return db
    .selectFrom('connections')
    .leftJoin('credentials', (join) =>
      join
        .onRef('credentials.accountId', '=', 'connections.accountId')
        .onRef('credentials.id', '=', 'connections.credentialId'),
    )
    .leftJoin('checkpoints', (join) =>
      join
        .onRef('checkpoints.accountId', '=', 'connections.accountId')
        .onRef('checkpoints.connectionId', '=', 'connections.id')
        .on('checkpoints.kind', '=', 'live')
        .on('checkpoints.slice', '=', LIVE_SLICE),
    )
    .selectAll('connections')
    .select(['credentials.expiresAt as tokenExpiresAt', 'credentials.lastFour as tokenLastFour'])
    .select('checkpoints.watermark')
    .select(
      // `greatest` alone would make nothing of null.
      sql<number | null>`case when connections.collected_through is not null then greatest(0, floor(extract(epoch from
        now() + connections.console_ahead_ms * interval '1 millisecond' - connections.collected_through))) end::float8`.as(
        'lagSeconds',
      ),
    )
    .select(
      sql<number>`(select count(*) from sites where sites.account_id = connections.account_id
        and sites.connection_id = connections.id and sites.state <> 'deleted')`.as('sites'),
    )
    .select(
      sql<number>`(select count(*) from site_mappings mapping where mapping.account_id = connections.account_id
        and mapping.connection_id = connections.id)`.as('mappedSites'),
    )
    .where('connections.accountId', '=', accountId);
}
