// A list: query, columns, empty states. A real table above the phone's width, cards below it.
import { Button, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './DataTable.module.css';
import { Failed, LoadingRows } from './states.js';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers and times of a clock stand at the right. */
  readonly align?: 'right';
  /** Of the table's width, as CSS writes it. */
  readonly width?: string;
  /** Where it is too narrow for all, this one goes first. */
  readonly minor?: boolean;
}

/** What is needed of a query over pages. */
export interface PagedQuery<Row> {
  readonly data: { readonly pages: readonly { readonly items: readonly Row[] }[] } | undefined;
  readonly error: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): unknown;
  refetch(): unknown;
}

export interface DataTableProps<Row> {
  /** What the rows are, for whoever does not see the table. */
  readonly label: string;
  readonly query: PagedQuery<Row>;
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  /** Shown when there is none: never had any, or nothing matches. */
  readonly empty: ReactNode;
  /** Of the rows that were read; the server filters what there may be thousands of. */
  readonly filter?: (row: Row) => boolean;
}

export function DataTable<Row>({ label, query, columns, idOf, empty, filter }: DataTableProps<Row>) {
  if (query.data === undefined) {
    if (query.error === null || query.error === undefined) return <LoadingRows />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const all = query.data.pages.flatMap((page) => page.items);
  const rows = filter === undefined ? all : all.filter(filter);
  if (rows.length === 0 && !query.hasNextPage) return empty;
  return (
    <>
      <div className={classes.scroller} tabIndex={0} role="region" aria-label={label}>
        <Table className={classes.table} highlightOnHover layout="fixed">
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ title, align, width, minor }) => (
                <Table.Th key={title} ta={align} w={width} className={minor ? classes.minor : undefined} scope="col">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={idOf(row)}>
                {columns.map(({ title, cell, align, minor }) => (
                  <Table.Td key={title} ta={align} data-label={title} className={minor ? classes.minor : undefined}>
                    {cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {query.hasNextPage && (
        <div className={classes.pager}>
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
