// Mapped log sources, as the SIEM's source list shows them.
import { listLogSources, type LogSourceRow } from '../../store/connections/log-source.repository.js';
import type { Database } from '../../store/database.js';
import { withTenant } from '../../store/tenant.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Scope } from '../http/request-facts.js';
import type { LogSourceView } from './log-source.dto.js';

export type LogSourceService = ReturnType<typeof createLogSourceService>;

export function createLogSourceService({ database }: { readonly database: Database }) {
  return {
    list: (scope: Scope, { pageToken, limit, organizationId }: PageQuery & { organizationId?: string | undefined }) =>
      withTenant(database, scope.accountId, scope.organizationIds, async (tenant) => {
        const key = decodePageToken(pageToken, ['text', 'uuid', 'text']);
        const after = key === null ? null : { name: key[0] ?? '', connectionId: key[1] ?? '', siteId: key[2] ?? '' };
        const rows = await listLogSources(tenant, { organizationId, after, limit: limit + 1 });
        const page = pageOf(rows, limit, (row) => [row.siteName ?? '', row.connectionId, row.siteId]);
        return { ...page, items: page.items.map((row) => view(row, scope)) };
      }),
  };
}

const view = (row: LogSourceRow, { organizationIds }: Scope): LogSourceView => ({
  siteId: row.siteId,
  siteName: row.siteName,
  siteState: row.siteState,
  collectionMethod: 'API',
  eventProvider: 'Syslog-SentinelOne',
  organization: { id: row.organizationId, name: row.organizationName },
  connection: organizationIds === 'all' ? { id: row.connectionId, name: row.connectionName } : null,
  state: row.connectionState as LogSourceView['state'], // the view leaves the others out
  licenseCount: row.activeLicenses,
  eventCount: row.storedCount,
  lastEventAt: row.lastEventAt,
});
