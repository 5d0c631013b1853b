// Mapped log sources, from a view that names the tenant and the scope itself.
import { type Selectable, sql } from 'kysely';
import type { LogSourcesView } from '../schema/connections.js';
import type { Tenant } from '../tenant.js';

export type LogSourceRow = Selectable<LogSourcesView>;

export interface LogSourcePlace {
  readonly name: string;
  readonly connectionId: string;
  readonly siteId: string;
}

export interface LogSourcePage {
  readonly organizationId?: string | undefined;
  readonly after: LogSourcePlace | null;
  readonly limit: number;
}

const byName = sql<string>`coalesce(site_name, '')`;

/** By the site's name. */
export function listLogSources({ accountId, db }: Tenant, page: LogSourcePage): Promise<LogSourceRow[]> {
  let query = db.selectFrom('logSources').selectAll().where('accountId', '=', accountId);
  if (page.organizationId !== undefined) query = query.where('organizationId', '=', page.organizationId);
  if (page.after !== null) {
    const { name, connectionId, siteId } = page.after;
    query = query.where(
      sql<boolean>`(${byName}, connection_id, site_id) > (${name}, ${connectionId}::uuid, ${siteId})`,
    );
  }
  return query.orderBy(byName).orderBy('connectionId').orderBy('siteId').limit(page.limit).execute();
}
