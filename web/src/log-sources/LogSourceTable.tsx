import { Link } from '@tanstack/react-router';
import type { Schema } from '../api/client.js';
import { type Column, DataTable, type PagedQuery } from '../blocks/DataTable.js';
import { Empty } from '../blocks/states.js';
import { Time } from '../blocks/Time.js';
import { number } from '../words.js';

type LogSource = Schema['LogSource'];

const COLUMNS: readonly Column<LogSource>[] = [
  {
    title: 'Log source',
    cell: ({ siteName, siteId }) => <span style={{ fontWeight: 500 }}>{siteName ?? siteId}</span>,
    width: '28%',
  },
  { title: 'Organization', cell: ({ organization }) => organization.name, width: '24%' },
  { title: 'Connection', cell: ConnectionName, minor: true },
  {
    title: 'License Count',
    cell: ({ licenseCount }) => (licenseCount === null ? '–' : number(licenseCount)),
    align: 'right',
  },
  { title: 'Events', cell: ({ eventCount }) => number(eventCount), align: 'right' },
  { title: 'Last event', cell: ({ lastEventAt }) => <Time at={lastEventAt} />, align: 'right' },
];

function ConnectionName({ connection }: LogSource) {
  if (connection === null) return '–';
  return (
    <Link to="/sources/sentinelone/$connectionId" params={{ connectionId: connection.id }}>
      {connection.name}
    </Link>
  );
}

export function LogSourceTable({ query }: { readonly query: PagedQuery<LogSource> }) {
  return (
    <DataTable
      label="Mapped log sources"
      query={query}
      columns={COLUMNS}
      idOf={({ siteId, organization, connection }) => `${connection?.id ?? ''} ${siteId} ${organization.id}`}
      empty={<Empty title="No site is mapped yet">A log source appears here as soon as a site is mapped.</Empty>}
    />
  );
}
