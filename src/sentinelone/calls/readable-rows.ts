// Lists are read row by row: one odd row costs itself and never the list. What cannot be read of a row is missing for
// that row; a row without what it must have (its id) is left out. Both are counted, so that somebody can be told.
import type { z } from 'zod';
import type { EndpointName } from '../endpoints.js';

/** Of one list, since the session began. */
export interface UnreadableRows {
  readonly endpoint: EndpointName;
  /** Rows that were left out. */
  readonly left: number;
  /** Rows that were taken without what could not be read of them. */
  readonly partly: number;
}

export interface RowReader {
  read<T>(endpoint: EndpointName, shape: z.ZodType<T>, rows: readonly unknown[]): T[];
  /** Of every list of which something could not be read. */
  unreadable(): readonly UnreadableRows[];
}

export function createRowReader(): RowReader {
  const tallies = new Map<EndpointName, { left: number; partly: number }>();
  const tallyOf = (endpoint: EndpointName) => {
    const tally = tallies.get(endpoint) ?? { left: 0, partly: 0 };
    tallies.set(endpoint, tally);
    return tally;
  };
  return {
    read: (endpoint, shape, rows) =>
      rows.flatMap((row) => {
        const result = readRow(shape, row);
        if (!result.isWhole) tallyOf(endpoint)[result.row === null ? 'left' : 'partly'] += 1;
        return result.row === null ? [] : [result.row.value];
      }),
    unreadable: () => [...tallies].map(([endpoint, tally]) => ({ endpoint, ...tally })),
  };
}

/** Whether every row of this list could be read so far: what is not among its rows may be one that could not. */
export const isWholeList = (reader: Pick<RowReader, 'unreadable'>, endpoint: EndpointName): boolean =>
  reader.unreadable().every((list) => list.endpoint !== endpoint || list.left === 0);

interface RowResult<T> {
  readonly row: { readonly value: T } | null;
  readonly isWhole: boolean;
}

function readRow<T>(shape: z.ZodType<T>, row: unknown): RowResult<T> {
  const whole = shape.safeParse(row);
  if (whole.success) return { row: { value: whole.data }, isWhole: true };
  if (typeof row !== 'object' || row === null) return { row: null, isWhole: false };
  const odd = new Set(whole.error.issues.map(({ path }) => path[0]));
  const rest = shape.safeParse(Object.fromEntries(Object.entries(row).filter(([name]) => !odd.has(name))));
  return { row: rest.success ? { value: rest.data } : null, isWhole: false };
}
