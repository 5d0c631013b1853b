// License counts as they were read: by day, site and owning organization, with the days that were not read.
import { firstDayOf, monthOf } from '../../domain/billing/month.js';
import { Problem } from '../../domain/failures/problem.js';
import { billingDay } from '../../store/billing/billing-settings.repository.js';
import { listLicenseCounts } from '../../store/billing/license-count-list.repository.js';
import type { Database } from '../../store/database.js';
import { withTenant } from '../../store/tenant.js';
import { decodePageToken, pageOf } from '../http/list.dto.js';
import type { Scope } from '../http/request-facts.js';
import type { LicenseCountQuery } from './license-count.dto.js';

export type LicenseCountService = ReturnType<typeof createLicenseCountService>;

export function createLicenseCountService({ database }: { readonly database: Database }) {
  return {
    /** In order of day, connection and site. */
    list: ({ accountId, organizationIds }: Scope, { pageToken, limit, ...query }: LicenseCountQuery) =>
      withTenant(database, accountId, organizationIds, async (tenant) => {
        const to = query.to ?? (await billingDay(tenant));
        const from = query.from ?? firstDayOf(monthOf(to));
        checkRange(from, to);
        const after = keyOf(pageToken);
        const rows = await listLicenseCounts(tenant, { ...query, from, to, after, limit: limit + 1 });
        return pageOf(rows, limit, (row) => [row.day, row.connectionId, row.siteId, row.organizationId ?? '']);
      }),
  };
}

/** A year, also a leap year. */
const MAX_DAYS = 366;
const DAY_MS = 24 * 3600_000;

function checkRange(from: string, to: string): void {
  if (from > to) throw new Problem('invalid_input', `from: ${from} is after ${to}`);
  // Both as if at midnight UTC, where every day is as long as the next.
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days > MAX_DAYS) throw new Problem('invalid_input', `to: ask for ${MAX_DAYS} days at most`);
}

const DAY = /^[1-9]\d{3}-\d{2}-\d{2}$/;

function keyOf(pageToken: string | undefined): [string, string, string, string] | null {
  const key = decodePageToken(pageToken, ['text', 'uuid', 'text', 'text']);
  if (key === null) return null;
  const [day = '', connectionId = '', siteId = '', organizationId = ''] = key;
  if (organizationId !== '') decodePageToken(pageToken, ['text', 'uuid', 'text', 'uuid']);
  if (!DAY.test(day) || Number.isNaN(Date.parse(day)) || new Date(day).toISOString().slice(0, 10) !== day) {
    throw new Problem('invalid_input', 'pageToken: use the nextPageToken of the page before');
  }
  return [day, connectionId, siteId, organizationId];
}
