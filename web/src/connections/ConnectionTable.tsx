import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Schema } from '../api/client.js';
import { type Column, DataTable, type PagedQuery } from '../blocks/DataTable.js';
import { StatusWord } from '../blocks/StatusWord.js';
import { Time } from '../blocks/Time.js';
import { duration, number } from '../words.js';
import classes from './ConnectionTable.module.css';
import { standingOf, type Status } from './status.js';
import { TokenDays } from './TokenDays.js';

type Connection = Schema['Connection'];

const COLUMNS: readonly Column<Connection>[] = [
  { title: 'Connection', cell: Named, width: '24%' },
  { title: 'Status and reason', cell: StatusAndReason, width: '24%' },
  { title: 'Last event', cell: ({ watermark }) => <Time at={watermark} withAgo />, width: '13%', minor: true },
  { title: 'Lag', cell: ({ lagSeconds }) => (lagSeconds === null ? '–' : duration(lagSeconds)), align: 'right' },
  { title: 'Sites mapped', cell: SitesMapped, align: 'right', width: '120px' },
  { title: 'Events', cell: ({ counts }) => number(counts.stored), align: 'right', minor: true },
  { title: 'Token', cell: (connection) => <TokenDays connection={connection} />, align: 'right', width: '13%' },
];

function Named({ id, name, consoleUrl }: Connection) {
  return (
    <>
      <Link to="/sources/sentinelone/$connectionId" params={{ connectionId: id }} className={classes.name}>
        {name}
      </Link>
      <span className={classes.host}>{new URL(consoleUrl).host}</span>
    </>
  );
}

function StatusAndReason(connection: Connection) {
  const { status, reason } = standingOf(connection);
  return (
    <>
      <StatusWord status={status} />
      <span className={classes.reason}>{reason}</span>
    </>
  );
}

function SitesMapped({ counts }: Connection) {
  return (
    <>
      {number(counts.mappedSites)} <span className={classes.of}>of {number(counts.sites)}</span>
    </>
  );
}

export interface ConnectionTableProps {
  readonly query: PagedQuery<Connection>;
  readonly status?: Status | undefined;
  readonly empty: ReactNode;
}

export function ConnectionTable({ query, status, empty }: ConnectionTableProps) {
  const filter = status === undefined ? undefined : (each: Connection) => standingOf(each).status === status;
  return (
    <DataTable
      label="Connections"
      query={query}
      columns={COLUMNS}
      idOf={({ id }) => id}
      empty={empty}
      {...(filter !== undefined && { filter })}
    />
  );
}
