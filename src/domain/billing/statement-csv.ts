// A statement as CSV: a row for each organization, under it one for each of its sites, then the sites that are not
// billed, then the total. `billed_sources` is filled for organizations and the total.
import { csvLine, type CsvValue } from './csv.js';
import type { StatementContent, StatementSite } from './statement.js';

const HEADER = [
  'type',
  'month',
  'basis',
  'time_zone',
  'organization',
  'external_key',
  'organization_id',
  'billed_sources',
  'connection',
  'site',
  'site_id',
  'site_sources',
  'counted_on',
  'days_read',
  'missing_days',
  'flags',
] as const;

type Column = (typeof HEADER)[number];
type Row = Partial<Record<Column, CsvValue>>;

export function statementCsv(content: StatementContent): string {
  const { month, basis, timeZone, organizations, unmapped, total } = content;
  const rows: Row[] = [
    ...organizations.flatMap(({ organizationName, externalKey, organizationId, sources, peakDay, flags, sites }) => {
      const of = { organization: organizationName, external_key: externalKey, organization_id: organizationId };
      return [
        { type: 'organization', ...of, billed_sources: sources, counted_on: peakDay, flags: flags.join('; ') },
        ...sites.map((site) => ({ type: 'site', ...of, ...siteRow(site) })),
      ];
    }),
    ...unmapped.sites.map((site) => ({ type: 'unmapped', ...siteRow(site) })),
    { type: 'total', billed_sources: total },
  ];
  const lines = rows.map((row): Row => ({ ...row, month, basis, time_zone: timeZone }));
  return [csvLine(HEADER), ...lines.map((row) => csvLine(HEADER.map((column) => row[column])))].join('');
}

const siteRow = ({ connectionName, siteName, siteId, counted, days, missingDays, flags }: StatementSite): Row => ({
  connection: connectionName,
  site: siteName,
  site_id: siteId,
  site_sources: counted.sources ?? `${counted.sum}/${counted.divisor}`,
  counted_on: counted.day,
  days_read: days.length,
  missing_days: missingDays.join(' '),
  flags: flags.join('; '),
});
